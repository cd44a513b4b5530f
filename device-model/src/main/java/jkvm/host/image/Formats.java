package jkvm.host.image;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.luks.LuksDriver;
import jkvm.host.disk.qcow.QcowDriver;
import jkvm.host.disk.qcow2.Qcow2Driver;
import jkvm.host.disk.raw.RawDriver;
import jkvm.host.disk.vdi.VdiDriver;
import jkvm.host.disk.vhdx.VhdxDriver;
import jkvm.host.disk.vmdk.VmdkDriver;
import jkvm.host.disk.vpc.VpcDriver;

/** The formats that there are. */
final class Formats {
    static final List<FormatDriver> DRIVERS = List.of(new RawDriver(), new Qcow2Driver(), new VdiDriver(),
            new VpcDriver(), new VmdkDriver(), new VhdxDriver(), new QcowDriver(), new LuksDriver());

    private Formats() {
    }

    static Optional<FormatDriver> find(String name) {
        return DRIVERS.stream().filter(each -> each.format().text().equals(name)).findFirst();
    }

    static FormatDriver driver(ImageFormat format) {
        return find(format.text()).orElseThrow(() -> new IllegalArgumentException("no driver for " + format.text()));
    }

    /** The format that fits a file's content best; raw if no other does. */
    static ImageFormat probe(BlockFile file) throws IOException {
        ImageFormat best = ImageFormat.RAW;
        int sure = 0;
        for (FormatDriver each : DRIVERS) {
            int answer = each.probe(file);
            if (answer > sure) {
                best = each.format();
                sure = answer;
            }
        }
        return best;
    }

    /** @throws ImageException naming the first property that the format does not have */
    static void check(FormatDriver driver, Map<String, String> properties) throws ImageException {
        for (String name : properties.keySet()) {
            if (BackingChoice.isPart(name)) {
                BackingChoice.check(driver, properties);
            } else if (driver.openProperties().stream().noneMatch(each -> each.endsWith(".") ? name.startsWith(each)
                    : name.equals(each))) {
                throw new ImageException(Kind.INVALID_OPTION, "Block format '" + driver.format().text()
                        + "' does not support the option '" + name + "'");
            }
        }
    }
}

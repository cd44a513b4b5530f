package jkvm.host.disk.table;

import java.io.IOException;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.qcow.QcowDriver;
import jkvm.host.disk.qcow2.MemoryFile;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.host.disk.vdi.VdiDriver;
import jkvm.host.disk.vhdx.VhdxDriver;
import jkvm.host.disk.vmdk.VmdkDriver;
import jkvm.host.disk.vpc.VpcDriver;

/** Small images in memory of the formats whose disks are blocks. */
final class NewDisks {
    static final int SIZE = 5 << 20;
    /** What {@link #OVER_BASE} shows where nothing was written. */
    static final byte[] BASE = TestDisks.randomBytes(7, 3 << 20);
    /** The format of a qcow image with a backing image. */
    static final String OVER_BASE = "qcow over base";
    /** The one file beside the images. */
    private static final NamedFiles FILES = (name, format) -> name == null ? null : TestDisks.raw(BASE);
    private static final List<FormatDriver> DRIVERS = List.of(new VdiDriver(), new VpcDriver(), new VmdkDriver(),
            new VhdxDriver(), new QcowDriver());

    private NewDisks() {
    }

    static FormatDriver driver(String format) {
        return DRIVERS.stream().filter(each -> format.startsWith(each.format().text())).findFirst().orElseThrow();
    }

    /** A new image of {@link #SIZE} bytes, or a little more, with small blocks where the format has a choice. */
    static MemoryFile create(String format) throws IOException {
        MemoryFile file = new MemoryFile();
        CreateValues size = CreateValues.ofSize(SIZE);
        CreateValues values = switch (format) {
            case "vhdx" -> size.with("block_size", "1M");
            case OVER_BASE -> size.withBacking("base", ImageFormat.RAW);
            default -> size;
        };
        driver(format).create(file, values, FILES);
        return file;
    }

    static DiskImage open(String format, BlockFile file, boolean readOnly) throws IOException {
        return driver(format).open(file, ImageOptions.WRITABLE.withReadOnly(readOnly).withUnmap(true), FILES);
    }
}

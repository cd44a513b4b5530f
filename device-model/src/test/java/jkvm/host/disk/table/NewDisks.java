package jkvm.host.disk.table;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.qcow.QcowDriver;
import jkvm.host.disk.qcow2.MemoryFile;
import jkvm.host.disk.vdi.VdiDriver;
import jkvm.host.disk.vhdx.VhdxDriver;
import jkvm.host.disk.vmdk.VmdkDriver;
import jkvm.host.disk.vpc.VpcDriver;

/** Small images in memory of the formats whose disks are blocks. */
final class NewDisks {
    static final int SIZE = 5 << 20;
    /** No image here has other files. */
    static final NamedFiles NO_FILES = new NamedFiles() {
        @Override
        public DiskImage backing(String name, Optional<String> format) throws IOException {
            throw new IOException("there is no " + name);
        }
    };
    private static final List<FormatDriver> DRIVERS = List.of(new VdiDriver(), new VpcDriver(), new VmdkDriver(),
            new VhdxDriver(), new QcowDriver());

    private NewDisks() {
    }

    static FormatDriver driver(String format) {
        return DRIVERS.stream().filter(each -> each.format().text().equals(format)).findFirst().orElseThrow();
    }

    /** A new image of {@link #SIZE} bytes, or a little more, with small blocks where the format has a choice. */
    static MemoryFile create(String format) throws IOException {
        MemoryFile file = new MemoryFile();
        CreateValues values = CreateValues.ofSize(SIZE);
        driver(format).create(file, format.equals("vhdx") ? values.with("block_size", "1M") : values, NO_FILES);
        return file;
    }

    static DiskImage open(String format, BlockFile file, boolean readOnly) throws IOException {
        return driver(format).open(file, ImageOptions.WRITABLE.withReadOnly(readOnly).withUnmap(true), NO_FILES);
    }
}

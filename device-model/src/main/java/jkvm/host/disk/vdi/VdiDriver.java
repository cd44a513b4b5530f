package jkvm.host.disk.vdi;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.Repair;
import jkvm.host.disk.table.BlockDisk;

/** VirtualBox's format. */
public final class VdiDriver implements FormatDriver {
    @Override
    public ImageFormat format() {
        return ImageFormat.VDI;
    }

    @Override
    public int probe(BlockFile file) throws IOException {
        return VdiHeader.isVdi(file) ? SURE : 0;
    }

    @Override
    public DiskImage open(BlockFile file, ImageOptions options, NamedFiles files) throws IOException {
        if (options.snapshot().isPresent()) {
            throw new IOException("a vdi image has no snapshots");
        }
        VdiHeader header = VdiHeader.read(file);
        VdiTable table = new VdiTable(file, header, !options.readOnly());
        return new BlockDisk(file, table, null, ImageFormat.VDI, header.size(), options.readOnly(), options.unmap());
    }

    @Override
    public ImageInfo info(BlockFile file, NamedFiles files) throws IOException {
        VdiHeader header = VdiHeader.read(file);
        return ImageInfo.of(ImageFormat.VDI, header.size(), file.allocated()).withClusterSize(VdiHeader.BLOCK_SIZE);
    }

    @Override
    public List<CreateOption> createOptions() {
        return VdiCreator.OPTIONS;
    }

    @Override
    public void checkNew(CreateValues values) throws IOException {
        VdiCreator.header(values);
    }

    @Override
    public void create(BlockFile file, CreateValues values, NamedFiles files) throws IOException {
        VdiCreator.create(file, values);
    }

    @Override
    public Optional<CheckResult> check(BlockFile file, Repair repair, NamedFiles files, Consumer<String> lines)
            throws IOException {
        return repair == Repair.NOTHING ? Optional.of(VdiCheck.check(file, VdiHeader.read(file), lines))
                : Optional.empty();
    }
}

package jkvm.host.disk.vhdx;

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

/** Hyper-V's format. */
public final class VhdxDriver implements FormatDriver {
    @Override
    public ImageFormat format() {
        return ImageFormat.VHDX;
    }

    @Override
    public int probe(BlockFile file) throws IOException {
        return VhdxHeader.isVhdx(file) ? SURE : 0;
    }

    @Override
    public DiskImage open(BlockFile file, ImageOptions options, NamedFiles files) throws IOException {
        if (options.snapshot().isPresent()) {
            throw new IOException("a vhdx image has no snapshots");
        }
        VhdxHeader header = usable(file, !options.readOnly());
        VhdxLayout layout = VhdxLayout.read(file, header);
        VhdxTable table = new VhdxTable(file, header, layout);
        table.check(error -> {
            throw new IOException(error);
        });
        return new BlockDisk(file, table, null, ImageFormat.VHDX, layout.size(), options.readOnly(), options.unmap());
    }

    /** The current header, once the log has been replayed if there is one. */
    private static VhdxHeader usable(BlockFile file, boolean writable) throws IOException {
        VhdxHeader header = VhdxHeader.read(file);
        if (!header.hasLog()) {
            return header;
        }
        VhdxLayout.read(file, header);
        if (writable) {
            VhdxLog.replay(file, header);
            return header.update(file, false);
        }
        if (VhdxLog.isNeeded(file, header)) {
            throw new IOException("the image is opened read-only, but contains a log that needs to be replayed: run"
                    + " \"img check -r all\" on it, or open it for writing");
        }
        return header;
    }

    @Override
    public ImageInfo info(BlockFile file, NamedFiles files) throws IOException {
        VhdxLayout layout = VhdxLayout.read(file, usable(file, false));
        return ImageInfo.of(ImageFormat.VHDX, layout.size(), file.allocated()).withClusterSize(layout.blockSize());
    }

    @Override
    public List<CreateOption> createOptions() {
        return VhdxCreator.OPTIONS;
    }

    @Override
    public void checkNew(CreateValues values) throws IOException {
        VhdxCreator.of(values);
    }

    @Override
    public void create(BlockFile file, CreateValues values, NamedFiles files) throws IOException {
        VhdxCreator.of(values).create(file);
    }

    @Override
    public Optional<CheckResult> check(BlockFile file, Repair repair, NamedFiles files, Consumer<String> lines)
            throws IOException {
        VhdxHeader header = VhdxHeader.read(file);
        boolean replayed = repair != Repair.NOTHING && header.hasLog() && VhdxLog.isNeeded(file, header);
        header = usable(file, repair != Repair.NOTHING);
        int[] errors = {0};
        new VhdxTable(file, header, VhdxLayout.read(file, header)).check(error -> {
            errors[0]++;
            lines.accept(error);
        });
        return Optional.of(new CheckResult(errors[0], 0, 0, replayed ? 1 : 0, 0, 0, 0, 0, 0, 0));
    }
}

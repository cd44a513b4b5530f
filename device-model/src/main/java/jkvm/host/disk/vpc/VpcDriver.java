package jkvm.host.disk.vpc;

import java.io.IOException;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.raw.RawImage;
import jkvm.host.disk.table.BlockDisk;

/** Virtual PC's format. */
public final class VpcDriver implements FormatDriver {
    @Override
    public ImageFormat format() {
        return ImageFormat.VPC;
    }

    /** Fixed disks begin as the disk does: only their name or the user tells the format, as for QEMU. */
    @Override
    public int probe(BlockFile file) throws IOException {
        return VpcFooter.isDynamic(file) ? SURE : 0;
    }

    @Override
    public DiskImage open(BlockFile file, ImageOptions options, NamedFiles files) throws IOException {
        if (options.snapshot().isPresent()) {
            throw new IOException("a vpc image has no snapshots");
        }
        VpcFooter footer = VpcFooter.read(file);
        if (!footer.dynamic()) {
            return RawImage.part(file, ImageFormat.VPC, 0, footer.size(), options.readOnly(), options.unmap());
        }
        VpcTable table = new VpcTable(file, footer, VpcDynamicHeader.read(file, footer), !options.readOnly());
        return new BlockDisk(file, table, null, ImageFormat.VPC, footer.size(), options.readOnly(), options.unmap());
    }

    @Override
    public ImageInfo info(BlockFile file, NamedFiles files) throws IOException {
        VpcFooter footer = VpcFooter.read(file);
        ImageInfo info = ImageInfo.of(ImageFormat.VPC, footer.size(), file.allocated());
        return footer.dynamic() ? info.withClusterSize(VpcDynamicHeader.read(file, footer).blockSize()) : info;
    }

    @Override
    public List<CreateOption> createOptions() {
        return VpcCreator.OPTIONS;
    }

    @Override
    public void checkNew(CreateValues values) throws IOException {
        VpcCreator.footer(values);
    }

    @Override
    public void create(BlockFile file, CreateValues values, NamedFiles files) throws IOException {
        VpcCreator.create(file, VpcCreator.footer(values));
    }
}

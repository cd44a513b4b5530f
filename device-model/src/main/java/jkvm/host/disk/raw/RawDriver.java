package jkvm.host.disk.raw;

import java.io.IOException;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.NamedFiles;

/** Raw images: any file is one. */
public final class RawDriver implements FormatDriver {
    @Override
    public ImageFormat format() {
        return ImageFormat.RAW;
    }

    /** Less than any other format's answer for a file that fits it. */
    @Override
    public int probe(BlockFile file) {
        return 1;
    }

    @Override
    public DiskImage open(BlockFile file, ImageOptions options, NamedFiles files) throws IOException {
        if (options.snapshot().isPresent()) {
            throw new IOException("a raw image has no snapshots");
        }
        return new RawImage(file, options.readOnly(), options.unmap());
    }

    @Override
    public ImageInfo info(BlockFile file) throws IOException {
        long size = Bytes.roundUp(file.size(), DiskImage.SECTOR_SIZE);
        return new ImageInfo(ImageFormat.RAW, size, file.allocated(), null, null, null, null);
    }
}

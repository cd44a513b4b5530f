package jkvm.host.disk.raw;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageEditor;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.MeasuredSize;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.Preallocation;

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
    public ImageInfo info(BlockFile file, NamedFiles files) throws IOException {
        long size = Bytes.roundUp(file.size(), DiskImage.SECTOR_SIZE);
        return ImageInfo.of(ImageFormat.RAW, size, file.allocated());
    }

    @Override
    public List<CreateOption> createOptions() {
        return List.of(CreateOption.size(CreateOption.SIZE, "Virtual disk size"));
    }

    @Override
    public void checkNew(CreateValues values) throws IOException {
        if (Preallocation.of(values) == Preallocation.METADATA) {
            throw new ImageException(Kind.INVALID_OPTION, "Unsupported preallocation mode 'metadata'");
        }
    }

    /** A file of zeros; a block device keeps what it holds but its first sector. */
    @Override
    public void create(BlockFile file, CreateValues values, NamedFiles files) throws IOException {
        long size = Bytes.roundUp(values.size(), DiskImage.SECTOR_SIZE);
        Preallocation preallocation = Preallocation.of(values);
        if (file.hasFixedSize() && preallocation != Preallocation.OFF) {
            throw new ImageException(Kind.INVALID_OPTION, "Unsupported preallocation mode '" + preallocation.text()
                    + "': the size of " + file.name() + " is fixed");
        }
        file.truncate(size);
        preallocation.fill(file, 0, size);
        if (file.hasFixedSize()) {
            // It is no image of another kind any more.
            file.write(0, Bytes.allocate(DiskImage.SECTOR_SIZE));
        }
    }

    @Override
    public Optional<MeasuredSize> measure(CreateValues values, Optional<DiskImage> source) throws IOException {
        long size = Bytes.roundUp(values.size(), DiskImage.SECTOR_SIZE);
        return Optional.of(new MeasuredSize(size, size, OptionalLong.empty()));
    }

    @Override
    public ImageEditor editor(BlockFile file, NamedFiles files) {
        return new ImageEditor() {
            @Override
            public void resize(long size, Preallocation preallocation) throws IOException {
                if (preallocation == Preallocation.METADATA) {
                    throw new ImageException(Kind.INVALID_OPTION, "Unsupported preallocation mode: metadata");
                }
                long old = file.size();
                file.truncate(size);
                preallocation.fill(file, old, Math.max(0, size - old));
                file.flush();
            }
        };
    }
}

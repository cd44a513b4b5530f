package jkvm.host.disk.raw;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
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
    private static final String OFFSET = "offset", SIZE = "size";

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
        Part part = part(file, options.properties());
        return RawImage.part(file, ImageFormat.RAW, part.offset, part.size, options.readOnly(), options.unmap());
    }

    @Override
    public Set<String> openProperties() {
        return Set.of(OFFSET, SIZE);
    }

    /** The part of a file that is the disk; a size of whole sectors. */
    private record Part(long offset, long size) {
    }

    private static Part part(BlockFile file, Map<String, String> properties) throws IOException {
        long length = file.size();
        long offset = bytes(properties, OFFSET, 0);
        long size = bytes(properties, SIZE, length - offset);
        if (offset > length) {
            throw invalid("Offset (" + offset + ") cannot be greater than size of the containing file (" + length
                    + ")");
        }
        if (size > length - offset) {
            throw invalid("The sum of offset (" + offset + ") and size (" + size + ") has to be smaller or equal to the"
                    + " actual size of the containing file (" + length + ")");
        }
        if (properties.containsKey(SIZE) && size % DiskImage.SECTOR_SIZE != 0) {
            throw invalid("Specified size is not multiple of " + DiskImage.SECTOR_SIZE);
        }
        return new Part(offset, Bytes.roundUp(size, DiskImage.SECTOR_SIZE));
    }

    private static long bytes(Map<String, String> properties, String name, long absent) throws IOException {
        String text = properties.get(name);
        return text == null ? absent : CreateValues.none().with(name, text).bytes(name).getAsLong();
    }

    private static ImageException invalid(String reason) {
        return new ImageException(Kind.INVALID_OPTION, reason);
    }

    @Override
    public ImageInfo info(BlockFile file, NamedFiles files) throws IOException {
        return info(file, files, Map.of());
    }

    @Override
    public ImageInfo info(BlockFile file, NamedFiles files, Map<String, String> properties) throws IOException {
        return ImageInfo.of(ImageFormat.RAW, part(file, properties).size, file.allocated());
    }

    @Override
    public List<CreateOption> createOptions() {
        return List.of(CreateOption.size(CreateOption.SIZE, "Virtual disk size"));
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
                    throw invalid("Unsupported preallocation mode: metadata");
                }
                long old = file.size();
                file.truncate(size);
                preallocation.fill(file, old, Math.max(0, size - old));
                file.flush();
            }
        };
    }
}

package jkvm.app.img;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;

/** The disks that are copied, one after the other as one. For one thread. */
final class CopySource {
    /** The content of a stretch. */
    enum Kind {
        DATA,
        ZEROS,
        /** The target's backing image shows it already. */
        BACKING
    }

    /** The most that is asked about at once. */
    private static final long MOST = Integer.MAX_VALUE & -DiskImage.SECTOR_SIZE;

    private final List<DiskImage> images;
    private final long[] starts;
    private final boolean overBacking;
    private final long backing;
    private final Consumer<String> salvage;
    private final long size;
    private Kind kind;
    private long start;
    private long end;

    /**
     * @param overBacking whether the target has a backing image that shows the same as the source's
     * @param backing     the size of that image; -1 if it is not known
     * @param salvage     what cannot be read is taken for zeros, and told here; null makes it an error
     */
    CopySource(List<DiskImage> images, boolean overBacking, long backing, Consumer<String> salvage) {
        this.images = images;
        this.overBacking = overBacking;
        this.backing = backing;
        this.salvage = salvage;
        this.starts = new long[images.size()];
        long sum = 0;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = sum;
            sum = Math.addExact(sum, images.get(i).capacity());
        }
        this.size = sum;
    }

    /** All of them together, in bytes. */
    long size() {
        return size;
    }

    /** What the last call of {@link #find} found. */
    Kind kind() {
        return kind;
    }

    private int imageAt(long at) {
        int i = starts.length - 1;
        while (starts[i] > at) {
            i--;
        }
        return i;
    }

    /**
     * Finds what is at a place.
     *
     * @return how far it reaches, in bytes
     */
    long find(long at) throws IOException {
        if (at >= start && at < end) {
            return end - at;
        }
        int i = imageAt(at);
        DiskImage image = images.get(i);
        long offset = at - starts[i];
        long limit = Math.min(MOST, image.capacity() - offset);
        boolean pastBacking = backing >= 0 && at >= backing;
        if (backing > at) {
            limit = Math.min(limit, backing - at);
        }
        BlockStatus status = status(image, offset, limit);
        kind = status.zero() ? pastBacking ? Kind.BACKING : Kind.ZEROS
                : status.data() || !overBacking ? Kind.DATA : Kind.BACKING;
        long length = status.length();
        long tail = (offset + length) % unit(image);
        start = at;
        end = at + (length > tail ? length - tail : length);
        return end - at;
    }

    /** A stretch that ends between two of these would make the reader read a block of the image twice. */
    private static int unit(DiskImage image) {
        return image.format() == ImageFormat.RAW ? DiskImage.SECTOR_SIZE : image.blockSize();
    }

    private BlockStatus status(DiskImage image, long offset, long limit) throws IOException {
        long length = limit;
        while (true) {
            try {
                return overBacking ? image.status(offset, length) : BlockStatus.inChain(image, offset, length);
            } catch (IOException e) {
                if (salvage == null) {
                    throw e;
                }
                if (length <= DiskImage.SECTOR_SIZE) {
                    salvage.accept("error while reading block status at offset " + offset + ": " + e.getMessage());
                    return BlockStatus.data(length);
                }
                length = Math.max(DiskImage.SECTOR_SIZE, length / 4 & -DiskImage.SECTOR_SIZE);
            }
        }
    }

    /** Reads what may lie in several of the disks. */
    void read(long from, MemorySegment to, long length) throws IOException {
        for (long done = 0; done < length; ) {
            int i = imageAt(from + done);
            long offset = from + done - starts[i];
            long part = Math.min(length - done, images.get(i).capacity() - offset);
            read(images.get(i), offset, to, done, part);
            done += part;
        }
    }

    private void read(DiskImage image, long offset, MemorySegment to, long at, long length) throws IOException {
        try {
            image.read(offset, to, at, length);
        } catch (IOException e) {
            if (salvage == null) {
                throw e;
            }
            if (length <= DiskImage.SECTOR_SIZE) {
                salvage.accept("error while reading offset " + offset + ": " + e.getMessage());
                to.asSlice(at, length).fill((byte) 0);
                return;
            }
            long part = Math.max(DiskImage.SECTOR_SIZE, length / 4 & -DiskImage.SECTOR_SIZE);
            for (long done = 0; done < length; done += part) {
                read(image, offset + done, to, at + done, Math.min(part, length - done));
            }
        }
    }
}

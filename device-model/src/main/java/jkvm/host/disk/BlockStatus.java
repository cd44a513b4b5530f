package jkvm.host.disk;

import java.io.IOException;

/**
 * How a stretch of a disk is stored, as {@code qemu-img map} tells it.
 *
 * @param length    in bytes, at least one
 * @param depth     in which image of the chain it is: 0 for the one asked, 1 for its backing image and so on
 * @param allocated whether that image decides about the content; otherwise its backing image does, or it is zeros where
 *                  there is none
 * @param data      whether bytes are stored for it, which may be zeros too
 * @param zero      whether it is known to be zeros
 * @param offset    where the bytes are in {@code file}; {@link #NOWHERE} if they are not stored as they are
 * @param file      the file's name; null if there is no offset
 */
public record BlockStatus(long length, int depth, boolean allocated, boolean data, boolean zero, long offset,
        String file) {
    /** The offset of content that is unallocated, compressed or encrypted. */
    public static final long NOWHERE = -1;

    /** Content that the image leaves to its backing image. */
    public static BlockStatus unallocated(long length, boolean zero) {
        return new BlockStatus(length, 0, false, false, zero, NOWHERE, null);
    }

    /** Data that is not stored as it is, or whose place is not known. */
    public static BlockStatus data(long length) {
        return new BlockStatus(length, 0, true, true, false, NOWHERE, null);
    }

    /** Data at a place in a file. */
    public static BlockStatus data(long length, long offset, String file) {
        return new BlockStatus(length, 0, true, true, false, offset, file);
    }

    /** Zeros that the image knows of without bytes. */
    public static BlockStatus zeros(long length) {
        return new BlockStatus(length, 0, true, false, true, NOWHERE, null);
    }

    /** Zeros without bytes, for which there is a place in a file. */
    public static BlockStatus zeros(long length, long offset, String file) {
        return new BlockStatus(length, 0, true, false, true, offset, file);
    }

    /** The same for a stretch of this length. */
    public BlockStatus withLength(long value) {
        return new BlockStatus(value, depth, allocated, data, zero, offset, file);
    }

    /** Whether the stretch after this one is stored as this one is, in the same file right after it. */
    public boolean continuesWith(BlockStatus next) {
        return depth == next.depth && allocated == next.allocated && data == next.data && zero == next.zero
                && (offset < 0 ? next.offset < 0 : offset + length == next.offset && file.equals(next.file));
    }

    private BlockStatus atDepth(int value) {
        return new BlockStatus(length, value, allocated, data, zero, offset, file);
    }

    /** The status of the bytes from {@code offset} on in the first image of a chain that decides about them. */
    public static BlockStatus inChain(DiskImage image, long offset, long length) throws IOException {
        BlockStatus status = image.status(offset, length);
        DiskImage each = image.backing();
        for (int depth = 1; !status.data && !status.zero && each != null; depth++) {
            status = each.status(offset, Math.min(status.length, each.capacity() - offset)).atDepth(depth);
            each = each.backing();
        }
        return status;
    }
}

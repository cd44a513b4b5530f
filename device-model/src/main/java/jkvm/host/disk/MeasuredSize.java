package jkvm.host.disk;

import java.util.OptionalLong;

/**
 * How large the file of a new image will be, in bytes.
 *
 * @param required       when it holds a copy of an image, or is empty
 * @param fullyAllocated when all of the disk is written
 * @param bitmaps        for the source's persistent bitmaps, if both can hold such
 */
public record MeasuredSize(long required, long fullyAllocated, OptionalLong bitmaps) {
    /** The same with so many bytes more for what is there from the start. */
    public MeasuredSize plus(long bytes) {
        return new MeasuredSize(required + bytes, fullyAllocated + bytes, bitmaps);
    }
}

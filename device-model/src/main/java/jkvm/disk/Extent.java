package jkvm.disk;

/**
 * A stretch of an image.
 *
 * @param length in bytes, at least one
 * @param kind   how all of it is stored
 */
public record Extent(long length, Kind kind) {
    /** How a stretch is stored. */
    public enum Kind {
        /** Bytes, which may be zeros. */
        DATA,
        /** Known to be zeros. */
        ZERO,
        /** Not in this image's own file: the backing file's bytes, or zeros if there is none. */
        UNALLOCATED
    }
}

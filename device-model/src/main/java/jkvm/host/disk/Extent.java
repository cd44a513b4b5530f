package jkvm.host.disk;

/**
 * A stretch of a disk or file.
 *
 * @param length in bytes, at least one
 * @param zero   whether all of it is known to be zeros; otherwise it is bytes, which may be zeros too
 */
public record Extent(long length, boolean zero) {
}

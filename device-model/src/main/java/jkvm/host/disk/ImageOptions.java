package jkvm.host.disk;

import java.util.Optional;

/**
 * How to open an image.
 *
 * @param format    the format; empty takes it from the file's suffix, and for a read-only image else from its content
 * @param readOnly  whether writes are refused; the file is opened read-only too
 * @param cache     how the host's page cache is used
 * @param unmap     whether discards give space back; otherwise they do nothing
 * @param temporary whether writes go to a temporary file that disappears with the image, QEMU's {@code snapshot=on}
 * @param snapshot  the id or name of an internal snapshot to read in the place of the current state
 * @param locked    whether the file is locked against other users; false reads an image that is in use
 */
public record ImageOptions(Optional<ImageFormat> format, boolean readOnly, CacheMode cache, boolean unmap,
        boolean temporary, Optional<String> snapshot, boolean locked) {

    /** Writable, format by suffix, write-back, discards ignored. */
    public static final ImageOptions WRITABLE = new ImageOptions(Optional.empty(), false, CacheMode.WRITEBACK, false,
            false, Optional.empty(), true);

    /** As {@link #WRITABLE}, but read-only. */
    public static final ImageOptions READ_ONLY = WRITABLE.withReadOnly(true);

    public ImageOptions withFormat(ImageFormat value) {
        return new ImageOptions(Optional.of(value), readOnly, cache, unmap, temporary, snapshot, locked);
    }

    public ImageOptions withReadOnly(boolean value) {
        return new ImageOptions(format, value, cache, unmap, temporary, snapshot, locked);
    }

    public ImageOptions withCache(CacheMode value) {
        return new ImageOptions(format, readOnly, value, unmap, temporary, snapshot, locked);
    }

    public ImageOptions withUnmap(boolean value) {
        return new ImageOptions(format, readOnly, cache, value, temporary, snapshot, locked);
    }

    public ImageOptions withTemporary(boolean value) {
        return new ImageOptions(format, readOnly, cache, unmap, value, snapshot, locked);
    }

    public ImageOptions withSnapshot(String idOrName) {
        return new ImageOptions(format, readOnly, cache, unmap, temporary, Optional.of(idOrName), locked);
    }

    public ImageOptions withLocked(boolean value) {
        return new ImageOptions(format, readOnly, cache, unmap, temporary, snapshot, value);
    }
}

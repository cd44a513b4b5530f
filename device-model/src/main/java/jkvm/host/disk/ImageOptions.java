package jkvm.host.disk;

import java.util.Map;
import java.util.Optional;

/**
 * How to open an image.
 *
 * @param format     the format; empty takes it from the image's content
 * @param readOnly   whether writes are refused; the file is opened read-only too
 * @param cache      how the host's page cache is used
 * @param unmap      whether discards give space back; otherwise they do nothing
 * @param temporary  whether writes go to a temporary file that disappears with the image, QEMU's {@code snapshot=on}
 * @param snapshot   an internal snapshot to read in the place of the current state
 * @param locked     whether the file is locked against other users; false reads an image that is in use
 * @param properties the format's own settings under QEMU's names, such as {@code encrypt.key-secret}
 */
public record ImageOptions(Optional<ImageFormat> format, boolean readOnly, CacheMode cache, boolean unmap,
        boolean temporary, Optional<SnapshotChoice> snapshot, boolean locked, Map<String, String> properties) {

    /** Writable, format by content, write-back, discards ignored. */
    public static final ImageOptions WRITABLE = new ImageOptions(Optional.empty(), false, CacheMode.WRITEBACK, false,
            false, Optional.empty(), true, Map.of());

    /** As {@link #WRITABLE}, but read-only. */
    public static final ImageOptions READ_ONLY = WRITABLE.withReadOnly(true);

    public ImageOptions {
        properties = Map.copyOf(properties);
    }

    public ImageOptions withFormat(ImageFormat value) {
        return withFormat(Optional.of(value));
    }

    public ImageOptions withFormat(Optional<ImageFormat> value) {
        return new ImageOptions(value, readOnly, cache, unmap, temporary, snapshot, locked, properties);
    }

    public ImageOptions withReadOnly(boolean value) {
        return new ImageOptions(format, value, cache, unmap, temporary, snapshot, locked, properties);
    }

    public ImageOptions withCache(CacheMode value) {
        return new ImageOptions(format, readOnly, value, unmap, temporary, snapshot, locked, properties);
    }

    public ImageOptions withUnmap(boolean value) {
        return new ImageOptions(format, readOnly, cache, value, temporary, snapshot, locked, properties);
    }

    public ImageOptions withTemporary(boolean value) {
        return new ImageOptions(format, readOnly, cache, unmap, value, snapshot, locked, properties);
    }

    public ImageOptions withSnapshot(SnapshotChoice value) {
        return new ImageOptions(format, readOnly, cache, unmap, temporary, Optional.of(value), locked, properties);
    }

    public ImageOptions withLocked(boolean value) {
        return new ImageOptions(format, readOnly, cache, unmap, temporary, snapshot, value, properties);
    }

    public ImageOptions withProperties(Map<String, String> value) {
        return new ImageOptions(format, readOnly, cache, unmap, temporary, snapshot, locked, value);
    }
}

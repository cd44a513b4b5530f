package jkvm.host.disk;

import java.io.IOException;
import java.util.Objects;

/** A disk that a file keeps: says what it is, and refuses what it does not permit. */
public abstract class FileImage implements DiskImage {
    private final BlockFile file;
    private final ImageFormat format;
    private final long capacity;
    private final boolean readOnly;

    /**
     * @param file     closed with the image
     * @param capacity in bytes; whole sectors of it are used
     */
    protected FileImage(BlockFile file, ImageFormat format, long capacity, boolean readOnly) {
        this.file = file;
        this.format = format;
        this.capacity = capacity & -SECTOR_SIZE;
        this.readOnly = readOnly;
    }

    protected final BlockFile file() {
        return file;
    }

    @Override
    public final long capacity() {
        return capacity;
    }

    @Override
    public final ImageFormat format() {
        return format;
    }

    @Override
    public final boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public final String name() {
        return file.name();
    }

    /** Refuses a range that the disk does not have. */
    protected final void checkRange(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, capacity);
    }

    /** Refuses to change a range that the disk does not have, or any of a read-only image. */
    protected final void checkChange(long offset, long length) {
        if (readOnly) {
            throw new IllegalStateException(name() + " is read-only");
        }
        checkRange(offset, length);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

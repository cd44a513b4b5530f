package jkvm.host.disk;

import java.io.IOException;
import java.util.Locale;

/** How much room a new image takes at once. */
public enum Preallocation {
    /** None. */
    OFF,
    /** The format's tables, with a place for each block. */
    METADATA,
    /** The whole file, as the host's file system takes room without writing. */
    FALLOC,
    /** The whole file, written. */
    FULL;

    /** QEMU's name. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads the value of {@link CreateOption#PREALLOCATION}; off where there is none.
     *
     * @throws ImageException if it is no such word
     */
    public static Preallocation of(CreateValues values) throws IOException {
        String text = values.text(CreateOption.PREALLOCATION).orElse(OFF.text());
        for (Preallocation each : values()) {
            if (each.text().equals(text)) {
                return each;
            }
        }
        throw new ImageException(DiskException.Kind.INVALID_OPTION,
                "Parameter 'preallocation' does not accept value '" + text + "'");
    }

    /** Takes room for a range of zeros, which the file has not used yet. */
    public void fill(BlockFile file, long position, long length) throws IOException {
        if (length > 0 && (this == FULL || this == FALLOC && !file.reserve(position, length))) {
            file.writeZeros(position, length);
        }
    }
}

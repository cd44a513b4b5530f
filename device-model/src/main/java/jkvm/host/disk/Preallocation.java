package jkvm.host.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import jkvm.linux.Fd;

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

    private static final int CHUNK = 2 << 20;

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
        if (length == 0 || this == OFF || this == METADATA || this == FALLOC && file.reserve(position, length)) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = arena.allocate(Math.min(CHUNK, length), Fd.DIRECT_ALIGNMENT);
            for (long done = 0; done < length; done += zeros.byteSize()) {
                file.write(position + done, zeros, 0, Math.min(zeros.byteSize(), length - done));
            }
        }
    }
}

package jkvm.host.disk;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How an image uses the host's page cache: QEMU's {@code cache=}. */
public enum CacheMode {
    /** Through the page cache; a flush saves. */
    WRITEBACK,
    /** Through the page cache; the disk's device flushes after each write, unless its driver turns that off. */
    WRITETHROUGH,
    /** Through the page cache; a flush saves nothing: for images that are thrown away. */
    UNSAFE,
    /** Past the page cache (O_DIRECT); a flush saves. */
    NONE,
    /** Past the page cache, and the disk's device flushes as with {@link #WRITETHROUGH}. */
    DIRECTSYNC;

    /** True past the host's page cache. */
    public boolean isDirect() {
        return this == NONE || this == DIRECTSYNC;
    }

    /** True if the disk's device flushes after each write unless its driver turns that off. */
    public boolean writesThrough() {
        return this == WRITETHROUGH || this == DIRECTSYNC;
    }

    /** The mode with QEMU's name {@code text}, or its old name. */
    public static Optional<CacheMode> of(String text) {
        if (text.equals("off")) {
            return Optional.of(NONE);
        }
        return Arrays.stream(values()).filter(each -> each.text().equals(text)).findFirst();
    }

    /** QEMU's name for it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}

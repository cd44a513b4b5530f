package jkvm.boot;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The header of a multiboot image (Multiboot Specification 0.6.96, section 3.1).
 *
 * @param offset where in the file it was found
 * @param flags  what the image wants
 * @param fields the five address fields in their order; without meaning unless {@link #hasAddresses()}
 */
record MultibootHeader(int offset, int flags, Addresses fields) {
    private static final int MAGIC = 0x1BADB002;
    private static final int SEARCHED = 8192;
    private static final int SHORTEST = 12;
    /** The longest header. One that begins less than this before the end of what is searched is not found. */
    private static final int LONGEST = 48;
    private static final int WITH_ADDRESSES = 32;
    private static final int HAS_ADDRESSES = 1 << 16;

    /** Physical addresses, unsigned 32-bit. */
    record Addresses(long header, long load, long loadEnd, long bssEnd, long entry) { }

    /** Looks for a header in the first 8 KiB, as QEMU does. */
    static Optional<MultibootHeader> find(BootFile file) {
        ByteBuffer bytes = file.read(0, (int) Math.min(SEARCHED, file.size()));
        for (int at = 0; at < SEARCHED - LONGEST && at + SHORTEST <= bytes.limit(); at += Integer.BYTES) {
            if (isValid(bytes, at)) {
                return Optional.of(new MultibootHeader(at, bytes.getInt(at + 4), addresses(file, bytes, at)));
            }
        }
        return Optional.empty();
    }

    private static boolean isValid(ByteBuffer bytes, int at) {
        return bytes.getInt(at) == MAGIC && bytes.getInt(at) + bytes.getInt(at + 4) + bytes.getInt(at + 8) == 0;
    }

    private static Addresses addresses(BootFile file, ByteBuffer bytes, int at) {
        if ((bytes.getInt(at + 4) & HAS_ADDRESSES) == 0) {
            return new Addresses(0, 0, 0, 0, 0);
        }
        if (at + WITH_ADDRESSES > bytes.limit()) {
            throw file.error("is truncated in its multiboot header");
        }
        return new Addresses(word(bytes, at + 12), word(bytes, at + 16), word(bytes, at + 20), word(bytes, at + 24),
                word(bytes, at + 28));
    }

    private static long word(ByteBuffer bytes, int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }

    /** True where the header itself says what to load; else the file is an ELF file. */
    boolean hasAddresses() {
        return (flags & HAS_ADDRESSES) != 0;
    }
}

package jkvm.boot;

import java.nio.ByteBuffer;

/**
 * Finds what was meant as a multiboot header in a file that has none that counts: started as a plain ELF file such a
 * kernel would look for a loader's information and find none.
 */
final class BrokenMultiboot {
    private static final int MAGIC = 0x1BADB002;
    private static final int MAGIC_2 = 0xE85250D6;
    /** Multiboot 2 looks so far (Multiboot2 Specification 2.0, section 3.1.1). */
    private static final int SEARCHED = 32768;
    private static final int SEARCHED_BY_MULTIBOOT = 8192;

    private BrokenMultiboot() {
    }

    /**
     * Looks for the header.
     *
     * @return what is wrong with it, or null if there is none
     */
    static String problem(BootFile file) {
        ByteBuffer bytes = file.read(0, (int) Math.min(SEARCHED, file.size()));
        for (int at = 0; at + 3 * Integer.BYTES <= bytes.limit(); at++) {
            int magic = bytes.getInt(at);
            if (magic == MAGIC_2 && sum(bytes, at, 4) == 0) {
                return "is a multiboot 2 image; give it a multiboot 1 header too";
            }
            if (magic == MAGIC) {
                String problem = problem(bytes, at);
                if (problem != null) {
                    return "has a multiboot header at byte %d that %s".formatted(at, problem);
                }
            }
        }
        return null;
    }

    private static String problem(ByteBuffer bytes, int at) {
        boolean isAligned = at % Integer.BYTES == 0;
        if (sum(bytes, at, 3) != 0) {
            return isAligned && at < SEARCHED_BY_MULTIBOOT ? "has a wrong checksum" : null;
        }
        return isAligned ? "is too far from the file's start: it must end in the first 8 KiB, 48 bytes counted for it"
                : "is not aligned to 4 bytes";
    }

    private static int sum(ByteBuffer bytes, int at, int words) {
        int sum = 0;
        for (int i = 0; i < words && at + (i + 1) * Integer.BYTES <= bytes.limit(); i++) {
            sum += bytes.getInt(at + i * Integer.BYTES);
        }
        return sum;
    }
}

package jkvm.soft.fpu;

/**
 * Packed integers moved among lanes, 64 bits at a time: packs, interleaving, shuffles, masks and single words. See
 * {@link PackedInteger} for the conventions.
 *
 * <p>Packs give the lower half of an XMM register from the destination's two halves, and the upper half from the
 * source's two. Of PUNPCKL the low one is for the lower half and the high one for the upper half, both from the lower
 * halves; of PUNPCKH both from the upper halves.
 */
public final class PackedShuffle {
    private PackedShuffle() {
    }

    /** Signed words to signed bytes. */
    public static long packsswb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            result |= (Math.clamp((short) (a >>> i), -128, 127) & 0xFFL) << i / 2;
            result |= (Math.clamp((short) (b >>> i), -128, 127) & 0xFFL) << i / 2 + 32;
        }
        return result;
    }

    /** Signed words to unsigned bytes. */
    public static long packuswb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            result |= (Math.clamp((short) (a >>> i), 0, 255) & 0xFFL) << i / 2;
            result |= (Math.clamp((short) (b >>> i), 0, 255) & 0xFFL) << i / 2 + 32;
        }
        return result;
    }

    /** Signed double words to signed words. */
    public static long packssdw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            result |= (Math.clamp((int) (a >>> i), -32768, 32767) & 0xFFFFL) << i / 2;
            result |= (Math.clamp((int) (b >>> i), -32768, 32767) & 0xFFFFL) << i / 2 + 32;
        }
        return result;
    }

    /** Signed double words to unsigned words. */
    public static long packusdw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            result |= (Math.clamp((int) (a >>> i), 0, 65535) & 0xFFFFL) << i / 2;
            result |= (Math.clamp((int) (b >>> i), 0, 65535) & 0xFFFFL) << i / 2 + 32;
        }
        return result;
    }

    /** Interleaves the lower four bytes. */
    public static long punpcklbw(long a, long b) {
        return spreadBytes(a) | spreadBytes(b) << 8;
    }

    /** Interleaves the upper four bytes. */
    public static long punpckhbw(long a, long b) {
        return punpcklbw(a >>> 32, b >>> 32);
    }

    private static long spreadBytes(long value) {
        long words = value & 0xFFFF | (value & 0xFFFF0000L) << 16;
        return words & 0x000000FF000000FFL | (words & 0x0000FF000000FF00L) << 8;
    }

    /** Interleaves the lower two words. */
    public static long punpcklwd(long a, long b) {
        return a & 0xFFFF | (b & 0xFFFF) << 16 | (a & 0xFFFF0000L) << 16 | (b & 0xFFFF0000L) << 32;
    }

    /** Interleaves the upper two words. */
    public static long punpckhwd(long a, long b) {
        return punpcklwd(a >>> 32, b >>> 32);
    }

    /** Joins the lower double words. */
    public static long punpckldq(long a, long b) {
        return a & 0xFFFFFFFFL | b << 32;
    }

    /** Joins the upper double words. */
    public static long punpckhdq(long a, long b) {
        return a >>> 32 | b & 0xFFFFFFFF00000000L;
    }

    /** PSHUFW, and one half of PSHUFLW and PSHUFHW: two bits of {@code order} choose each word. */
    public static long pshufw(long value, int order) {
        long result = 0;
        for (int i = 0; i < 4; i++) {
            result |= (value >>> (order >> 2 * i & 3) * 16 & 0xFFFF) << 16 * i;
        }
        return result;
    }

    /** SSSE3's byte shuffle of an MMX register; an index with bit 7 set gives zero. */
    public static long pshufb(long value, long indexes) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int index = (int) (indexes >>> i);
            if ((index & 0x80) == 0) {
                result |= (value >>> (index & 7) * 8 & 0xFF) << i;
            }
        }
        return result;
    }

    /** SSSE3's PALIGNR of an MMX register: eight bytes of {@code a:b} from byte {@code shift} on. */
    public static long palignr(long a, long b, int shift) {
        if (shift < 8) {
            return shift == 0 ? b : b >>> 8 * shift | a << 64 - 8 * shift;
        }
        return shift < 16 ? a >>> 8 * (shift - 8) : 0;
    }

    /** The sign bits of the bytes, in bits 0 to 7. */
    public static int pmovmskb(long value) {
        return (int) ((value & PackedInteger.TOP_8) * 0x0002040810204081L >>> 56);
    }

    /** PINSRW into one half: {@code lane} 0 to 3. */
    public static long insertWord(long value, int word, int lane) {
        return value & ~(0xFFFFL << 16 * lane) | (word & 0xFFFFL) << 16 * lane;
    }
}

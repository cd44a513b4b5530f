package jkvm.soft.fpu;

/**
 * The rounds of AES on a 128-bit state (FIPS 197; SDM volume 1, 12.13). Byte 0 is the lowest of the low half. Each
 * method leaves its result in the unit's low and high.
 */
public final class Aes {
    private static final byte[] SUBSTITUTION = new byte[256], INVERSE = new byte[256];

    static {
        // Walks the field's multiplicative group: p by 3, q by its inverse, so that q = 1 / p.
        int p = 1;
        int q = 1;
        do {
            p = p ^ multiplyByX(p);
            q ^= q << 1;
            q ^= q << 2;
            q ^= q << 4;
            q &= 0xFF;
            if ((q & 0x80) != 0) {
                q ^= 0x09;
            }
            int s = q ^ rotate(q, 1) ^ rotate(q, 2) ^ rotate(q, 3) ^ rotate(q, 4) ^ 0x63;
            SUBSTITUTION[p] = (byte) s;
            INVERSE[s] = (byte) p;
        } while (p != 1);
        SUBSTITUTION[0] = 0x63;
        INVERSE[0x63] = 0;
    }

    private Aes() {
    }

    private static int rotate(int value, int count) {
        return (value << count | value >>> 8 - count) & 0xFF;
    }

    private static int multiplyByX(int value) {
        return (value << 1 ^ ((value & 0x80) != 0 ? 0x1B : 0)) & 0xFF;
    }

    /**
     * One round of encryption.
     *
     * @param last the last round does not mix columns
     */
    public static void encrypt(SimdUnit unit, long low, long high, long keyLow, long keyHigh, boolean last) {
        long a = 0;
        long b = 0;
        for (int i = 0; i < 8; i++) {
            // Row r of column c comes from column c + r.
            a |= (SUBSTITUTION[byteOf(low, high, i + 4 * (i & 3))] & 0xFFL) << 8 * i;
            b |= (SUBSTITUTION[byteOf(low, high, i + 8 + 4 * (i & 3))] & 0xFFL) << 8 * i;
        }
        unit.low = (last ? a : mixColumns(a)) ^ keyLow;
        unit.high = (last ? b : mixColumns(b)) ^ keyHigh;
    }

    /** One round of the equivalent inverse cipher. */
    public static void decrypt(SimdUnit unit, long low, long high, long keyLow, long keyHigh, boolean last) {
        long a = 0;
        long b = 0;
        for (int i = 0; i < 8; i++) {
            a |= (INVERSE[byteOf(low, high, i - 4 * (i & 3))] & 0xFFL) << 8 * i;
            b |= (INVERSE[byteOf(low, high, i + 8 - 4 * (i & 3))] & 0xFFL) << 8 * i;
        }
        unit.low = (last ? a : inverseMixColumns(a)) ^ keyLow;
        unit.high = (last ? b : inverseMixColumns(b)) ^ keyHigh;
    }

    private static int byteOf(long low, long high, int index) {
        int i = index & 15;
        return (int) ((i < 8 ? low : high) >>> 8 * (i & 7)) & 0xFF;
    }

    /** MixColumns on two columns: 2a + 3b + c + d for each byte and its three successors in the column. */
    static long mixColumns(long columns) {
        long next = rotateColumns(columns, 8);
        return doubled(columns ^ next) ^ next ^ rotateColumns(columns, 16) ^ rotateColumns(columns, 24);
    }

    /** AESIMC, on two columns. */
    public static long inverseMixColumns(long columns) {
        // The inverse matrix is the forward one times a matrix of 5s and 4s.
        long twice = doubled(doubled(columns ^ rotateColumns(columns, 16)));
        return mixColumns(columns ^ twice);
    }

    private static long doubled(long bytes) {
        long carries = bytes >>> 7 & 0x0101010101010101L;
        return (bytes & 0x7F7F7F7F7F7F7F7FL) << 1 ^ carries * 0x1B;
    }

    /** Rotates both 32-bit columns right. */
    private static long rotateColumns(long columns, int count) {
        long low = Integer.rotateRight((int) columns, count) & 0xFFFFFFFFL;
        return low | (long) Integer.rotateRight((int) (columns >>> 32), count) << 32;
    }

    /** AESKEYGENASSIST. */
    public static void assistKeyGeneration(SimdUnit unit, long low, long high, int constant) {
        unit.low = generated((int) (low >>> 32), constant);
        unit.high = generated((int) (high >>> 32), constant);
    }

    private static long generated(int word, int constant) {
        int s = 0;
        for (int i = 0; i < 32; i += 8) {
            s |= (SUBSTITUTION[word >>> i & 0xFF] & 0xFF) << i;
        }
        return s & 0xFFFFFFFFL | (long) (Integer.rotateRight(s, 8) ^ constant) << 32;
    }
}

package jkvm.soft.fpu;

/**
 * Products and sums of products of packed integers, 64 bits at a time: see {@link PackedInteger} for the conventions.
 */
public final class PackedMultiply {
    private PackedMultiply() {
    }

    public static long pmullw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            int product = x * y;
            result |= (product & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pmulhw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((long) (x * y >> 16) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pmulhuw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (int) (a >>> i) & 0xFFFF;
            int y = (int) (b >>> i) & 0xFFFF;
            result |= ((long) (x * y >>> 16) & 0xFFFFL) << i;
        }
        return result;
    }

    /** SSSE3: the product of two fractions of 15 bits, rounded. */
    public static long pmulhrsw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((long) ((x * y >> 14) + 1 >> 1) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pmulld(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            int x = (int) (a >>> i);
            int y = (int) (b >>> i);
            int product = x * y;
            result |= (product & 0xFFFFFFFFL) << i;
        }
        return result;
    }

    /** The unsigned product of the lower lanes of 32 bits. */
    public static long pmuludq(long a, long b) {
        return (a & 0xFFFFFFFFL) * (b & 0xFFFFFFFFL);
    }

    /** The signed product of the lower lanes of 32 bits. */
    public static long pmuldq(long a, long b) {
        return (long) (int) a * (int) b;
    }

    /** Products of signed words, added by pairs into 32 bits. */
    public static long pmaddwd(long a, long b) {
        int low = (short) a * (short) b + (short) (a >>> 16) * (short) (b >>> 16);
        int high = (short) (a >>> 32) * (short) (b >>> 32) + (short) (a >>> 48) * (short) (b >>> 48);
        return low & 0xFFFFFFFFL | (long) high << 32;
    }

    /** SSSE3: products of unsigned bytes of {@code a} and signed bytes of {@code b}, added by pairs, saturated. */
    public static long pmaddubsw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int low = ((int) (a >>> i) & 0xFF) * (byte) (b >>> i);
            int high = ((int) (a >>> i + 8) & 0xFF) * (byte) (b >>> i + 8);
            result |= (Math.clamp(low + high, -32768, 32767) & 0xFFFFL) << i;
        }
        return result;
    }

    /** Sum of the differences of unsigned bytes. */
    public static long psadbw(long a, long b) {
        int sum = 0;
        for (int i = 0; i < 64; i += 8) {
            sum += Math.abs(((int) (a >>> i) & 0xFF) - ((int) (b >>> i) & 0xFF));
        }
        return sum;
    }
}

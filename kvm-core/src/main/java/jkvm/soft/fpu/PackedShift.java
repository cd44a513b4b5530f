package jkvm.soft.fpu;

/**
 * Shifts of packed integers, 64 bits at a time: see {@link PackedInteger} for the conventions. Counts are unsigned and
 * may be of any size.
 */
public final class PackedShift {
    private PackedShift() {
    }

    /** @param count unsigned: 16 and more give zero */
    public static long psllw(long a, long count) {
        return Long.compareUnsigned(count, 15) > 0 ? 0 : (a & (0xFFFFL >>> count) * 0x0001000100010001L) << count;
    }

    /** @param count unsigned: 16 and more give zero */
    public static long psrlw(long a, long count) {
        return Long.compareUnsigned(count, 15) > 0 ? 0 : a >>> count & (0xFFFFL >>> count) * 0x0001000100010001L;
    }

    /** @param count unsigned: 16 and more fill each lane with its sign */
    public static long psraw(long a, long count) {
        int bits = Long.compareUnsigned(count, 15) > 0 ? 15 : (int) count;
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            result |= ((short) (a >>> i) >> bits & 0xFFFFL) << i;
        }
        return result;
    }

    /** @param count unsigned: 32 and more give zero */
    public static long pslld(long a, long count) {
        return Long.compareUnsigned(count, 31) > 0 ? 0 : (a & (0xFFFFFFFFL >>> count) * 0x0000000100000001L) << count;
    }

    /** @param count unsigned: 32 and more give zero */
    public static long psrld(long a, long count) {
        return Long.compareUnsigned(count, 31) > 0 ? 0 : a >>> count & (0xFFFFFFFFL >>> count) * 0x0000000100000001L;
    }

    /** @param count unsigned: 32 and more fill each lane with its sign */
    public static long psrad(long a, long count) {
        int bits = Long.compareUnsigned(count, 31) > 0 ? 31 : (int) count;
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            result |= ((int) (a >>> i) >> bits & 0xFFFFFFFFL) << i;
        }
        return result;
    }

    /** @param count unsigned: 64 and more give zero */
    public static long psllq(long a, long count) {
        return Long.compareUnsigned(count, 63) > 0 ? 0 : a << count;
    }

    /** @param count unsigned: 64 and more give zero */
    public static long psrlq(long a, long count) {
        return Long.compareUnsigned(count, 63) > 0 ? 0 : a >>> count;
    }
}

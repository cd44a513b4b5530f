package jkvm.soft.fpu;

/** PCLMULQDQ: the product of two 64-bit polynomials over GF(2). */
public final class CarrylessMultiply {
    private CarrylessMultiply() {
    }

    /** Leaves the 128-bit product in the unit's low and high. */
    public static void multiply(SimdUnit unit, long a, long b) {
        unit.low = low(a, b);
        // The high half is the low half of the mirrored product, mirrored, one place down.
        unit.high = Long.reverse(low(Long.reverse(a), Long.reverse(b))) >>> 1;
    }

    /**
     * Low 64 bits. Ordinary multiplication of numbers that have only each fourth bit set: up to 15 summands a place,
     * whose carries stay inside the gaps.
     */
    private static long low(long a, long b) {
        long mask = 0x1111111111111111L;
        long a0 = a & mask;
        long a1 = a & mask << 1;
        long a2 = a & mask << 2;
        long a3 = a & mask << 3;
        long b0 = b & mask;
        long b1 = b & mask << 1;
        long b2 = b & mask << 2;
        long b3 = b & mask << 3;
        long r0 = a0 * b0 ^ a1 * b3 ^ a2 * b2 ^ a3 * b1;
        long r1 = a0 * b1 ^ a1 * b0 ^ a2 * b3 ^ a3 * b2;
        long r2 = a0 * b2 ^ a1 * b1 ^ a2 * b0 ^ a3 * b3;
        long r3 = a0 * b3 ^ a1 * b2 ^ a2 * b1 ^ a3 * b0;
        return r0 & mask | r1 & mask << 1 | r2 & mask << 2 | r3 & mask << 3;
    }
}

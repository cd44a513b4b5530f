package jkvm.soft.fpu;

/**
 * Packed integer arithmetic on 64 bits: an MMX register, or one half of an XMM register. Methods are named as the
 * instructions (SDM volume 2): {@code a} is the destination's old value, {@code b} the source, the result goes to the
 * destination. Here are sums, differences, comparisons, minima and maxima; {@link PackedMultiply}, {@link PackedShift}
 * and {@link PackedShuffle} have the others.
 *
 * <p>Operations keep their lanes in one half, but for horizontal additions: they give the lower half of an XMM register
 * from the destination's two halves, and the upper half from the source's two.
 *
 * <p>Lane 0 is in the lowest bits. All lanes of a word are computed at once: a constant that has the highest bit of
 * each lane tells their width, and keeps carries inside. Nothing here allocates.
 */
public final class PackedInteger {
    /** The highest bit of each lane. */
    static final long TOP_8 = 0x8080808080808080L, TOP_16 = 0x8000800080008000L, TOP_32 = 0x8000000080000000L;

    private PackedInteger() {
    }

    private static long add(long a, long b, long top) {
        return (a & ~top) + (b & ~top) ^ (a ^ b) & top;
    }

    private static long subtract(long a, long b, long top) {
        return (a | top) - (b & ~top) ^ (a ^ ~b) & top;
    }

    /** All bits of each lane whose highest bit is set in {@code flags}. */
    private static long fill(long flags, long top) {
        long highest = flags & top;
        return (highest << 1) - (highest >>> Long.numberOfTrailingZeros(top));
    }

    private static long choose(long mask, long set, long clear) {
        return clear ^ (clear ^ set) & mask;
    }

    private static long equal(long a, long b, long top) {
        long different = a ^ b;
        return fill(~((different & ~top) + ~top | different), top);
    }

    /** Unsigned: the lanes in which {@code a - b} borrows. */
    private static long below(long a, long b, long top) {
        return fill(~a & b | (~a | b) & subtract(a, b, top), top);
    }

    private static long greater(long a, long b, long top) {
        return below(b ^ top, a ^ top, top);
    }

    /** The lanes that overflowed get the largest number of the sign that {@code a} has. */
    private static long saturate(long overflow, long a, long result, long top) {
        return choose(fill(overflow, top), fill(a, top) ^ ~top, result);
    }

    private static long addSigned(long a, long b, long top) {
        long sum = add(a, b, top);
        return saturate((a ^ sum) & (b ^ sum), a, sum, top);
    }

    private static long subtractSigned(long a, long b, long top) {
        long difference = subtract(a, b, top);
        return saturate((a ^ b) & (a ^ difference), a, difference, top);
    }

    private static long addUnsigned(long a, long b, long top) {
        long sum = add(a, b, top);
        return sum | fill(a & b | (a | b) & ~sum, top);
    }

    private static long subtractUnsigned(long a, long b, long top) {
        return subtract(a, b, top) & ~below(a, b, top);
    }

    /** Unsigned, rounded up. */
    private static long average(long a, long b, long top) {
        return (a | b) - ((a ^ b) >>> 1 & ~top);
    }

    /** Negates the lanes of {@code a} where {@code b} is negative, clears them where it is 0. */
    private static long applySign(long a, long b, long top) {
        long negative = fill(b, top);
        return subtract(a ^ negative, negative, top) & ~equal(b, 0, top);
    }

    public static long paddb(long a, long b) {
        return add(a, b, TOP_8);
    }

    public static long paddw(long a, long b) {
        return add(a, b, TOP_16);
    }

    public static long paddd(long a, long b) {
        return add(a, b, TOP_32);
    }

    public static long psubb(long a, long b) {
        return subtract(a, b, TOP_8);
    }

    public static long psubw(long a, long b) {
        return subtract(a, b, TOP_16);
    }

    public static long psubd(long a, long b) {
        return subtract(a, b, TOP_32);
    }

    public static long paddsb(long a, long b) {
        return addSigned(a, b, TOP_8);
    }

    public static long paddsw(long a, long b) {
        return addSigned(a, b, TOP_16);
    }

    public static long paddusb(long a, long b) {
        return addUnsigned(a, b, TOP_8);
    }

    public static long paddusw(long a, long b) {
        return addUnsigned(a, b, TOP_16);
    }

    public static long psubsb(long a, long b) {
        return subtractSigned(a, b, TOP_8);
    }

    public static long psubsw(long a, long b) {
        return subtractSigned(a, b, TOP_16);
    }

    public static long psubusb(long a, long b) {
        return subtractUnsigned(a, b, TOP_8);
    }

    public static long psubusw(long a, long b) {
        return subtractUnsigned(a, b, TOP_16);
    }

    public static long pavgb(long a, long b) {
        return average(a, b, TOP_8);
    }

    public static long pavgw(long a, long b) {
        return average(a, b, TOP_16);
    }

    public static long psignb(long a, long b) {
        return applySign(a, b, TOP_8);
    }

    public static long psignw(long a, long b) {
        return applySign(a, b, TOP_16);
    }

    public static long psignd(long a, long b) {
        return applySign(a, b, TOP_32);
    }

    public static long pabsb(long b) {
        return applySign(b, b, TOP_8);
    }

    public static long pabsw(long b) {
        return applySign(b, b, TOP_16);
    }

    public static long pabsd(long b) {
        return applySign(b, b, TOP_32);
    }

    public static long pcmpeqb(long a, long b) {
        return equal(a, b, TOP_8);
    }

    public static long pcmpeqw(long a, long b) {
        return equal(a, b, TOP_16);
    }

    public static long pcmpeqd(long a, long b) {
        return equal(a, b, TOP_32);
    }

    public static long pcmpgtb(long a, long b) {
        return greater(a, b, TOP_8);
    }

    public static long pcmpgtw(long a, long b) {
        return greater(a, b, TOP_16);
    }

    public static long pcmpgtd(long a, long b) {
        return greater(a, b, TOP_32);
    }

    public static long pminub(long a, long b) {
        return choose(below(b, a, TOP_8), b, a);
    }

    public static long pminuw(long a, long b) {
        return choose(below(b, a, TOP_16), b, a);
    }

    public static long pminud(long a, long b) {
        return choose(below(b, a, TOP_32), b, a);
    }

    public static long pminsb(long a, long b) {
        return choose(greater(a, b, TOP_8), b, a);
    }

    public static long pminsw(long a, long b) {
        return choose(greater(a, b, TOP_16), b, a);
    }

    public static long pminsd(long a, long b) {
        return choose(greater(a, b, TOP_32), b, a);
    }

    public static long pmaxub(long a, long b) {
        return choose(below(b, a, TOP_8), a, b);
    }

    public static long pmaxuw(long a, long b) {
        return choose(below(b, a, TOP_16), a, b);
    }

    public static long pmaxud(long a, long b) {
        return choose(below(b, a, TOP_32), a, b);
    }

    public static long pmaxsb(long a, long b) {
        return choose(greater(a, b, TOP_8), a, b);
    }

    public static long pmaxsw(long a, long b) {
        return choose(greater(a, b, TOP_16), a, b);
    }

    public static long pmaxsd(long a, long b) {
        return choose(greater(a, b, TOP_32), a, b);
    }

    /** SSSE3: adds neighbours. */
    public static long phaddw(long a, long b) {
        long lower = paddw(a, a >>> 16);
        long upper = paddw(b, b >>> 16);
        return lower & 0xFFFF | (lower >>> 32 & 0xFFFF) << 16 | (upper & 0xFFFF) << 32 | (upper >>> 32) << 48;
    }

    /** SSSE3: adds neighbours, saturated. */
    public static long phaddsw(long a, long b) {
        long lower = paddsw(a, a >>> 16);
        long upper = paddsw(b, b >>> 16);
        return lower & 0xFFFF | (lower >>> 32 & 0xFFFF) << 16 | (upper & 0xFFFF) << 32 | (upper >>> 32) << 48;
    }

    /** SSSE3: adds neighbours. */
    public static long phaddd(long a, long b) {
        return a + (a >>> 32) & 0xFFFFFFFFL | b + (b >>> 32) << 32;
    }

    /** SSSE3: subtracts the upper of two neighbours from the lower. */
    public static long phsubw(long a, long b) {
        long lower = psubw(a, a >>> 16);
        long upper = psubw(b, b >>> 16);
        return lower & 0xFFFF | (lower >>> 32 & 0xFFFF) << 16 | (upper & 0xFFFF) << 32 | (upper >>> 32) << 48;
    }

    /** SSSE3: subtracts neighbours, saturated. */
    public static long phsubsw(long a, long b) {
        long lower = psubsw(a, a >>> 16);
        long upper = psubsw(b, b >>> 16);
        return lower & 0xFFFF | (lower >>> 32 & 0xFFFF) << 16 | (upper & 0xFFFF) << 32 | (upper >>> 32) << 48;
    }

    /** SSSE3: subtracts neighbours. */
    public static long phsubd(long a, long b) {
        return a - (a >>> 32) & 0xFFFFFFFFL | b - (b >>> 32) << 32;
    }
}

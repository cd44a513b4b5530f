package jkvm.soft.fpu;

import static jkvm.soft.fpu.FpuState.C0;
import static jkvm.soft.fpu.FpuState.C1;
import static jkvm.soft.fpu.FpuState.C2;
import static jkvm.soft.fpu.FpuState.C3;
import static jkvm.soft.fpu.FpuState.DE;
import static jkvm.soft.fpu.FpuState.IE;
import static jkvm.soft.fpu.FpuState.OE;
import static jkvm.soft.fpu.FpuState.PE;
import static jkvm.soft.fpu.FpuState.UE;
import static jkvm.soft.fpu.FpuState.ZE;

/**
 * The x87's arithmetic on 80-bit numbers (SDM 4.8, 4.9, 8.5). An object is one arithmetic unit: it holds the result of
 * the last operation and allocates nothing. One thread.
 *
 * <p>A number is a significand of 64 bits with its leading one in bit 63, and 16 bits of sign and biased exponent:
 * {@code significand * 2^(exponent - 16383 - 63)}. Exponent 0 has no leading one, unless it is a pseudo-denormal;
 * another number without the leading one is unsupported and raises an invalid operation.
 *
 * <p>Each operation sets {@link #flags} to the exceptions that it raised, and to C1 where it rounded away from zero. If
 * one of IE, DE and ZE is raised and the control word does not mask it, there is no result: {@link #hasResult(int)}.
 * Unmasked overflow and underflow have a result, its exponent moved by 24,576.
 */
public final class Float80 {
    public static final int BIAS = 16383, MAX_EXPONENT = 0x7FFF, SIGN = 0x8000;
    public static final long INTEGER_BIT = 1L << 63, QUIET_BIT = 1L << 62;
    /** Significand of the default NaN; its sign is negative. */
    public static final long DEFAULT_NAN = INTEGER_BIT | QUIET_BIT;
    public static final int DEFAULT_NAN_EXPONENT = SIGN | MAX_EXPONENT;
    /** Rounding control of the control word, bits 10 and 11. */
    public static final int NEAREST = 0, DOWN = 0x400, UP = 0x800, TO_ZERO = 0xC00, ROUNDING = 0xC00;
    /** Precision control, bits 8 and 9: 24, 53 and 64 bits; 1 is reserved and works as 64 bits. */
    public static final int PRECISION = 0x300, SINGLE = 0, DOUBLE = 0x200, EXTENDED = 0x300;
    /** Added to an exponent that underflowed, subtracted from one that overflowed, if the exception is not masked. */
    static final int EXPONENT_ADJUSTMENT = 24576;

    /** The result. */
    public long significand;
    public int exponent;
    /** Exceptions that the operation raised, C1 where it rounded up; comparisons and remainders: all condition codes. */
    public int flags;

    /** The number in {@link #significand} came from a denormal of 32 or 64 bits: normal here, a denormal operand still. */
    public boolean narrowDenormal;

    final Series series = new Series();
    /** Scratch: exponents of operands that {@link #normalised} has shifted. */
    int normalExponent;

    public Float80() {
    }

    /** True if the instruction may write its result: no exception that comes before the result is unmasked. */
    public boolean hasResult(int control) {
        return (flags & ~control & (IE | DE | ZE)) == 0;
    }

    public static boolean isUnsupported(long sig, int exp) {
        return sig >= 0 && (exp & MAX_EXPONENT) != 0;
    }

    public static boolean isNan(long sig, int exp) {
        return (exp & MAX_EXPONENT) == MAX_EXPONENT && sig << 1 != 0;
    }

    public static boolean isSignallingNan(long sig, int exp) {
        return isNan(sig, exp) && (sig & QUIET_BIT) == 0;
    }

    public static boolean isInfinity(long sig, int exp) {
        return (exp & MAX_EXPONENT) == MAX_EXPONENT && sig == INTEGER_BIT;
    }

    public static boolean isZero(long sig, int exp) {
        return sig == 0 && (exp & MAX_EXPONENT) == 0;
    }

    /** Denormal or pseudo-denormal. */
    public static boolean isDenormal(long sig, int exp) {
        return (exp & MAX_EXPONENT) == 0 && sig != 0;
    }

    private boolean isAnyDenormal(long aSig, int aExp, long bSig, int bExp) {
        return narrowDenormal || isDenormal(aSig, aExp) || isDenormal(bSig, bExp);
    }

    void result(long sig, int exp) {
        significand = sig;
        exponent = exp;
    }

    /** An operand as the result, without underflow; a pseudo-denormal becomes the normal number that it equals. */
    private void pass(long sig, int exp) {
        result(sig, sig < 0 && (exp & MAX_EXPONENT) == 0 ? exp | 1 : exp);
    }

    /** An invalid operation, with the default NaN as masked response. */
    public void invalid() {
        flags |= IE;
        result(DEFAULT_NAN, DEFAULT_NAN_EXPONENT);
    }

    /** The only exception of an operation whose source is empty. */
    public void stackUnderflow() {
        flags = IE | FpuState.SF;
    }

    void zero(int sign) {
        result(0, sign);
    }

    void infinity(int sign) {
        result(INTEGER_BIT, sign | MAX_EXPONENT);
    }

    /**
     * Settles operations with a NaN or an unsupported operand.
     *
     * @return false if there is none, and the operation goes on
     */
    boolean settleNan(long aSig, int aExp, long bSig, int bExp) {
        if (isUnsupported(aSig, aExp) || isUnsupported(bSig, bExp)) {
            invalid();
            return true;
        }
        boolean aNan = isNan(aSig, aExp);
        boolean bNan = isNan(bSig, bExp);
        if (!aNan && !bNan) {
            return false;
        }
        propagateNan(aSig, aExp, bSig, bExp, aNan, bNan);
        return true;
    }

    /** The x87's choice (SDM table 4-7): a quiet NaN before a signalling one, else the larger significand. */
    private void propagateNan(long aSig, int aExp, long bSig, int bExp, boolean aNan, boolean bNan) {
        boolean aSignals = aNan && (aSig & QUIET_BIT) == 0;
        boolean bSignals = bNan && (bSig & QUIET_BIT) == 0;
        if (aSignals || bSignals) {
            flags |= IE;
        }
        boolean takeA;
        if (!bNan) {
            takeA = true;
        } else if (!aNan) {
            takeA = false;
        } else if (aSignals != bSignals) {
            takeA = bSignals;
        } else {
            int order = Long.compareUnsigned(aSig, bSig);
            takeA = order > 0 || order == 0 && aExp < bExp;
        }
        result((takeA ? aSig : bSig) | QUIET_BIT, takeA ? aExp : bExp);
    }

    /** As {@link #settleNan(long, int, long, int)}, for one operand. */
    boolean settleNan(long sig, int exp) {
        return settleNan(sig, exp, sig, exp);
    }

    /** Raises DE. @return true if it is unmasked, so that there is no result */
    boolean denormalStops(int control) {
        flags |= DE;
        return (control & DE) == 0;
    }

    /** The significand with its leading one in bit 63, the biased exponent in {@link #normalExponent}; not for zero. */
    long normalised(long sig, int exp) {
        int shift = Long.numberOfLeadingZeros(sig);
        normalExponent = Math.max(exp & MAX_EXPONENT, 1) - shift;
        return sig << shift;
    }

    /**
     * Rounds to the control word's precision and packs the result.
     *
     * @param sign  0 or {@link #SIGN}
     * @param exp   biased exponent, of any size
     * @param sig   significand, with its leading one in bit 63
     * @param extra the bits that follow, the last of them sticky
     */
    void roundPack(int sign, int exp, long sig, long extra, int control) {
        switch (control & PRECISION) {
            case SINGLE -> round(sign, exp, sig, extra, control, 40);
            case DOUBLE -> round(sign, exp, sig, extra, control, 11);
            default -> round(sign, exp, sig, extra, control, 0);
        }
    }

    /** Rounds to 64 bits whatever the precision control says: for the operations that do not obey it. */
    void roundPack64(int sign, int exp, long sig, long extra, int control) {
        round(sign, exp, sig, extra, control, 0);
    }

    /** As {@link #roundPack}; {@code drop} is how many low bits of the significand the precision does not have. */
    private void round(int sign, int exp, long sig, long extra, int control, int drop) {
        long rest = drop == 0 ? extra : sig << 64 - drop | (extra != 0 ? 1 : 0);
        long unit = 1L << drop;
        long kept = sig & -unit;
        boolean up = roundsUp(sign, (kept & unit) != 0, rest, control);
        long rounded = up ? kept + unit : kept;
        boolean carry = up && rounded == 0;
        int roundedExp = carry ? exp + 1 : exp;
        if (roundedExp <= 0) {
            underflow(sign, exp, sig, extra, control, drop, rounded, roundedExp, rest, up);
            return;
        }
        if (roundedExp >= MAX_EXPONENT) {
            overflow(sign, roundedExp, carry ? INTEGER_BIT : rounded, control, drop, rest, up);
            return;
        }
        noteRounding(rest, up);
        result(carry ? INTEGER_BIT : rounded, sign | roundedExp);
    }

    private void noteRounding(long rest, boolean up) {
        if (rest != 0) {
            flags |= up ? PE | C1 : PE;
        }
    }

    static boolean roundsUp(int sign, boolean odd, long rest, int control) {
        if (rest == 0) {
            return false;
        }
        return switch (control & ROUNDING) {
            case NEAREST -> rest < 0 && (odd || rest != Long.MIN_VALUE);
            case DOWN -> sign != 0;
            case UP -> sign == 0;
            default -> false;
        };
    }

    /** Underflow is judged after rounding. Masked, it is raised only where the denormal result is inexact. */
    private void underflow(int sign, int exp, long sig, long extra, int control, int drop, long rounded,
            int roundedExp, long rest, boolean up) {
        if ((control & UE) == 0) {
            flags |= UE;
            noteRounding(rest, up);
            int moved = roundedExp + EXPONENT_ADJUSTMENT;
            if (moved > 0) {
                result(rounded == 0 ? INTEGER_BIT : rounded, sign | moved);
            } else {
                flags |= PE;
                zero(sign);
            }
            return;
        }
        int shift = Math.min(1 - exp, 66);
        long tail = shiftedOut(sig, extra, shift);
        long low = shift > 63 ? 0 : sig >>> shift;
        long denormalRest = drop == 0 ? tail : low << 64 - drop | (tail != 0 ? 1 : 0);
        long unit = 1L << drop;
        long kept = low & -unit;
        boolean denormalUp = roundsUp(sign, (kept & unit) != 0, denormalRest, control);
        if (denormalUp) {
            kept += unit;
        }
        if (denormalRest != 0) {
            flags |= UE;
        }
        noteRounding(denormalRest, denormalUp);
        result(kept, sign | (kept < 0 ? 1 : 0));
    }

    /** The 64 bits below {@code sig >>> shift}, sticky; shift 1 to 66. */
    private static long shiftedOut(long sig, long extra, int shift) {
        if (shift < 64) {
            return sig << 64 - shift | (extra >>> shift | (extra << 64 - shift != 0 ? 1 : 0));
        }
        if (shift == 64) {
            return sig | (extra != 0 ? 1 : 0);
        }
        return 1;
    }

    private void overflow(int sign, int exp, long sig, int control, int drop, long rest, boolean up) {
        flags |= OE;
        if ((control & OE) == 0) {
            noteRounding(rest, up);
            int moved = exp - EXPONENT_ADJUSTMENT;
            if (moved < MAX_EXPONENT) {
                result(sig, sign | moved);
            } else {
                flags |= PE | C1;
                infinity(sign);
            }
            return;
        }
        int mode = control & ROUNDING;
        boolean toInfinity = mode == NEAREST || mode == DOWN && sign != 0 || mode == UP && sign == 0;
        flags |= toInfinity ? PE | C1 : PE;
        if (toInfinity) {
            infinity(sign);
        } else {
            result(-(1L << drop), sign | MAX_EXPONENT - 1);
        }
    }

    public void add(long aSig, int aExp, long bSig, int bExp, int control) {
        flags = 0;
        if (!settleNan(aSig, aExp, bSig, bExp)) {
            sum(aSig, aExp, bSig, bExp, control);
        }
    }

    /** a - b. */
    public void subtract(long aSig, int aExp, long bSig, int bExp, int control) {
        flags = 0;
        if (!settleNan(aSig, aExp, bSig, bExp)) {
            sum(aSig, aExp, bSig, bExp ^ SIGN, control);
        }
    }

    private void sum(long aSig, int aExp, long bSig, int bExp, int control) {
        boolean aInfinite = (aExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean bInfinite = (bExp & MAX_EXPONENT) == MAX_EXPONENT;
        if (aInfinite && bInfinite && aExp != bExp) {
            invalid();
            return;
        }
        if (isAnyDenormal(aSig, aExp, bSig, bExp) && denormalStops(control)) {
            return;
        }
        if (aInfinite || bInfinite) {
            infinity((aInfinite ? aExp : bExp) & SIGN);
            return;
        }
        if (aSig == 0 || bSig == 0) {
            sumWithZero(aSig, aExp, bSig, bExp, control);
            return;
        }
        long a = normalised(aSig, aExp);
        int ea = normalExponent;
        long b = normalised(bSig, bExp);
        int eb = normalExponent;
        if (ea < eb || ea == eb && Long.compareUnsigned(a, b) < 0) {
            addMagnitudes(bExp & SIGN, eb, b, aExp & SIGN, ea, a, control);
        } else {
            addMagnitudes(aExp & SIGN, ea, a, bExp & SIGN, eb, b, control);
        }
    }

    private void sumWithZero(long aSig, int aExp, long bSig, int bExp, int control) {
        if (aSig == 0 && bSig == 0) {
            int sign = aExp & SIGN;
            zero(sign == (bExp & SIGN) ? sign : (control & ROUNDING) == DOWN ? SIGN : 0);
            return;
        }
        long sig = aSig == 0 ? bSig : aSig;
        int exp = aSig == 0 ? bExp : aExp;
        long normal = normalised(sig, exp);
        roundPack(exp & SIGN, normalExponent, normal, 0, control);
    }

    /** The larger magnitude first. */
    private void addMagnitudes(int aSign, int ea, long a, int bSign, int eb, long b, int control) {
        int distance = ea - eb;
        long b1;
        long b0;
        if (distance == 0) {
            b1 = b;
            b0 = 0;
        } else if (distance < 64) {
            b1 = b >>> distance;
            b0 = b << 64 - distance;
        } else if (distance < 128) {
            b1 = 0;
            b0 = b >>> distance - 64 | (distance > 64 && b << 128 - distance != 0 ? 1 : 0);
        } else {
            b1 = 0;
            b0 = 1;
        }
        if (aSign == bSign) {
            long s1 = a + b1;
            if (Long.compareUnsigned(s1, a) < 0) {
                roundPack(aSign, ea + 1, s1 >>> 1 | INTEGER_BIT, s1 << 63 | b0 >>> 1 | b0 & 1, control);
            } else {
                roundPack(aSign, ea, s1, b0, control);
            }
            return;
        }
        long s0 = -b0;
        long s1 = a - b1 - (b0 != 0 ? 1 : 0);
        if (s1 == 0 && s0 == 0) {
            zero((control & ROUNDING) == DOWN ? SIGN : 0);
            return;
        }
        int shift = s1 != 0 ? Long.numberOfLeadingZeros(s1) : 64 + Long.numberOfLeadingZeros(s0);
        if (shift >= 64) {
            s1 = s0 << shift - 64;
            s0 = 0;
        } else if (shift > 0) {
            s1 = s1 << shift | s0 >>> 64 - shift;
            s0 <<= shift;
        }
        roundPack(aSign, ea - shift, s1, s0, control);
    }

    public void multiply(long aSig, int aExp, long bSig, int bExp, int control) {
        flags = 0;
        if (settleNan(aSig, aExp, bSig, bExp)) {
            return;
        }
        int sign = (aExp ^ bExp) & SIGN;
        boolean infinite = (aExp & MAX_EXPONENT) == MAX_EXPONENT || (bExp & MAX_EXPONENT) == MAX_EXPONENT;
        if (infinite && (aSig == 0 || bSig == 0)) {
            invalid();
            return;
        }
        if (isAnyDenormal(aSig, aExp, bSig, bExp) && denormalStops(control)) {
            return;
        }
        if (infinite) {
            infinity(sign);
            return;
        }
        if (aSig == 0 || bSig == 0) {
            zero(sign);
            return;
        }
        long a = normalised(aSig, aExp);
        int exp = normalExponent;
        long b = normalised(bSig, bExp);
        exp += normalExponent - BIAS + 1;
        long high = Math.unsignedMultiplyHigh(a, b);
        long low = a * b;
        if (high >= 0) {
            high = high << 1 | low >>> 63;
            low <<= 1;
            exp--;
        }
        roundPack(sign, exp, high, low, control);
    }

    /** a / b. */
    public void divide(long aSig, int aExp, long bSig, int bExp, int control) {
        flags = 0;
        if (settleNan(aSig, aExp, bSig, bExp)) {
            return;
        }
        int sign = (aExp ^ bExp) & SIGN;
        boolean aInfinite = (aExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean bInfinite = (bExp & MAX_EXPONENT) == MAX_EXPONENT;
        if (aInfinite && bInfinite || isZero(aSig, aExp) && isZero(bSig, bExp)) {
            invalid();
            return;
        }
        if (isZero(bSig, bExp) && !aInfinite) {
            flags |= ZE;
            infinity(sign);
            return;
        }
        if (isAnyDenormal(aSig, aExp, bSig, bExp) && denormalStops(control)) {
            return;
        }
        if (aInfinite) {
            infinity(sign);
            return;
        }
        if (bInfinite || aSig == 0) {
            zero(sign);
            return;
        }
        long a = normalised(aSig, aExp);
        int exp = normalExponent;
        long b = normalised(bSig, bExp);
        exp += BIAS - normalExponent;
        long high = a;
        long low = 0;
        if (Long.compareUnsigned(a, b) >= 0) {
            high = a >>> 1;
            low = a << 63;
        } else {
            exp--;
        }
        long quotient = divide128(high, low, b);
        long remainder = low - quotient * b;
        roundPack(sign, exp, quotient, fraction(remainder, b), control);
    }

    /** What rounding needs to know of {@code remainder / divisor}: zero, below, at or above one half. */
    private static long fraction(long remainder, long divisor) {
        if (remainder == 0) {
            return 0;
        }
        long rest = divisor - remainder;
        int order = Long.compareUnsigned(remainder, rest);
        return order < 0 ? 1 : order == 0 ? Long.MIN_VALUE : Long.MIN_VALUE | 1;
    }

    /** (high:low) / divisor, for high below the divisor and a divisor with its top bit set. */
    static long divide128(long high, long low, long divisor) {
        long d1 = divisor >>> 32;
        long d0 = divisor & 0xFFFFFFFFL;
        long q1 = digit(high, low >>> 32, d1, d0);
        long rest = (high << 32 | low >>> 32) - q1 * divisor;
        long q0 = digit(rest, low & 0xFFFFFFFFL, d1, d0);
        return (q1 << 32) + q0;
    }

    /** One digit of 32 bits of a division (Knuth, algorithm D). */
    private static long digit(long high, long next, long d1, long d0) {
        long q = Long.divideUnsigned(high, d1);
        long r = high - q * d1;
        while (q >>> 32 != 0 || Long.compareUnsigned(q * d0, r << 32 | next) > 0) {
            q--;
            r += d1;
            if (r >>> 32 != 0) {
                break;
            }
        }
        return q;
    }

    public void squareRoot(long sig, int exp, int control) {
        flags = 0;
        if (settleNan(sig, exp)) {
            return;
        }
        if (sig == 0) {
            result(sig, exp);
            return;
        }
        if ((exp & SIGN) != 0) {
            invalid();
            return;
        }
        if (exp == MAX_EXPONENT) {
            infinity(0);
            return;
        }
        if (isDenormal(sig, exp) && denormalStops(control)) {
            return;
        }
        long m = normalised(sig, exp);
        int e = normalExponent - BIAS;
        // The radicand is m * 2^64 or m * 2^63, so that its exponent is even and the root has 64 bits.
        long high = (e & 1) == 0 ? m >>> 1 : m;
        long low = (e & 1) == 0 ? m << 63 : 0;
        long root = root128(high, low);
        long r1 = high - Math.unsignedMultiplyHigh(root, root);
        long square = root * root;
        long r0 = low - square;
        r1 -= Long.compareUnsigned(low, square) < 0 ? 1 : 0;
        // The remainder is at most 2 * root: above root means a fraction above one half. It is never exactly half.
        long extra = r1 != 0 || Long.compareUnsigned(r0, root) > 0 ? Long.MIN_VALUE | 1 : r0 != 0 ? 1 : 0;
        roundPack(0, (e >> 1) + BIAS, root, extra, control);
    }

    /** The integer square root of high:low, where high is at least 2^62. */
    private static long root128(long high, long low) {
        double estimate = Math.sqrt((high >>> 1) * 0x1p65);
        long root = estimate >= 0x1p64 ? -1 : toUnsigned(estimate);
        // One Newton step gives all 64 bits but for the last; the two loops settle that.
        for (int i = 0; i < 2; i++) {
            root = newton(high, low, root);
        }
        while (exceeds(root, high, low)) {
            root--;
        }
        while (root != -1 && !exceeds(root + 1, high, low)) {
            root++;
        }
        return root;
    }

    private static long toUnsigned(double value) {
        return value >= 0x1p63 ? (long) (value - 0x1p63) | INTEGER_BIT : (long) value;
    }

    /** root + (N - root^2) / (2 root), for a root with its top bit set. */
    private static long newton(long high, long low, long root) {
        long squareHigh = Math.unsignedMultiplyHigh(root, root);
        long squareLow = root * root;
        long d0 = low - squareLow;
        long d1 = high - squareHigh - (Long.compareUnsigned(low, squareLow) < 0 ? 1 : 0);
        double difference = d1 * 0x1p64 + (d0 >>> 11) * 0x1p11;
        double divisor = 2 * ((root >>> 11) * 0x1p11);
        long next = root + (long) Math.floor(difference / divisor);
        return next < 0 ? next : root;
    }

    private static boolean exceeds(long root, long high, long low) {
        long squareHigh = Math.unsignedMultiplyHigh(root, root);
        int order = Long.compareUnsigned(squareHigh, high);
        return order > 0 || order == 0 && Long.compareUnsigned(root * root, low) > 0;
    }

    /** FRNDINT. */
    public void roundToInteger(long sig, int exp, int control) {
        flags = 0;
        if (settleNan(sig, exp)) {
            return;
        }
        int biased = exp & MAX_EXPONENT;
        if (sig == 0 || biased >= BIAS + 63) {
            result(sig, exp);
            return;
        }
        if (biased == 0 && denormalStops(control)) {
            return;
        }
        int sign = exp & SIGN;
        int fractionBits = BIAS + 63 - biased;
        long whole = fractionBits > 63 ? 0 : sig >>> fractionBits;
        long rest = fractionBits < 64 ? sig << 64 - fractionBits : fractionBits == 64 ? sig : 1;
        boolean up = roundsUp(sign, (whole & 1) != 0, rest, control);
        noteRounding(rest, up);
        if (up) {
            whole++;
        }
        if (whole == 0) {
            zero(sign);
        } else {
            int shift = Long.numberOfLeadingZeros(whole);
            result(whole << shift, sign | BIAS + 63 - shift);
        }
    }

    /** FXTRACT, first result: the exponent as a number. The significand comes by {@link #extractSignificand}. */
    public void extractExponent(long sig, int exp, int control) {
        flags = 0;
        if (settleNan(sig, exp)) {
            return;
        }
        if (isInfinity(sig, exp)) {
            infinity(0);
            return;
        }
        if (sig == 0) {
            flags |= ZE;
            infinity(SIGN);
            return;
        }
        if (isDenormal(sig, exp) && denormalStops(control)) {
            return;
        }
        normalised(sig, exp);
        int saved = flags;
        fromLong(normalExponent - BIAS);
        flags = saved;
    }

    /** FXTRACT, second result; raises nothing. */
    public void extractSignificand(long sig, int exp) {
        if (settleNan(sig, exp)) {
            return;
        }
        if (sig == 0 || isInfinity(sig, exp)) {
            result(sig, exp);
            return;
        }
        long normal = normalised(sig, exp);
        result(normal, exp & SIGN | BIAS);
    }

    /** FSCALE: a * 2^trunc(b). Not subject to precision control. */
    public void scale(long aSig, int aExp, long bSig, int bExp, int control) {
        flags = 0;
        if (settleNan(aSig, aExp, bSig, bExp)) {
            return;
        }
        boolean bInfinite = isInfinity(bSig, bExp);
        boolean bNegative = (bExp & SIGN) != 0;
        if (bInfinite && (bNegative ? isInfinity(aSig, aExp) : isZero(aSig, aExp))) {
            invalid();
            return;
        }
        if (isAnyDenormal(aSig, aExp, bSig, bExp) && denormalStops(control)) {
            return;
        }
        int sign = aExp & SIGN;
        if (bInfinite && !isInfinity(aSig, aExp) && aSig != 0) {
            if (bNegative) {
                zero(sign);
            } else {
                infinity(sign);
            }
            return;
        }
        if (aSig == 0 || isInfinity(aSig, aExp) || bSig == 0) {
            pass(aSig, aExp);
            return;
        }
        long a = normalised(aSig, aExp);
        int ea = normalExponent;
        roundPack64(sign, ea + scaleBy(bSig, bExp), a, 0, control);
    }

    /** The integer part of b, limited to what moves any number out of range. */
    private static int scaleBy(long bSig, int bExp) {
        int biased = bExp & MAX_EXPONENT;
        if (biased < BIAS) {
            return 0;
        }
        int value = biased > BIAS + 16 ? 0x20000 : (int) (bSig >>> BIAS + 63 - biased);
        return (bExp & SIGN) != 0 ? -value : value;
    }

    /**
     * Compares a with b: condition codes in {@link #flags}.
     *
     * @param quiet true for FUCOM, where a quiet NaN is unordered without an exception
     */
    public void compare(long aSig, int aExp, long bSig, int bExp, boolean quiet) {
        flags = 0;
        boolean unsupported = isUnsupported(aSig, aExp) || isUnsupported(bSig, bExp);
        if (unsupported || isNan(aSig, aExp) || isNan(bSig, bExp)) {
            boolean signals = isSignallingNan(aSig, aExp) || isSignallingNan(bSig, bExp);
            flags = C0 | C2 | C3 | (unsupported || signals || !quiet ? IE : 0);
            return;
        }
        if (isAnyDenormal(aSig, aExp, bSig, bExp)) {
            flags |= DE;
        }
        int order = order(aSig, aExp, bSig, bExp);
        flags |= order < 0 ? C0 : order == 0 ? C3 : 0;
    }

    private static int order(long aSig, int aExp, long bSig, int bExp) {
        if (aSig == 0 && bSig == 0) {
            return 0;
        }
        boolean aNegative = (aExp & SIGN) != 0;
        if (aNegative != ((bExp & SIGN) != 0)) {
            return aNegative ? -1 : 1;
        }
        // A pseudo-denormal equals the normal number with exponent 1.
        int magnitude = Integer.compare(aSig == 0 ? 0 : Math.max(aExp & MAX_EXPONENT, 1),
                bSig == 0 ? 0 : Math.max(bExp & MAX_EXPONENT, 1));
        if (magnitude == 0) {
            magnitude = Long.compareUnsigned(aSig, bSig);
        }
        return aNegative ? -magnitude : magnitude;
    }

    /** FXAM: the class of a number as condition codes. An empty register is the caller's to tell. */
    public static int examine(long sig, int exp) {
        int sign = (exp & SIGN) != 0 ? C1 : 0;
        int biased = exp & MAX_EXPONENT;
        if (biased == 0) {
            return sign | (sig == 0 ? C3 : C3 | C2);
        }
        if (sig >= 0) {
            return sign;
        }
        if (biased == MAX_EXPONENT) {
            return sign | (sig << 1 == 0 ? C2 | C0 : C0);
        }
        return sign | C2;
    }

    /** FPREM and FPREM1; see {@link Remainder}. */
    public void remainder(long aSig, int aExp, long bSig, int bExp, boolean nearest, int control) {
        flags = 0;
        if (settleNan(aSig, aExp, bSig, bExp)) {
            return;
        }
        if (isInfinity(aSig, aExp) || isZero(bSig, bExp)) {
            invalid();
            return;
        }
        if (isAnyDenormal(aSig, aExp, bSig, bExp) && denormalStops(control)) {
            return;
        }
        if (aSig == 0 || isInfinity(bSig, bExp)) {
            pass(aSig, aExp);
            return;
        }
        long a = normalised(aSig, aExp);
        int ea = normalExponent;
        long b = normalised(bSig, bExp);
        Remainder.compute(this, aExp & SIGN, ea, a, normalExponent, b, nearest, control);
    }

    /** An integer as a number: always exact. */
    public void fromLong(long value) {
        flags = 0;
        if (value == 0) {
            zero(0);
            return;
        }
        long magnitude = Math.abs(value);
        int shift = Long.numberOfLeadingZeros(magnitude);
        result(magnitude << shift, (value < 0 ? SIGN : 0) | BIAS + 63 - shift);
    }
}

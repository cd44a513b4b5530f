package jkvm.soft.fpu;

import static jkvm.soft.fpu.FpuState.C1;
import static jkvm.soft.fpu.FpuState.DE;
import static jkvm.soft.fpu.FpuState.IE;
import static jkvm.soft.fpu.FpuState.OE;
import static jkvm.soft.fpu.FpuState.PE;
import static jkvm.soft.fpu.FpuState.UE;
import static jkvm.soft.fpu.FpuState.ZE;

/**
 * The x87's arithmetic unit (SDM 4.8, 4.9, 8.5): the last operation's result and exceptions, and what all operations
 * share, which is classes of numbers, the choice among NaNs, and rounding. Allocates nothing. One thread.
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
    /** Exceptions that the operation raised, C1 where it rounded up; all condition codes of comparison, remainder. */
    public int flags;

    /** The number in {@link #significand} came from a denormal of 32 or 64 bits, and counts as one still. */
    public boolean narrowDenormal;

    final AngleSeries angles = new AngleSeries();
    final LogarithmSeries logarithms = new LogarithmSeries();
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

    boolean isAnyDenormal(long aSig, int aExp, long bSig, int bExp) {
        return narrowDenormal || isDenormal(aSig, aExp) || isDenormal(bSig, bExp);
    }

    void result(long sig, int exp) {
        significand = sig;
        exponent = exp;
    }

    /** An operand as the result, without underflow; a pseudo-denormal becomes the normal number that it equals. */
    void pass(long sig, int exp) {
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

    /**
     * Raises DE.
     *
     * @return true if it is unmasked, so that there is no result
     */
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

    void noteRounding(long rest, boolean up) {
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

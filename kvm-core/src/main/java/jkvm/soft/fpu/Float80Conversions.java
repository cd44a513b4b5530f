package jkvm.soft.fpu;

import static jkvm.soft.fpu.Float80.BIAS;
import static jkvm.soft.fpu.Float80.MAX_EXPONENT;
import static jkvm.soft.fpu.Float80.QUIET_BIT;
import static jkvm.soft.fpu.Float80.ROUNDING;
import static jkvm.soft.fpu.Float80.SIGN;
import static jkvm.soft.fpu.FpuState.C1;
import static jkvm.soft.fpu.FpuState.DE;
import static jkvm.soft.fpu.FpuState.IE;
import static jkvm.soft.fpu.FpuState.OE;
import static jkvm.soft.fpu.FpuState.PE;
import static jkvm.soft.fpu.FpuState.UE;

/**
 * Conversions between the x87's 80-bit numbers and what memory operands hold. Exceptions go to {@link Float80#flags}; a
 * conversion to memory returns its masked response, and the caller does not store it where the exception is unmasked
 * ({@link #mayStore}).
 */
public final class Float80Conversions {
    /** The indefinite BCD number: sign and digits of its upper 16 bits; the lower 64. */
    public static final int BCD_INDEFINITE_HIGH = 0xFFFF;
    public static final long BCD_INDEFINITE_LOW = 0xC000000000000000L;
    public static final long SIXTEEN_DIGITS = 10_000_000_000_000_000L;
    private static final long BCD_LIMIT = 1_000_000_000_000_000_000L;

    private Float80Conversions() {
    }

    /** True if no unmasked exception keeps a store from its memory operand. An inexact result is stored anyway. */
    public static boolean mayStore(Float80 unit, int control) {
        return (unit.flags & ~control & (IE | DE | OE | UE)) == 0;
    }

    /** FLD m32fp: the number in {@code unit}; a signalling NaN is made quiet with IE, a denormal raises DE. */
    public static void fromFloat(Float80 unit, int bits) {
        operandFromFloat(unit, bits);
        settleLoad(unit);
    }

    /** FLD m64fp. */
    public static void fromDouble(Float80 unit, long bits) {
        operandFromDouble(unit, bits);
        settleLoad(unit);
    }

    private static void settleLoad(Float80 unit) {
        unit.flags = unit.narrowDenormal ? DE : 0;
        unit.narrowDenormal = false;
        if (Float80.isSignallingNan(unit.significand, unit.exponent)) {
            unit.flags = IE;
            unit.significand |= QUIET_BIT;
        }
    }

    /**
     * A float as an operand of arithmetic: a signalling NaN stays one, a denormal is noted in
     * {@link Float80#narrowDenormal}, which the operation's end clears.
     */
    public static void operandFromFloat(Float80 unit, int bits) {
        widen(unit, (bits >>> 31) << 15, bits >>> 23 & 0xFF, ((long) bits & 0x7FFFFF) << 40, 0xFF, 127);
    }

    /** As {@link #operandFromFloat}. */
    public static void operandFromDouble(Float80 unit, long bits) {
        widen(unit, (int) (bits >>> 63) << 15, (int) (bits >>> 52) & 0x7FF, (bits & 0xFFFFFFFFFFFFFL) << 11, 0x7FF,
                1023);
    }

    /** @param fraction the fraction, below bit 63 */
    private static void widen(Float80 unit, int sign, int biased, long fraction, int maximum, int bias) {
        if (biased == maximum) {
            unit.result(fraction | Float80.INTEGER_BIT, sign | MAX_EXPONENT);
        } else if (biased != 0) {
            unit.result(fraction | Float80.INTEGER_BIT, sign | biased - bias + BIAS);
        } else if (fraction == 0) {
            unit.zero(sign);
        } else {
            unit.narrowDenormal = true;
            int shift = Long.numberOfLeadingZeros(fraction);
            unit.result(fraction << shift, sign | 1 - bias + BIAS - shift);
        }
    }

    /** FST m32fp. */
    public static int toFloat(Float80 unit, long sig, int exp, int control) {
        return (int) store(unit, sig, exp, control, 40, 23, 127);
    }

    /** FST m64fp. */
    public static long toDouble(Float80 unit, long sig, int exp, int control) {
        return store(unit, sig, exp, control, 11, 52, 1023);
    }

    /**
     * @param drop         low bits of the significand that the format does not have
     * @param fractionBits bits of the format's fraction
     */
    private static long store(Float80 unit, long sig, int exp, int control, int drop, int fractionBits, int bias) {
        unit.flags = 0;
        long sign = (long) (exp >> 15) << fractionBits + (fractionBits == 23 ? 8 : 11);
        long fractionMask = (1L << fractionBits) - 1;
        long maximum = 2L * bias + 1;
        if (unit.settleNan(sig, exp)) {
            long s = (long) (unit.exponent >> 15) << fractionBits + (fractionBits == 23 ? 8 : 11);
            return s | maximum << fractionBits | unit.significand >>> drop & fractionMask;
        }
        if (Float80.isInfinity(sig, exp)) {
            return sign | maximum << fractionBits;
        }
        if (sig == 0) {
            return sign;
        }
        long normal = unit.normalised(sig, exp);
        int biased = unit.normalExponent - BIAS + bias;
        int signBit = exp & SIGN;
        long rest = normal << 64 - drop;
        long whole = normal >>> drop;
        boolean up = Float80.roundsUp(signBit, (whole & 1) != 0, rest, control);
        long rounded = up ? whole + 1 : whole;
        int carry = (int) (rounded >>> fractionBits + 1);
        if (biased + carry >= maximum) {
            return sign | overflow(unit, signBit, control, maximum << fractionBits);
        }
        if (biased + carry > 0) {
            note(unit, rest, up);
            return sign | (long) (biased + carry) << fractionBits | rounded >>> carry & fractionMask;
        }
        return sign | underflow(unit, signBit, normal, drop + 1 - biased, control);
    }

    private static void note(Float80 unit, long rest, boolean up) {
        if (rest != 0) {
            unit.flags |= up ? PE | C1 : PE;
        }
    }

    private static long overflow(Float80 unit, int sign, int control, long infinity) {
        unit.flags |= OE;
        if ((control & OE) == 0) {
            return 0;
        }
        int mode = control & ROUNDING;
        boolean toInfinity = mode == Float80.NEAREST || mode == Float80.DOWN && sign != 0
                || mode == Float80.UP && sign == 0;
        unit.flags |= toInfinity ? PE | C1 : PE;
        return toInfinity ? infinity : infinity - 1;
    }

    /** @param shift how far the significand goes right: more than the format drops */
    private static long underflow(Float80 unit, int sign, long sig, int shift, int control) {
        if ((control & UE) == 0) {
            unit.flags |= UE;
            return 0;
        }
        long whole = shift > 63 ? 0 : sig >>> shift;
        long tail = shift < 64 ? sig << 64 - shift : shift == 64 ? sig : 1;
        boolean denormalUp = Float80.roundsUp(sign, (whole & 1) != 0, tail, control);
        if (tail != 0) {
            unit.flags |= UE;
        }
        note(unit, tail, denormalUp);
        return denormalUp ? whole + 1 : whole;
    }

    /**
     * FIST and FISTTP.
     *
     * @param bits     16, 32 or 64
     * @param truncate FISTTP
     * @return the integer, or the most negative one if the value does not fit, with IE
     */
    public static long toInteger(Float80 unit, long sig, int exp, int bits, boolean truncate, int control) {
        unit.flags = 0;
        long indefinite = -1L << bits - 1;
        int biased = exp & MAX_EXPONENT;
        if (sig == 0 && biased == 0) {
            return 0;
        }
        int fractionBits = BIAS + 63 - biased;
        if (fractionBits < 0 || Float80.isUnsupported(sig, exp)) {
            unit.flags |= IE;
            return indefinite;
        }
        int mode = truncate ? Float80.TO_ZERO : control & ROUNDING;
        boolean negative = (exp & SIGN) != 0;
        long whole = fractionBits == 0 ? sig : fractionBits > 63 ? 0 : sig >>> fractionBits;
        long rest = fractionBits == 0 ? 0 : fractionBits < 64 ? sig << 64 - fractionBits : fractionBits == 64 ? sig : 1;
        boolean up = Float80.roundsUp(exp & SIGN, (whole & 1) != 0, rest, mode);
        long magnitude = up ? whole + 1 : whole;
        long limit = negative ? -indefinite : -indefinite - 1;
        if (Long.compareUnsigned(magnitude, limit) > 0) {
            unit.flags |= IE;
            return indefinite;
        }
        note(unit, rest, up);
        return negative ? -magnitude : magnitude;
    }

    /** FBLD: 18 decimal digits and the sign in bit 79. A digit above 9 counts with its value, as in silicon. */
    public static void fromBcd(Float80 unit, long low, int high) {
        long value = 0;
        for (int i = 1; i >= 0; i--) {
            value = value * 10 + (high >>> 4 * i & 0xF);
        }
        for (int i = 15; i >= 0; i--) {
            value = value * 10 + (low >>> 4 * i & 0xF);
        }
        unit.fromLong(value);
        unit.exponent |= high & SIGN;
    }

    /**
     * FBSTP: the magnitude to store, or -1 with IE if it has more than 18 digits. To be turned into digits by
     * {@link #bcdDigits}.
     */
    public static long toBcdMagnitude(Float80 unit, long sig, int exp, int control) {
        long value = toInteger(unit, sig, exp, 64, false, control);
        if ((unit.flags & IE) != 0 || value >= BCD_LIMIT || value <= -BCD_LIMIT) {
            unit.flags = IE;
            return -1;
        }
        return Math.abs(value);
    }

    /** Up to 16 decimal digits, four bits each. */
    public static long bcdDigits(long value) {
        long digits = 0;
        long rest = value;
        for (int i = 0; rest != 0; i += 4) {
            digits |= rest % 10 << i;
            rest /= 10;
        }
        return digits;
    }
}

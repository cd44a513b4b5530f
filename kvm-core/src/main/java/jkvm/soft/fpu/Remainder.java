package jkvm.soft.fpu;

import static jkvm.soft.fpu.FpuState.C0;
import static jkvm.soft.fpu.FpuState.C1;
import static jkvm.soft.fpu.FpuState.C2;
import static jkvm.soft.fpu.FpuState.C3;

/**
 * The division loop of FPREM and FPREM1. Where the exponents are 64 or more apart the instruction reduces the dividend
 * by 32 to 63 bits only, sets C2 and is to be executed again. Complete, it leaves the quotient's three low bits in C0,
 * C3 and C1.
 */
final class Remainder {
    private Remainder() {
    }

    /**
     * @param ea      exponent of the dividend {@code a}, of any size; likewise {@code eb}
     * @param nearest the quotient is rounded to nearest (FPREM1), else truncated (FPREM)
     */
    static void compute(Float80 unit, int sign, int ea, long a, int eb, long b, boolean nearest, int control) {
        int distance = ea - eb;
        if (distance < (nearest ? -1 : 0)) {
            pack(unit, sign, ea, a, control);
            return;
        }
        boolean partial = distance >= 64;
        int bits = partial ? 32 + (distance & 31) : distance;
        long quotient = 0;
        long rest = a;
        if (bits < 0) {
            // Only FPREM1: the dividend is at least a quarter of the divisor, and below it.
            finishHalf(unit, sign, ea, a, b, control);
            return;
        }
        for (int i = bits; i >= 0; i--) {
            boolean carry = i != bits && rest < 0;
            if (i != bits) {
                rest <<= 1;
            }
            quotient <<= 1;
            if (carry || Long.compareUnsigned(rest, b) >= 0) {
                rest -= b;
                quotient++;
            }
        }
        if (partial) {
            unit.flags |= C2;
            pack(unit, sign, ea - bits, rest, control);
            return;
        }
        boolean up = nearest && isAboveHalf(rest, b, (quotient & 1) != 0);
        if (up) {
            rest = b - rest;
            quotient++;
        }
        noteQuotient(unit, quotient);
        pack(unit, up ? sign ^ Float80.SIGN : sign, eb, rest, control);
    }

    private static boolean isAboveHalf(long rest, long b, boolean odd) {
        int order = Long.compareUnsigned(rest, b - rest);
        return order > 0 || order == 0 && odd;
    }

    /** A dividend with the exponent just below the divisor's: a quotient of 0 or 1. */
    private static void finishHalf(Float80 unit, int sign, int ea, long a, long b, int control) {
        // Half of the divisor is b at the dividend's exponent, so the two significands compare directly.
        if (Long.compareUnsigned(a, b) <= 0) {
            pack(unit, sign, ea, a, control);
            return;
        }
        noteQuotient(unit, 1);
        // The rest is 2b - a, between 0 and b.
        pack(unit, sign ^ Float80.SIGN, ea, b - (a - b), control);
    }

    private static void noteQuotient(Float80 unit, long quotient) {
        unit.flags |= ((quotient & 1) != 0 ? C1 : 0) | ((quotient & 2) != 0 ? C3 : 0) | ((quotient & 4) != 0 ? C0 : 0);
    }

    /** The remainder is exact; it may be zero or denormal. */
    private static void pack(Float80 unit, int sign, int exp, long sig, int control) {
        if (sig == 0) {
            unit.zero(sign);
            return;
        }
        int shift = Long.numberOfLeadingZeros(sig);
        unit.roundPack64(sign, exp - shift, sig << shift, 0, control);
    }
}

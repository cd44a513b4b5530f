package jkvm.soft.fpu;

/** The constants of FLD1 to FLDZ: 64 bits, and whether the exact value lies above or below what they round to. */
final class Constants {
    /**
     * In the order of the opcodes D9 E8 to D9 EE: one, log2 10, log2 e, pi, log10 2, ln 2, zero. Truncated to 64 bits.
     */
    private static final long[] SIGNIFICAND = {0x8000000000000000L, 0xD49A784BCD1B8AFEL, 0xB8AA3B295C17F0BBL,
            0xC90FDAA22168C234L, 0x9A209A84FBCFF798L, 0xB17217F7D1CF79ABL, 0};
    private static final int[] EXPONENT = {0x3FFF, 0x4000, 0x3FFF, 0x4000, 0x3FFD, 0x3FFE, 0};
    /** The next bit: what rounding to nearest adds. */
    private static final int[] NEXT = {0, 0, 1, 1, 1, 1, 0};

    private Constants() {
    }

    /** Leaves the constant in the unit. Loading one never raises an exception. */
    static void load(Float80 unit, int number, int control) {
        boolean inexact = number != 0 && number != 6;
        int rounding = control & Float80.ROUNDING;
        long up = rounding == Float80.NEAREST ? NEXT[number] : rounding == Float80.UP && inexact ? 1 : 0;
        unit.flags = 0;
        unit.result(SIGNIFICAND[number] + up, EXPONENT[number]);
    }
}

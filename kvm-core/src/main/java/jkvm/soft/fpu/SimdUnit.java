package jkvm.soft.fpu;

/**
 * The state of one vCPU's SSE arithmetic: the MXCSR in force and the exception flags that the current instruction
 * has raised (SDM volume 1, 10.2.3 and 11.5). One instruction is
 *
 * <pre>{@code
 * unit.begin(mxcsr);
 * long sum = DoubleLanes.add(unit, a, b);   // one call for each lane
 * mxcsr |= unit.finish();
 * if (unit.faults()) ...                    // #XM: the destination stays as it is
 * }</pre>
 *
 * The host's own rounding mode and flags are never touched. Java always rounds to nearest and reports no flags, so
 * each lane either takes Java's result where the flags that belong to it are known, or is computed with integers by
 * {@link SoftFloat}.
 */
public final class SimdUnit {
    /** Exception flags, bits 0 to 5 of MXCSR: invalid, denormal operand, zero divide, overflow, underflow, inexact. */
    public static final int IE = 1, DE = 2, ZE = 4, OE = 8, UE = 16, PE = 32, FLAGS = 63;
    /** Denormals are zeros; flush to zero. */
    public static final int DAZ = 0x40, FTZ = 0x8000;
    /** The masks lie this many bits above their flags. */
    public static final int MASK_SHIFT = 7;
    /** Rounding control, two bits: to nearest even, down, up, toward zero. */
    public static final int RC_SHIFT = 13, NEAREST = 0, DOWN = 1, UP = 2, TO_ZERO = 3;
    /** MXCSR after reset, and the bits that may be set. */
    public static final int RESET = 0x1F80, WRITABLE = 0xFFFF;

    /** Exceptions that are found before anything is computed. An unmasked one leaves the others unraised. */
    private static final int BEFORE = IE | DE | ZE;
    private static final int ALL_MASKED_NEAREST = FLAGS << MASK_SHIFT;
    private static final int MASKS_AND_RC = FLAGS << MASK_SHIFT | 3 << RC_SHIFT;

    /** A 128-bit operand or result that one method passes to another. */
    public long low, high;

    /** Java's arithmetic rounds as this instruction has to, and nothing is unmasked. */
    boolean nativeRounding;
    /** {@link #nativeRounding}, and the inexact flag is set already: a lane need not find out. */
    boolean inexactKnown;
    private int rounding;
    boolean denormalsAreZeros;
    /** FTZ works only while underflow is masked. */
    boolean flushToZero;
    /** Flags whose exception is not masked. */
    private int unmasked;
    /** Flags of the current operation, and of those that are complete. */
    private int flags, raised;

    /** Starts an instruction under this MXCSR. */
    public void begin(int mxcsr) {
        nativeRounding = (mxcsr & MASKS_AND_RC) == ALL_MASKED_NEAREST;
        inexactKnown = nativeRounding && (mxcsr & PE) != 0;
        rounding = mxcsr >> RC_SHIFT & 3;
        denormalsAreZeros = (mxcsr & DAZ) != 0;
        unmasked = ~(mxcsr >> MASK_SHIFT) & FLAGS;
        flushToZero = (mxcsr & FTZ) != 0 && (unmasked & UE) == 0;
        flags = 0;
        raised = 0;
    }

    /**
     * Ends the instruction.
     *
     * @return the flags to add to MXCSR
     */
    public int finish() {
        stage();
        return raised;
    }

    /**
     * Ends the first of several operations that follow one another: DPPS. An unmasked exception that is found before
     * computing leaves those that come of computing unraised.
     *
     * @return true if no unmasked exception keeps the next operation from being done
     */
    public boolean stage() {
        raised |= (flags & unmasked & BEFORE) != 0 ? flags & BEFORE : flags;
        flags = 0;
        return (raised & unmasked) == 0;
    }

    /** True if the instruction ends in #XM and must not write its destination. Valid after {@link #finish}. */
    public boolean faults() {
        return (raised & unmasked) != 0;
    }

    /** Rounds by {@code mode} instead of MXCSR's until the end of the instruction: truncating conversions, ROUNDSD. */
    public void useRounding(int mode) {
        rounding = mode;
    }

    /** The rounding mode in force, 0 to 3. */
    public int rounding() {
        return rounding;
    }

    boolean isUnmasked(int exception) {
        return (unmasked & exception) != 0;
    }

    void raise(int exceptions) {
        flags |= exceptions;
    }

    /** True if this exception stops the lane before anything is computed. */
    boolean stops(int exceptions) {
        flags |= exceptions;
        return (exceptions & unmasked) != 0;
    }

    /** Forgets the inexact flag of this instruction: ROUNDSD and its kin with bit 3 of the immediate. */
    public void suppressInexact() {
        flags &= ~PE;
    }
}

package jkvm.soft;

import java.util.OptionalLong;
import jkvm.work.InstructionClock;

/**
 * How the KVM in Java runs its guests.
 *
 * @param compiles whether hot guest code is compiled; without, all of it is interpreted, far slower and with the same
 *                 results
 * @param clock    counts the time in instructions, for one VM with one vCPU; null for the host's time
 * @param seed     of the numbers that RDRAND and RDSEED give; without, they are random
 */
public record SoftOptions(boolean compiles, InstructionClock clock, OptionalLong seed) {
    /** Host time, compiled code, random numbers. */
    public static final SoftOptions DEFAULT = new SoftOptions(true, null, OptionalLong.empty());

    /** Time counted in instructions, and numbers that are the same in each run. */
    public static SoftOptions counting(InstructionClock clock) {
        return new SoftOptions(true, clock, OptionalLong.of(0));
    }
}

package jkvm.soft;

import java.util.OptionalLong;
import java.util.function.IntFunction;
import jkvm.soft.observe.SoftObserver;
import jkvm.work.InstructionClock;

/**
 * How the KVM in Java runs its guests.
 *
 * @param compiles whether hot guest code is compiled; without, all of it is interpreted, far slower and with the same
 *                 results
 * @param clock    counts the time in instructions, for one VM with one vCPU; null for the host's time
 * @param seed     of the numbers that RDRAND and RDSEED give; without, they are random
 * @param observers gives the observer of each vCPU by the vCPU's number, or null
 */
public record SoftOptions(boolean compiles, InstructionClock clock, OptionalLong seed,
        IntFunction<SoftObserver> observers) {
    /** Host time, compiled code, random numbers. */
    public static final SoftOptions DEFAULT = new SoftOptions(true, null, OptionalLong.empty());

    /** Options of a KVM whose vCPUs nobody watches from inside. */
    public SoftOptions(boolean compiles, InstructionClock clock, OptionalLong seed) {
        this(compiles, clock, seed, _ -> null);
    }

    /** The same with observers. */
    public SoftOptions observedBy(IntFunction<SoftObserver> newObservers) {
        return new SoftOptions(compiles, clock, seed, newObservers);
    }

    /** Time counted in instructions, and numbers that are the same in each run. */
    public static SoftOptions counting(InstructionClock clock) {
        return new SoftOptions(true, clock, OptionalLong.of(0));
    }
}

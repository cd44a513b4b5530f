package jkvm.machine.config;

import java.util.Optional;
import java.util.OptionalLong;
import jkvm.work.InstructionClock;

/**
 * The sources of differences between two runs of a machine: its time and its random numbers.
 *
 * @param counting time counted in instructions; for a machine with one CPU on the KVM in Java
 * @param seed     of the guest's random numbers; without, they are random, or those of seed 0 with {@code counting}
 */
public record TimeConfig(RtcConfig rtc, Optional<CountingConfig> counting, OptionalLong seed) {

    /** A clock that counts instructions, for one machine; empty for the host's time. */
    public Optional<InstructionClock> newClock() {
        return counting.map(config -> config.newClock(rtc));
    }

    /** The seed of the guest's random numbers; empty where they are random. */
    public OptionalLong guestSeed() {
        return seed.isEmpty() && counting.isPresent() ? OptionalLong.of(0) : seed;
    }
}

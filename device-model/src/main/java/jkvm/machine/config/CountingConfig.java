package jkvm.machine.config;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import jkvm.work.InstructionClock;

/**
 * Time counted in instructions, QEMU's {@code -icount}.
 *
 * @param shift from 0 to {@link InstructionClock#MAX_SHIFT}: an instruction takes {@code 1 << shift} nanoseconds
 * @param sleep a halted guest sleeps as long as its clock says; else the clock is put forward at once
 * @param align the guest waits for the host's clock where its own is ahead
 */
public record CountingConfig(int shift, boolean sleep, boolean align) {
    /** The date at the start, where none is given: the host's would be another one in each run. */
    public static final LocalDateTime START = LocalDateTime.of(2026, 1, 1, 0, 0);
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    public CountingConfig {
        if (shift < 0 || shift > InstructionClock.MAX_SHIFT) {
            throw new IllegalArgumentException("shift " + shift + ": must be from 0 to " + InstructionClock.MAX_SHIFT);
        }
    }

    /** A clock at zero, for one machine. */
    public InstructionClock newClock(RtcConfig rtc) {
        long start = rtc.start().orElse(START).toEpochSecond(ZoneOffset.UTC);
        return new InstructionClock(shift, sleep, align, start * NANOS_PER_SECOND);
    }
}

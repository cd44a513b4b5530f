package jkvm.machine.config;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import jkvm.work.InputLog;
import jkvm.work.InstructionClock;

/**
 * Time counted in instructions, QEMU's {@code -icount}.
 *
 * @param shift from 0 to {@link InstructionClock#MAX_SHIFT}: an instruction takes {@code 1 << shift} nanoseconds
 * @param sleep a halted guest sleeps as long as its clock says; else the clock is put forward at once
 * @param align the guest waits for the host's clock where its own is ahead
 * @param log   where the guest's inputs are written down, or come from
 */
public record CountingConfig(int shift, boolean sleep, boolean align, Log log) {
    /** The date at the start, where none is given: the host's would be another one in each run. */
    public static final LocalDateTime START = LocalDateTime.of(2026, 1, 1, 0, 0);
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** The way of inputs. */
    public sealed interface Log {
    }

    /** They come from outside, and are not written down. */
    public record NoLog() implements Log {
    }

    /** They are written to a file. */
    public record Recording(Path file) implements Log {
    }

    /** They come from a file. */
    public record Replay(Path file) implements Log {
    }

    /** Without a log of inputs. */
    public CountingConfig(int shift, boolean sleep, boolean align) {
        this(shift, sleep, align, new NoLog());
    }

    public CountingConfig {
        if (shift < 0 || shift > InstructionClock.MAX_SHIFT) {
            throw new IllegalArgumentException("shift " + shift + ": must be from 0 to " + InstructionClock.MAX_SHIFT);
        }
    }

    /** True where a run is recorded, or repeats a recording. */
    public boolean isLogged() {
        return !(log instanceof NoLog);
    }

    /**
     * A clock at zero, for one machine.
     *
     * @throws jkvm.work.InputLogException if the log cannot be opened
     */
    public InstructionClock newClock(RtcConfig rtc) {
        long start = rtc.start().orElse(START).toEpochSecond(ZoneOffset.UTC);
        InputLog inputs = switch (log) {
            case NoLog _ -> InputLog.none();
            case Recording recording -> InputLog.record(recording.file());
            case Replay replay -> InputLog.replay(replay.file());
        };
        return new InstructionClock(shift, sleep, align, start * NANOS_PER_SECOND, inputs);
    }
}

package jkvm.machine.config;

import java.time.LocalDateTime;
import java.util.Optional;

/**
 * The real-time clock's start.
 *
 * @param localTime true for the host's local time instead of UTC
 * @param source    what it follows from then on
 * @param start     the date and time to start from instead of the host's, as the clock shall show it
 */
public record RtcConfig(boolean localTime, Source source, Optional<LocalDateTime> start) {
    public static final RtcConfig UTC = new RtcConfig(false, Source.HOST, Optional.empty());

    /** The clocks that the date can follow. */
    public enum Source {
        /** The host's date, changes of it too. */
        HOST,
        /** Time that passes on the host. */
        MONOTONIC,
        /** Time that passes in the guest: none while the machine is paused. */
        GUEST
    }
}

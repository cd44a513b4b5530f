package jkvm.machine.config;

import java.time.LocalDateTime;
import java.util.Optional;

/**
 * The real-time clock's start.
 *
 * @param localTime true for the host's local time instead of UTC
 * @param start     the date and time to start from instead of the host's, as the clock shall show it
 */
public record RtcConfig(boolean localTime, Optional<LocalDateTime> start) {
    public static final RtcConfig UTC = new RtcConfig(false, Optional.empty());
}

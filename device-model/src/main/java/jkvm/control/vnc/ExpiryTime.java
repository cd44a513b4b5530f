package jkvm.control.vnc;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/** The moment from which a password is good for nothing, as monitors write it. */
public final class ExpiryTime {
    private ExpiryTime() {
    }

    /**
     * Reads {@code now}, {@code never}, {@code +SECONDS} from now, or seconds since 1970.
     *
     * @return empty if it is none of them
     */
    public static Optional<Instant> read(String text, Instant now) {
        if (text.equals("now")) {
            return Optional.of(now);
        }
        if (text.equals("never")) {
            return Optional.of(Instant.MAX);
        }
        try {
            long seconds = Long.parseLong(text.startsWith("+") ? text.substring(1) : text);
            return Optional.of(text.startsWith("+") ? now.plusSeconds(seconds) : Instant.ofEpochSecond(seconds));
        } catch (NumberFormatException | DateTimeException | ArithmeticException _) {
            return Optional.empty();
        }
    }
}

package jkvm.app.options;

import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * How the program's messages look, as {@code -msg} says.
 *
 * @param timestamp true if each begins with the time, in UTC
 * @param guestName true if the guest's name follows
 * @param name      the guest's name; empty if it has none
 */
public record MessageFormat(boolean timestamp, boolean guestName, String name) {
    /** Nothing before the program's name. */
    static final MessageFormat PLAIN = new MessageFormat(false, false, "");
    private static final String PROGRAM = "jkvm: ";

    /** Made when a message first needs it: few runs want the time, and it takes a part of a short one's start. */
    private static final class Time {
        static final DateTimeFormatter FORMAT =
                DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    }

    /** The same for a guest. */
    MessageFormat of(String guest) {
        return new MessageFormat(timestamp, guestName, guest);
    }

    /** A stream whose messages look so: lines that begin with the program's name. Others pass as they are. */
    public PrintStream on(PrintStream err) {
        if (!timestamp && (!guestName || name.isEmpty())) {
            return err;
        }
        return new PrintStream(err, true) {
            @Override
            public void println(String line) {
                super.println(line.startsWith(PROGRAM) ? prefix() + line : line);
            }
        };
    }

    private String prefix() {
        String time = timestamp ? Time.FORMAT.format(Instant.now()) + " " : "";
        return time + (guestName && !name.isEmpty() ? name + " " : "");
    }
}

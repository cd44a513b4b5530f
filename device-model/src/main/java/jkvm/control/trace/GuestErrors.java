package jkvm.control.trace;

import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Hears what {@link jkvm.bus.GuestLog} says of a guest's mistakes, while it is open. */
final class GuestErrors extends Handler {
    /** Held, since loggers that nobody holds are forgotten with their levels. */
    private final List<Logger> loggers = List.of(Logger.getLogger("jkvm.bus"), Logger.getLogger("jkvm.device"));
    private final SimpleFormatter formatter = new SimpleFormatter();
    private final Consumer<String> lines;

    private GuestErrors(Consumer<String> lines) {
        this.lines = lines;
    }

    static GuestErrors listen(Consumer<String> lines) {
        GuestErrors errors = new GuestErrors(lines);
        errors.setLevel(Level.FINE);
        for (Logger logger : errors.loggers) {
            logger.setLevel(Level.FINE);
            logger.addHandler(errors);
        }
        return errors;
    }

    @Override
    public void publish(LogRecord message) {
        lines.accept(formatter.formatMessage(message));
    }

    @Override
    public void flush() {
        // Each line goes out at once.
    }

    @Override
    public void close() {
        for (Logger logger : loggers) {
            logger.removeHandler(this);
            logger.setLevel(null);
        }
    }
}

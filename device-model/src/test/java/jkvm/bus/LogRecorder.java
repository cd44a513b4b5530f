package jkvm.bus;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Keeps what a logger is given, instead of its appearance on standard error, until it is closed. */
public final class LogRecorder extends Handler implements AutoCloseable {
    private static final Formatter FORMATTER = new SimpleFormatter();
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final Logger logger;

    /** @param name of the logger */
    public LogRecorder(String name) {
        logger = Logger.getLogger(name);
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    /** The records logged so far, with their parameters. */
    public List<String> messages() {
        return messages;
    }

    @Override
    public void publish(LogRecord entry) {
        messages.add(FORMATTER.formatMessage(entry));
    }

    @Override
    public void flush() {
        // Nothing is buffered.
    }

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
    }
}

package jkvm.control.trace;

import java.nio.file.Path;
import jkvm.host.HostException;

/** A file of logs or traces cannot be written. */
public final class LogException extends HostException {
    private static final long serialVersionUID = 1L;

    /** @param reason the host's */
    LogException(Path path, String reason, Throwable cause) {
        super("Error opening logfile " + path, reason, cause);
    }
}

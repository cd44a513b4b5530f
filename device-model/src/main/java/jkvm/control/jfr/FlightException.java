package jkvm.control.jfr;

import jkvm.host.HostException;

/** A run cannot be recorded. */
public final class FlightException extends HostException {
    private static final long serialVersionUID = 1L;

    FlightException(String action, String reason, Throwable cause) {
        super(action, reason, cause);
    }
}

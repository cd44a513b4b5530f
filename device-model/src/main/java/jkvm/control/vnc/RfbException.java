package jkvm.control.vnc;

import java.io.IOException;

/** A viewer breaks the protocol: its connection ends. */
final class RfbException extends IOException {
    private static final long serialVersionUID = 1;

    RfbException(String message) {
        super(message);
    }
}

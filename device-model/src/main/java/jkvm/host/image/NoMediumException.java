package jkvm.host.image;

import java.io.IOException;

/** A drive has no medium that can be read. */
public final class NoMediumException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param device the drive's name */
    public NoMediumException(String device) {
        super(device + " has no medium");
    }
}

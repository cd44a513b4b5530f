package jkvm.host.disk;

import java.io.IOException;

/** The image's tables contradict each other: going on to write would destroy data. */
public final class CorruptImageException extends IOException {
    private static final long serialVersionUID = 1L;

    public CorruptImageException(String message) {
        super(message);
    }
}

package jkvm.machine.snapshot;

import java.nio.file.Path;
import jkvm.host.HostException;

/** The host refuses to write or to read the file of a saved state. */
public final class SnapshotFileException extends HostException {
    private static final long serialVersionUID = 1L;

    /** @param action that failed, as in {@code save the machine's state to} */
    SnapshotFileException(String action, Path file, Exception cause) {
        super("cannot " + action + " " + file, reasonOf(cause), cause);
    }
}

package jkvm.control.report;

import java.nio.file.Path;
import jkvm.host.HostException;

/** The file of a report cannot be written; found before the guest starts. */
public final class ReportException extends HostException {
    private static final long serialVersionUID = 1L;

    ReportException(Path file, String reason) {
        super("cannot write the report " + file, reason, null);
    }
}

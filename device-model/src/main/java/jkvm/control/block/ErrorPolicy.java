package jkvm.control.block;

import java.io.IOException;
import jkvm.control.job.JobCancelledException;
import jkvm.control.job.JobControl;
import jkvm.control.job.JobControl.ErrorAction;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;

/** The thing that a job does when the host fails a request. */
public enum ErrorPolicy {
    /** Fails. */
    REPORT("report"),
    /** Leaves the range and goes on. */
    IGNORE("ignore"),
    /** Pauses, and tries again when the user resumes it. */
    STOP("stop"),
    /** {@link #STOP} where the host has no room left, else {@link #REPORT}. */
    ENOSPC("enospc");

    private final String text;

    ErrorPolicy(String text) {
        this.text = text;
    }

    /** The name in QMP. */
    public String text() {
        return text;
    }

    /**
     * Acts on an error.
     *
     * @return true if the request is to be tried again, false if it is to be left
     * @throws IOException           if the job fails
     * @throws JobCancelledException if the user has cancelled the job
     */
    boolean isTriedAgain(JobControl control, boolean isRead, IOException error)
            throws IOException, JobCancelledException {
        boolean stops = this == STOP || this == ENOSPC && isOf(error, Errno.ENOSPC);
        ErrorAction action = this == IGNORE ? ErrorAction.IGNORE : stops ? ErrorAction.STOP : ErrorAction.REPORT;
        control.tellError(isRead, action);
        if (action == ErrorAction.REPORT) {
            throw new IOException(text(error), error);
        }
        control.pausePoint();
        return stops;
    }

    private static LinuxException ofHost(Throwable error) {
        Throwable each = error;
        while (each != null && !(each instanceof LinuxException)) {
            each = each.getCause();
        }
        return (LinuxException) each;
    }

    private static boolean isOf(IOException error, Errno errno) {
        LinuxException cause = ofHost(error);
        return cause != null && cause.errno() == errno;
    }

    /** As QEMU tells it: the host's words for its error number, if there is one. */
    static String text(IOException error) {
        LinuxException cause = ofHost(error);
        if (cause == null) {
            return error.getMessage();
        }
        String text = cause.errno().text();
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}

package jkvm.app.harness;

/**
 * How a run ended.
 *
 * @param end    the kind of end
 * @param report for {@link End#SHUTDOWN} and {@link End#FAILED} registers, the bytes at RIP, what it means and what to
 *               try, in several lines; else empty
 */
public record HarnessResult(End end, String report) {

    /** The kinds of end. */
    public enum End {
        /** The guest executed HLT. */
        HALTED,
        /** The guest shut down: a triple fault. */
        SHUTDOWN,
        /** KVM cannot go on: an internal error, a failed entry, a failed call. */
        FAILED,
        /** A debug callback ended the run. */
        DEBUG,
        /** {@link Harness#stop()} or {@link Harness#close()} ended the run. */
        STOPPED
    }

    /** True if the guest ended by HLT. */
    public boolean isHalted() {
        return end == End.HALTED;
    }
}

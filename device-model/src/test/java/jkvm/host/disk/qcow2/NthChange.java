package jkvm.host.disk.qcow2;

import java.io.IOException;

/** Fails one change of a file, or all from there on, until it ends. */
final class NthChange implements MemoryFile.Fault {
    /** The error that the host would give. */
    static final class Injected extends IOException {
        private static final long serialVersionUID = 1L;

        Injected(String error) {
            super(error);
        }
    }

    private final int nth;
    private final boolean always;
    private final String error;
    private int count;
    private boolean off;

    /**
     * @param always whether all later changes fail too
     * @param error  {@code EIO}, or {@code ENOSPC}, which fails writes only
     */
    NthChange(int nth, boolean always, String error) {
        this.nth = nth;
        this.always = always;
        this.error = error;
    }

    boolean isLasting() {
        return always;
    }

    int nth() {
        return nth;
    }

    /** Whether there were as many changes. */
    boolean wasReached() {
        return count >= nth;
    }

    /** The host is well again. */
    void end() {
        off = true;
    }

    @Override
    public void before(MemoryFile.Change change) throws IOException {
        count++;
        // A full disk fails neither a flush nor the return of space.
        boolean fits = error.equals("EIO") || change.kind() == MemoryFile.Kind.WRITE;
        if (!off && fits && (always ? count >= nth : count == nth)) {
            throw new Injected(error);
        }
    }
}

package jkvm.host.chardev;

import java.io.IOException;
import java.util.Optional;
import jkvm.linux.Fd;
import jkvm.linux.Terminal;

/**
 * Writes the guest's output into a file too. While the other side is not there the file gets it alone. A file that
 * cannot take more ends the log, which is said once, and nothing else.
 */
final class LoggedLink implements HostLink {
    private final HostLink inner;
    private final FileLink log;
    /** The other side is there. */
    private volatile boolean hasPeer;
    /** Of the writer. */
    private boolean isEnded;

    LoggedLink(HostLink inner, FileLink log) {
        this.inner = inner;
        this.log = log;
        this.hasPeer = inner.isPresent();
    }

    @Override
    public boolean isPresent() {
        return inner.isPresent();
    }

    @Override
    public boolean takesAlways() {
        return true;
    }

    @Override
    public boolean awaitPeer() throws IOException {
        boolean there = inner.awaitPeer();
        hasPeer = there;
        return there;
    }

    @Override
    public int read(byte[] to, int length) throws IOException {
        int count = 0;
        try {
            count = inner.read(to, length);
        } finally {
            hasPeer &= count > 0 || count == BREAK || !inner.leavesAtEndOfInput();
        }
        return count;
    }

    @Override
    public Optional<Fd> takeDescriptor() {
        return inner.takeDescriptor();
    }

    @Override
    public boolean leavesAtEndOfInput() {
        return inner.leavesAtEndOfInput();
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        int part = length;
        try {
            part = hasPeer ? inner.send(from, offset, length) : length;
        } finally {
            // The log has the bytes that the other side did not take too.
            log(from, offset, part);
        }
        return part;
    }

    private void log(byte[] from, int offset, int length) {
        try {
            for (int done = 0; done < length && !isEnded;) {
                done += log.send(from, offset + done, length - done);
            }
        } catch (IOException e) {
            isEnded = true;
            System.getLogger(LoggedLink.class.getName()).log(System.Logger.Level.WARNING, "the log ends here: {0}",
                    e.getMessage());
        }
    }

    @Override
    public boolean isTerminal() {
        return inner.isTerminal();
    }

    @Override
    public Optional<Terminal.Size> windowSize() {
        return inner.windowSize();
    }

    @Override
    public void interrupt() {
        inner.interrupt();
    }

    @Override
    public void close() {
        inner.close();
        log.close();
    }
}

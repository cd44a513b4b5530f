package jkvm.host.chardev;

import java.io.IOException;
import java.util.Optional;
import jkvm.linux.FdStream;
import jkvm.linux.LinuxException;
import jkvm.linux.Pty;
import jkvm.linux.Terminal;

/** Standard input and output, or a pseudo-terminal. */
final class FdLink implements HostLink {
    private static final int HANG_UP_POLL_MILLIS = 200;

    private final FdStream stream;
    /** Null for standard input and output. */
    private final Pty pty;
    private boolean asked;

    /** Standard input and output, whose descriptors stay open. */
    FdLink(FdStream stream) {
        this(stream, null);
    }

    FdLink(Pty pty) {
        this(new FdStream(pty.fd(), pty.fd()), pty);
    }

    private FdLink(FdStream stream, Pty pty) {
        this.stream = stream;
        this.pty = pty;
    }

    @Override
    public boolean isPresent() {
        return pty == null;
    }

    @Override
    public boolean awaitPeer() {
        if (pty == null) {
            boolean first = !asked;
            asked = true;
            return first;
        }
        // The kernel has no event for "someone opened the terminal side".
        while (stream.isHungUp()) {
            if (!stream.pause(HANG_UP_POLL_MILLIS)) {
                return false;
            }
        }
        return stream.pause(0);
    }

    @Override
    public int read(byte[] to, int length) throws IOException {
        try {
            return stream.read(to, length);
        } catch (LinuxException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public boolean leavesAtEndOfInput() {
        return pty != null;
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        try {
            return stream.write(from, offset, length);
        } catch (LinuxException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public boolean isTerminal() {
        return stream.isTerminal();
    }

    @Override
    public Optional<Terminal.Size> windowSize() {
        return stream.windowSize();
    }

    @Override
    public void interrupt() {
        stream.interrupt();
    }

    @Override
    public void close() {
        stream.close();
        if (pty != null) {
            pty.close();
        }
    }
}

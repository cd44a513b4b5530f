package jkvm.host.chardev;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import jkvm.linux.Fd;
import jkvm.linux.FdStream;
import jkvm.linux.LinuxException;
import jkvm.linux.Pty;
import jkvm.linux.Terminal;

/** Standard input and output, a pseudo-terminal, or files of the host's that act like one. */
final class FdLink implements HostLink {
    private static final int HANG_UP_POLL_MILLIS = 200;

    private final FdStream stream;
    /** Null for all but a pseudo-terminal. */
    private final Pty pty;
    /** Closed at the end. */
    private final List<Fd> owned;
    private boolean asked;

    /** Standard input and output, whose descriptors stay open. */
    FdLink(FdStream stream) {
        this(stream, null, List.of());
    }

    FdLink(Pty pty) {
        this(new FdStream(pty.fd(), pty.fd()), pty, List.of());
    }

    /** Two descriptors, or one twice, which it closes. */
    FdLink(Fd input, Fd output) {
        this(new FdStream(input, output), null, List.of(input, output));
    }

    private FdLink(FdStream stream, Pty pty, List<Fd> owned) {
        this.stream = stream;
        this.pty = pty;
        this.owned = owned;
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
        owned.forEach(Fd::close);
    }
}

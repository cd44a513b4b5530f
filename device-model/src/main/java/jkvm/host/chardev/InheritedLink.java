package jkvm.host.chardev;

import java.io.IOException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import jkvm.linux.EventFd;
import jkvm.linux.Fd;
import jkvm.linux.FdStream;
import jkvm.linux.LinuxException;
import jkvm.linux.Poll;
import jkvm.linux.SocketFd;

/**
 * A socket that the program which starts jkvm has opened: a connected one, whose peer comes once, or one that listens,
 * whose peers come one after the other.
 */
final class InheritedLink implements HostLink {
    /** The most that wait; more are closed. */
    private static final int MAX_DESCRIPTORS = 16;

    private final Fd socket;
    private final boolean listens;
    private final EventFd wake;
    /** Passed by the peer, oldest first. */
    private final Queue<Fd> descriptors = new ConcurrentLinkedQueue<>();
    /** The connection and its stream; null while there is none. Written by the reading thread. */
    private volatile Peer peer;
    /** A peer that came before the reading thread asked for one. */
    private boolean fresh;
    private volatile boolean interrupted;

    private record Peer(Fd fd, FdStream stream) {
        static Peer of(Fd fd) {
            return new Peer(fd, new FdStream(fd, fd));
        }

        void close() {
            stream.close();
            fd.close();
        }
    }

    /**
     * Takes the socket.
     *
     * @param server true if it has to listen
     * @throws IOException if it is no such socket
     */
    InheritedLink(Fd socket, boolean server) throws IOException {
        this.socket = socket;
        listens = server;
        try {
            if (SocketFd.isListening(socket) != server) {
                throw new IOException(server ? "the socket does not listen; leave out server=on"
                        : "the socket listens; add server=on");
            }
        } catch (LinuxException e) {
            throw failure(e);
        }
        wake = EventFd.nonBlocking(socket.syscalls());
        if (!server) {
            peer = Peer.of(socket);
            fresh = true;
        }
    }

    private static IOException failure(LinuxException e) {
        return new IOException(e.errno().text(), e);
    }

    /** Waits for the first peer of one that listens. */
    void acceptFirst() throws IOException {
        fresh = accept();
    }

    private boolean accept() throws IOException {
        Poll poll = new Poll(socket, wake);
        try {
            while (!interrupted) {
                if (poll.await(Poll.IN, Poll.FOREVER) != 0 && !interrupted) {
                    peer = Peer.of(SocketFd.accept(socket));
                    return true;
                }
            }
            return false;
        } catch (LinuxException e) {
            throw failure(e);
        }
    }

    @Override
    public boolean isPresent() {
        return peer != null;
    }

    @Override
    public boolean awaitPeer() throws IOException {
        if (fresh) {
            fresh = false;
            return true;
        }
        if (!listens) {
            return false;
        }
        Peer last = peer;
        peer = null;
        closeDescriptors();
        if (last != null) {
            last.close();
        }
        return accept();
    }

    @Override
    public int read(byte[] to, int length) throws IOException {
        try {
            return peer.stream().receive(to, length, this::keep);
        } catch (LinuxException e) {
            throw failure(e);
        }
    }

    private void keep(Fd descriptor) {
        if (descriptors.size() < MAX_DESCRIPTORS) {
            descriptors.add(descriptor);
        } else {
            descriptor.close();
        }
    }

    @Override
    public Optional<Fd> takeDescriptor() {
        return Optional.ofNullable(descriptors.poll());
    }

    private void closeDescriptors() {
        while (true) {
            Optional<Fd> descriptor = takeDescriptor();
            if (descriptor.isEmpty()) {
                return;
            }
            descriptor.get().close();
        }
    }

    @Override
    public boolean leavesAtEndOfInput() {
        return true;
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        Peer current = peer;
        try {
            return current == null ? 0 : current.stream().write(from, offset, length);
        } catch (LinuxException | IllegalStateException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void interrupt() {
        interrupted = true;
        wake.signal();
        Peer current = peer;
        if (current != null) {
            current.stream().interrupt();
        }
    }

    @Override
    public void close() {
        Peer current = peer;
        if (current != null) {
            current.close();
        }
        closeDescriptors();
        wake.close();
        socket.close();
    }
}

package jkvm.host.chardev;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** A stream socket with one other side at a time, which may go and come again. */
final class SocketLink implements HostLink {
    private final SocketEndpoint endpoint;
    /** True if small pieces are sent at once. */
    private final boolean nodelay;
    private final int reconnectSeconds;
    /** Null in a client. */
    private ServerSocketChannel server;
    /** Removes a server's name when a signal ends the process. */
    private final Thread closeAtExit = Thread.ofPlatform().name("socket-close").unstarted(this::close);
    private volatile SocketChannel peer;
    private volatile boolean interrupted;
    /** The peer that connected before the reader thread asked for one. */
    private boolean fresh;
    private boolean tried;

    private SocketLink(SocketEndpoint endpoint, boolean nodelay, int reconnectSeconds) {
        this.endpoint = endpoint;
        this.nodelay = nodelay;
        this.reconnectSeconds = reconnectSeconds;
    }

    /** Listens. */
    static SocketLink listen(SocketEndpoint endpoint, boolean nodelay) throws IOException {
        SocketLink link = new SocketLink(endpoint, nodelay, 0);
        // First: a signal may come as soon as the name is there.
        Runtime.getRuntime().addShutdownHook(link.closeAtExit);
        try {
            link.server = endpoint.listen();
        } catch (IOException | RuntimeException e) {
            link.forgetExit();
            throw e;
        }
        return link;
    }

    /** Connects, now or, if {@code reconnectSeconds} is not zero, as soon as someone listens. */
    static SocketLink connect(SocketEndpoint endpoint, boolean nodelay, int reconnectSeconds) throws IOException {
        SocketLink link = new SocketLink(endpoint, nodelay, reconnectSeconds);
        try {
            link.connectNow();
        } catch (IOException e) {
            if (reconnectSeconds == 0) {
                throw e;
            }
        }
        return link;
    }

    /** A server's place, as QEMU writes it. */
    String place() throws IOException {
        return endpoint.describe(server);
    }

    /** Waits for the first client of a server. */
    void acceptFirst() throws IOException {
        take(server.accept());
    }

    private void connectNow() throws IOException {
        take(endpoint.connect());
    }

    private synchronized void take(SocketChannel channel) throws IOException {
        if (nodelay) {
            TcpEndpoint.sendAtOnce(channel);
        }
        peer = channel;
        fresh = true;
        if (interrupted) {
            channel.close();
        }
    }

    @Override
    public boolean isPresent() {
        return peer != null;
    }

    @Override
    public boolean awaitPeer() throws IOException {
        if (takeFresh()) {
            return true;
        }
        if (peer != null) {
            peer.close();
        }
        try {
            if (server != null) {
                take(server.accept());
            } else if (!reconnect()) {
                return false;
            }
        } catch (ClosedChannelException _) {
            return false;
        }
        return takeFresh() && !interrupted;
    }

    private synchronized boolean takeFresh() {
        boolean was = fresh;
        fresh = false;
        return was;
    }

    private boolean reconnect() {
        if (reconnectSeconds == 0) {
            return false;
        }
        while (!interrupted) {
            if (tried) {
                pause();
            }
            tried = true;
            try {
                connectNow();
                return !interrupted;
            } catch (IOException _) {
                // No socket listens yet; the next attempt follows.
            }
        }
        return false;
    }

    private synchronized void pause() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(reconnectSeconds);
        try {
            for (long left; !interrupted && (left = end - System.nanoTime()) > 0;) {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
            }
        } catch (InterruptedException _) {
            interrupted = true;
        }
    }

    @Override
    public int read(byte[] to, int length) throws IOException {
        return peer.read(ByteBuffer.wrap(to, 0, length));
    }

    @Override
    public boolean leavesAtEndOfInput() {
        return true;
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        SocketChannel current = peer;
        return current == null ? 0 : current.write(ByteBuffer.wrap(from, offset, length));
    }

    @Override
    public void interrupt() {
        synchronized (this) {
            interrupted = true;
            notifyAll();
        }
        close();
    }

    @Override
    public void close() {
        try {
            if (peer != null) {
                peer.close();
            }
            if (server != null && server.isOpen()) {
                server.close();
                endpoint.forget();
                forgetExit();
            }
        } catch (IOException _) {
            // The socket's name may be gone already.
        }
    }

    private void forgetExit() {
        try {
            Runtime.getRuntime().removeShutdownHook(closeAtExit);
        } catch (IllegalStateException _) {
            // The process is ending already.
        }
    }
}

package jkvm.host.chardev;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A unix socket with one other side at a time, which may go and come again. */
final class SocketLink implements HostLink {
    /** The file type in a file's mode, and the value for sockets (inode(7)). */
    private static final int FILE_TYPE_MASK = 0xF000;
    private static final int SOCKET_TYPE = 0xC000;

    /** Bytes of a socket's name (unix(7)). */
    private static final int MAX_NAME = 107;

    private final Path path;
    /** Null in a client. */
    private final ServerSocketChannel server;
    private final int reconnectSeconds;
    /** Removes a server's name when a signal ends the process. */
    private final Thread closeAtExit = Thread.ofPlatform().name("socket-close").unstarted(this::close);
    private volatile SocketChannel peer;
    private volatile boolean interrupted;
    /** The peer that connected before the reader thread asked for one. */
    private boolean fresh;
    private boolean tried;

    private SocketLink(Path path, ServerSocketChannel server, int reconnectSeconds) {
        this.path = path;
        this.server = server;
        this.reconnectSeconds = reconnectSeconds;
    }

    /** Listens. A socket that an earlier run left is replaced; any other file is an error. */
    static SocketLink listen(Path path) throws IOException {
        if (isSocket(path)) {
            Files.delete(path);
        } else if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(path.toString(), null,
                    "exists and is not a socket; name another file");
        }
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
            throw new FileSystemException(path.toString(), null, "a socket's name has at most " + MAX_NAME + " bytes");
        }
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        SocketLink link = new SocketLink(path, server, 0);
        // First: a signal may come as soon as the name is there.
        Runtime.getRuntime().addShutdownHook(link.closeAtExit);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
        } catch (IOException | RuntimeException e) {
            link.close();
            throw e;
        }
        return link;
    }

    /** Connects, now or, if {@code reconnectSeconds} is not zero, as soon as someone listens. */
    static SocketLink connect(Path path, int reconnectSeconds) throws IOException {
        SocketLink link = new SocketLink(path, null, reconnectSeconds);
        try {
            link.connectNow();
        } catch (IOException e) {
            if (reconnectSeconds == 0) {
                throw e;
            }
        }
        return link;
    }

    private static boolean isSocket(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & FILE_TYPE_MASK) == SOCKET_TYPE;
    }

    /** Waits for the first client of a server. */
    void acceptFirst() throws IOException {
        take(server.accept());
    }

    private void connectNow() throws IOException {
        take(SocketChannel.open(UnixDomainSocketAddress.of(path)));
    }

    private synchronized void take(SocketChannel channel) throws IOException {
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
                boolean bound = server.getLocalAddress() != null;
                server.close();
                if (bound) {
                    Files.deleteIfExists(path);
                }
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

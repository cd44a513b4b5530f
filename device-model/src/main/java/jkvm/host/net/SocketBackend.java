package jkvm.host.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import jkvm.work.InstructionClock;

/**
 * A TCP connection as the wire between two machines, framed as QEMU's {@code -netdev socket} does: each frame after its
 * length, 32 bits big-endian. A listening side has one peer at a time and takes the next when that one has left.
 * Without a peer frames are lost, as on a wire that is not plugged in.
 */
public final class SocketBackend implements NetBackend {
    private static final int QUEUE_SIZE = 1 << 20;
    private static final int LENGTH_SIZE = 4;

    private final EventLoop loop;
    private final SendQueue queue;
    private final ServerSocketChannel server;
    private volatile SocketChannel peer;
    private NetDevice device;
    private SelectionKey key;

    private final NetFrame outFrame = new NetFrame();
    private final ByteBuffer out = outFrame.memoryWithHeadroom().asByteBuffer();
    private final NetFrame inFrame = new NetFrame();
    private final ByteBuffer in = ByteBuffer.allocateDirect(2 * NetFrame.MAX_LENGTH);
    private volatile boolean deviceFull;

    private SocketBackend(ServerSocketChannel server, SocketChannel peer, InstructionClock clock) {
        loop = new EventLoop("net-socket", new EventLoop.Task() {
            @Override
            public long turn() {
                return SocketBackend.this.turn();
            }

            @Override
            public void end() {
                closeAll();
            }
        }, clock);
        queue = new SendQueue(QUEUE_SIZE, loop::wake);
        this.server = server;
        this.peer = peer;
        out.limit(0);
    }

    /** As {@link #listen(InetSocketAddress, InstructionClock)}, by the host's time. */
    public static SocketBackend listen(InetSocketAddress address) {
        return listen(address, null);
    }

    /** As {@link #connect(InetSocketAddress, InstructionClock)}, by the host's time. */
    public static SocketBackend connect(InetSocketAddress address) {
        return connect(address, null);
    }

    /**
     * Waits for a peer at {@code address}, in the background.
     *
     * @param clock counts instructions; null for the host's time
     * @throws NetworkException if the address cannot be listened on
     */
    public static SocketBackend listen(InetSocketAddress address, InstructionClock clock) {
        try {
            ServerSocketChannel server = ServerSocketChannel.open();
            try {
                server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                server.bind(address, 1);
                server.configureBlocking(false);
                return new SocketBackend(server, null, clock);
            } catch (IOException | RuntimeException cannot) {
                server.close();
                throw cannot;
            }
        } catch (IOException | RuntimeException cannot) {
            throw failure(NetworkException.Kind.CANNOT_LISTEN, "cannot listen on ", address, cannot);
        }
    }

    /**
     * Connects to a peer.
     *
     * @param clock counts instructions; null for the host's time
     * @throws NetworkException if nobody listens there
     */
    public static SocketBackend connect(InetSocketAddress address, InstructionClock clock) {
        try {
            SocketChannel channel = SocketChannel.open(address);
            channel.configureBlocking(false);
            return new SocketBackend(null, channel, clock);
        } catch (IOException | RuntimeException cannot) {
            throw failure(NetworkException.Kind.CANNOT_CONNECT, "cannot connect to ", address, cannot);
        }
    }

    private static NetworkException failure(NetworkException.Kind kind, String verb, InetSocketAddress address,
            Exception cause) {
        String text = address.getHostString() + ":" + address.getPort();
        return new NetworkException(kind, text, verb + text, cause.getMessage(), cause);
    }

    /** The port that is listened on; useful if it was given as 0. */
    public int port() throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    @Override
    public void attach(NetDevice nic) {
        device = nic;
        try {
            if (server != null) {
                server.register(loop.selector(), SelectionKey.OP_ACCEPT, (EventLoop.Handler) _ -> accept());
            } else {
                begin(peer);
            }
        } catch (IOException closed) {
            throw new IllegalStateException("closed", closed);
        }
        loop.start();
    }

    private void begin(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        in.clear();
        out.limit(0);
        key = channel.register(loop.selector(), SelectionKey.OP_READ, (EventLoop.Handler) _ -> read());
        peer = channel;
    }

    private void accept() {
        try {
            SocketChannel channel = peer == null ? server.accept() : null;
            if (channel != null) {
                begin(channel);
                server.keyFor(loop.selector()).interestOps(0);
            }
        } catch (IOException _) {
            disconnect();
        }
    }

    private void disconnect() {
        SocketChannel channel = peer;
        peer = null;
        out.limit(0);
        in.clear();
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException _) {
            // It is gone either way.
        }
        if (server != null && server.isOpen()) {
            server.keyFor(loop.selector()).interestOps(SelectionKey.OP_ACCEPT);
        }
    }

    private long turn() {
        if (peer != null) {
            deliver();
        }
        if (peer != null) {
            transmit();
        }
        if (peer == null) {
            while (queue.poll(outFrame)) {
                out.limit(0);
            }
        }
        queue.tell(device);
        if (peer != null) {
            int reading = deviceFull ? 0 : SelectionKey.OP_READ;
            key.interestOps(reading | (out.hasRemaining() ? SelectionKey.OP_WRITE : 0));
        }
        return EventLoop.FOREVER;
    }

    private void transmit() {
        try {
            while (out.hasRemaining() || nextOut()) {
                peer.write(out);
                if (out.hasRemaining()) {
                    return;
                }
            }
        } catch (IOException _) {
            disconnect();
        }
    }

    private boolean nextOut() {
        if (!queue.poll(outFrame)) {
            return false;
        }
        int start = NetFrame.HEADROOM - LENGTH_SIZE;
        out.limit(NetFrame.HEADROOM + outFrame.length()).position(start);
        out.putInt(start, outFrame.length());
        return true;
    }

    private void read() {
        if (peer == null || deviceFull) {
            return;
        }
        try {
            if (peer.read(in) < 0) {
                deliver();
                disconnect();
            }
        } catch (IOException _) {
            disconnect();
        }
    }

    /** Gives the device what has arrived; a frame that it has no room for stays in the buffer. */
    private void deliver() {
        deviceFull = false;
        int at = 0;
        int end = in.position();
        while (end - at >= LENGTH_SIZE) {
            int length = in.getInt(at);
            if (length < 0 || length > NetFrame.MAX_LENGTH) {
                // Not a peer that speaks this protocol, or one that does harm.
                disconnect();
                return;
            }
            if (end - at - LENGTH_SIZE < length) {
                break;
            }
            inFrame.data().put(0, in, at + LENGTH_SIZE, length);
            inFrame.setLength(length);
            // Set before the call: the device may be ready again before it returns.
            deviceFull = true;
            if (!device.receive(inFrame)) {
                break;
            }
            deviceFull = false;
            at += LENGTH_SIZE + length;
        }
        in.flip().position(at);
        in.compact();
    }

    @Override
    public int offloads() {
        return 0;
    }

    @Override
    public boolean send(NetFrame frame) {
        return peer == null || queue.send(frame);
    }

    @Override
    public void receiveReady() {
        loop.wake();
    }

    @Override
    public void close() {
        loop.close();
    }

    /** Defects of this backend itself, each survived; for tests. */
    long failures() {
        return loop.failures();
    }

    private void closeAll() {
        try {
            if (server != null) {
                server.close();
            }
        } catch (IOException _) {
            // Nobody waits for it any more.
        }
        disconnect();
    }
}

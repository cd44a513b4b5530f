package jkvm.host.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import jkvm.work.Workers;

/**
 * A TCP connection as the wire between two machines, framed as QEMU's {@code -netdev socket} does: each frame after its
 * length, 32 bits big-endian. A listening side has one peer at a time and takes the next when that one has left.
 * Without a peer frames are lost, as on a wire that is not plugged in.
 */
public final class SocketBackend implements NetBackend {
    private static final int QUEUE_SIZE = 1 << 20;
    private static final int LENGTH_SIZE = 4;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final EventLoop loop;
    private final SendQueue queue;
    private final ServerSocketChannel server;
    private volatile SocketChannel peer;
    private NetDevice device;
    private SelectionKey key;

    /** Takes the place of the queue's frames while no peer is connected. */
    private final NetFrame lost = new NetFrame();
    /** The rest of the oldest frame in the queue, with its length in front, once some of it may have been sent. */
    private ByteBuffer out = NOTHING;
    private final NetFrame inFrame = new NetFrame();
    private final ByteBuffer in = ByteBuffer.allocateDirect(2 * NetFrame.MAX_LENGTH);
    private volatile boolean deviceFull;

    private SocketBackend(ServerSocketChannel server, SocketChannel peer, Workers workers) {
        loop = new EventLoop("net-socket", new EventLoop.Task() {
            @Override
            public long turn() {
                return SocketBackend.this.turn();
            }

            @Override
            public void end() {
                closeAll();
            }
        }, workers);
        queue = new SendQueue(QUEUE_SIZE, loop::wake);
        this.server = server;
        this.peer = peer;
    }

    /**
     * Waits for a peer at {@code address}, in the background.
     *
     * @param workers gives the one that carries frames
     * @throws NetworkException if the address cannot be listened on
     */
    public static SocketBackend listen(InetSocketAddress address, Workers workers) {
        try {
            ServerSocketChannel server = ServerSocketChannel.open();
            try {
                server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                server.bind(address, 1);
                server.configureBlocking(false);
                return new SocketBackend(server, null, workers);
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            throw failure(NetworkException.Kind.CANNOT_LISTEN, "cannot listen on ", address, e);
        }
    }

    /**
     * Connects to a peer.
     *
     * @param workers gives the one that carries frames
     * @throws NetworkException if no socket listens there
     */
    public static SocketBackend connect(InetSocketAddress address, Workers workers) {
        try {
            SocketChannel channel = SocketChannel.open(address);
            channel.configureBlocking(false);
            return new SocketBackend(null, channel, workers);
        } catch (IOException | RuntimeException e) {
            throw failure(NetworkException.Kind.CANNOT_CONNECT, "cannot connect to ", address, e);
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
        } catch (IOException e) {
            throw new IllegalStateException("closed", e);
        }
        loop.start();
    }

    private void begin(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        in.clear();
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
        if (out != NOTHING) {
            sent();
        }
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
            while (queue.peek() != null) {
                queue.release();
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
                sent();
            }
        } catch (IOException _) {
            disconnect();
        }
    }

    private boolean nextOut() {
        NetFrame frame = queue.peek();
        if (frame == null) {
            return false;
        }
        int start = NetFrame.HEADROOM - LENGTH_SIZE;
        out = frame.dataWithHeadroom();
        out.limit(NetFrame.HEADROOM + frame.length()).position(start);
        out.putInt(start, frame.length());
        return true;
    }

    private void sent() {
        out.clear();
        out = NOTHING;
        queue.release();
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
    public NetFrame claim() {
        return peer == null ? lost : queue.claim();
    }

    @Override
    public void send(NetFrame frame) {
        if (frame != lost) {
            queue.send();
        }
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
            // No thread waits for it any more.
        }
        disconnect();
    }
}

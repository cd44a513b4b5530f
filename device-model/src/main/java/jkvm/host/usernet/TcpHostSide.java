package jkvm.host.usernet;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import jkvm.host.net.EventLoop;

/** The host's socket of a TCP flow, and the bytes that wait in either direction. */
final class TcpHostSide {
    /** From the guest, while the socket is full. */
    final ByteRing toHost;
    /** From the socket, until the guest has acknowledged them. */
    final ByteRing toGuest;
    private final SocketChannel channel;
    private final SelectionKey selection;
    private boolean ended;

    TcpHostSide(SocketChannel channel, Selector selector, boolean connecting, EventLoop.Handler handler,
            int bufferSize) throws IOException {
        this.channel = channel;
        toHost = new ByteRing(bufferSize);
        toGuest = new ByteRing(bufferSize);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        selection = channel.register(selector, connecting ? SelectionKey.OP_CONNECT : 0, handler);
    }

    boolean finishConnect() throws IOException {
        return channel.finishConnect();
    }

    /** True once the socket has given its last byte. */
    boolean hasEnded() {
        return ended;
    }

    /**
     * Reads what there is room for.
     *
     * @return true if there was something, or the end
     */
    boolean read() throws IOException {
        if (ended || toGuest.free() == 0) {
            return false;
        }
        ended = toGuest.readFrom(channel) < 0;
        return true;
    }

    /** Takes bytes from the guest; the caller has asked whether there is room. */
    void write(ByteBuffer data, int start, int size) throws IOException {
        int written = 0;
        if (toHost.size() == 0) {
            data.limit(start + size).position(start);
            try {
                written = channel.write(data);
            } finally {
                data.clear();
            }
        }
        toHost.put(data, start + written, size - written);
    }

    /** Writes what waits. */
    void drain() throws IOException {
        toHost.writeTo(channel);
    }

    void shutOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** Waits for no event of the socket. */
    void ignore() {
        selection.interestOps(0);
    }

    /** Waits for those events that something can be done about. */
    void updateInterest() {
        if (selection.isValid()) {
            int reading = !ended && toGuest.free() > 0 ? SelectionKey.OP_READ : 0;
            selection.interestOps(reading | (toHost.size() > 0 ? SelectionKey.OP_WRITE : 0));
        }
    }

    /** Makes {@link #close()} a reset of the connection. */
    void resetOnClose() {
        try {
            if (channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException _) {
            // Then it ends in the ordinary way.
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // It is gone either way.
        }
    }
}

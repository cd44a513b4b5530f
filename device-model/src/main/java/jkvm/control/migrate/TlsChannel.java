package jkvm.control.migrate;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/** A channel whose bytes go encrypted over another one that blocks. One thread at a time reads or writes. */
final class TlsChannel implements ByteChannel {
    private final ByteChannel raw;
    private final SSLEngine engine;
    /** Encrypted bytes that came, up to the position, and those that are to go. */
    private final ByteBuffer in;
    private final ByteBuffer out;
    /** Decrypted bytes that wait for a reader, from the position on. */
    private final ByteBuffer plain;

    private TlsChannel(ByteChannel raw, SSLEngine engine) {
        this.raw = raw;
        this.engine = engine;
        int packet = engine.getSession().getPacketBufferSize();
        in = ByteBuffer.allocateDirect(2 * packet);
        out = ByteBuffer.allocateDirect(2 * packet);
        plain = ByteBuffer.allocateDirect(2 * engine.getSession().getApplicationBufferSize()).limit(0);
    }

    /**
     * Agrees with the other side.
     *
     * @throws IOException if that is not possible
     */
    static TlsChannel open(ByteChannel raw, SSLEngine engine) throws IOException {
        TlsChannel channel = new TlsChannel(raw, engine);
        engine.beginHandshake();
        channel.handshake();
        return channel;
    }

    /** The name of the other side; empty if it has none. */
    static String hostName(SocketAddress peer) {
        return peer instanceof InetSocketAddress inet ? inet.getHostString() : "";
    }

    /** The other side's address; null if it has none. */
    static SocketAddress peer(ByteChannel channel) throws IOException {
        return channel instanceof SocketChannel socket ? socket.getRemoteAddress() : null;
    }

    private void handshake() throws IOException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> wrap(ByteBuffer.allocate(0));
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!unwrap()) {
                        throw new EOFException("the other side has closed the connection before TLS was agreed on");
                    }
                }
                case NEED_TASK -> runTasks();
                case FINISHED, NOT_HANDSHAKING -> {
                    return;
                }
            }
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    private void wrap(ByteBuffer from) throws IOException {
        out.clear();
        SSLEngineResult result = engine.wrap(from, out);
        out.flip();
        while (out.hasRemaining()) {
            raw.write(out);
        }
        if (result.getStatus() == SSLEngineResult.Status.CLOSED && from.hasRemaining()) {
            throw new IOException("the other side has ended TLS");
        }
    }

    /**
     * Takes one packet.
     *
     * @return false at the end
     */
    private boolean unwrap() throws IOException {
        while (true) {
            plain.compact();
            in.flip();
            SSLEngineResult result = engine.unwrap(in, plain);
            in.compact();
            plain.flip();
            switch (result.getStatus()) {
                case OK -> {
                    return true;
                }
                case CLOSED -> {
                    return false;
                }
                case BUFFER_OVERFLOW -> throw new IOException("a packet of TLS is too long");
                case BUFFER_UNDERFLOW -> {
                    if (raw.read(in) < 0) {
                        return false;
                    }
                }
            }
        }
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        while (!plain.hasRemaining()) {
            if (!unwrap()) {
                return -1;
            }
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP) {
                handshake();
            }
        }
        int count = Math.min(plain.remaining(), to.remaining());
        to.put(to.position(), plain, plain.position(), count);
        to.position(to.position() + count);
        plain.position(plain.position() + count);
        return count;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        int before = from.remaining();
        if (before > 0) {
            wrap(from);
        }
        return before - from.remaining();
    }

    @Override
    public boolean isOpen() {
        return raw.isOpen();
    }

    /** Without a farewell where another thread waits: the raw channel's end is enough. */
    @Override
    public void close() throws IOException {
        raw.close();
    }
}

package jkvm.host.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import jkvm.host.HostException;

/**
 * Writes every frame that passes, in both directions, into a pcap file (libpcap format 2.4, Ethernet, microseconds) as
 * QEMU's {@code filter-dump} does. Frames are written as they pass: with offload on, checksums may be incomplete and
 * TCP frames longer than the MTU. Each is in the file when it has passed, however the process ends. If writing fails,
 * the capture ends there, with its last whole frame, and the network continues.
 */
public final class DumpFilter implements NetBackend {
    /** Bytes of each frame that are kept unless told. */
    public static final int DEFAULT_MAX_LENGTH = 65536;
    private static final int RECORD_HEADER_SIZE = 16, LENGTH_OFFSET = 12;
    private static final int MAGIC_MICROSECONDS = 0xa1b2c3d4, LINK_ETHERNET = 1;

    /**
     * The state of the incoming frame. A device that is offered one may answer before it says that it has taken it:
     * then the frame is written ahead, and not again if it comes again because the device was full.
     */
    private enum Arrival { NONE, OFFERED, WRITTEN }

    private final NetBackend inner;
    private final DumpSpec spec;
    private final int maxLength;
    private final long startMicros = System.currentTimeMillis() * 1000;
    private final long startNanos = System.nanoTime();
    /** Guards what follows; nothing is called with it held. */
    private final Object lock = new Object();
    private final ByteBuffer outgoing = newRecord();
    /** The frame that the device is being offered. */
    private final ByteBuffer incoming = newRecord();
    private Arrival arrival = Arrival.NONE;
    private final SeekableByteChannel file;
    private long whole;
    private boolean ended;

    /**
     * Begins a file.
     *
     * @param file closed with this filter
     * @throws IOException if it cannot be written; it is still open then
     */
    DumpFilter(NetBackend inner, DumpSpec spec, SeekableByteChannel file) throws IOException {
        this.inner = inner;
        this.spec = spec;
        this.file = file;
        maxLength = Math.min(spec.maxLength(), NetFrame.MAX_LENGTH);
        append(outgoing.putInt(MAGIC_MICROSECONDS).putShort((short) 2).putShort((short) 4).putLong(0)
                .putInt(maxLength).putInt(LINK_ETHERNET).flip());
    }

    /**
     * Begins a capture in place of a file that is there.
     *
     * @param inner what the frames go to; closed with this filter
     * @throws NetworkException if the file cannot be written
     */
    public static DumpFilter open(NetBackend inner, DumpSpec spec) {
        boolean isNew = !Files.exists(spec.file());
        SeekableByteChannel file;
        try {
            file = FileChannel.open(spec.file(), StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException | UnsupportedOperationException e) {
            throw refusal(spec, e);
        }
        return begin(inner, spec, file, isNew);
    }

    /**
     * Begins a capture in a file that is open and empty.
     *
     * @param isNew the file goes again if it cannot be written
     */
    static DumpFilter begin(NetBackend inner, DumpSpec spec, SeekableByteChannel file, boolean isNew) {
        try {
            return new DumpFilter(inner, spec, file);
        } catch (IOException e) {
            close(file);
            if (isNew) {
                delete(spec.file());
            }
            throw refusal(spec, e);
        }
    }

    private static NetworkException refusal(DumpSpec spec, Exception cause) {
        return new NetworkException(NetworkException.Kind.CANNOT_CAPTURE, spec.id(), "cannot write " + spec.file(),
                HostException.reasonOf(cause), cause);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // It stays, empty; the refusal tells of the file.
        }
    }

    private static ByteBuffer newRecord() {
        return ByteBuffer.allocateDirect(RECORD_HEADER_SIZE + NetFrame.MAX_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Leaves the record ready to be written. */
    private void fill(ByteBuffer record, NetFrame frame) {
        int kept = Math.min(frame.length(), maxLength);
        long micros = startMicros + (System.nanoTime() - startNanos) / 1000;
        record.clear();
        record.putInt((int) (micros / 1_000_000)).putInt((int) (micros % 1_000_000)).putInt(kept)
                .putInt(frame.length());
        record.put(RECORD_HEADER_SIZE, frame.data(), 0, kept).position(0).limit(RECORD_HEADER_SIZE + kept);
    }

    private void write(ByteBuffer record) {
        try {
            if (!ended) {
                append(record);
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    private void append(ByteBuffer record) throws IOException {
        int length = record.remaining();
        while (record.hasRemaining()) {
            file.write(record);
        }
        whole += length;
    }

    private void fail(IOException e) {
        ended = true;
        System.getLogger("jkvm.host.net").log(System.Logger.Level.WARNING,
                "capture " + spec.file() + " ends here: " + e.getMessage());
        try {
            file.truncate(whole);
        } catch (IOException _) {
            // A reader is told of half a frame at the end, and has all those before it.
        }
    }

    @Override
    public void attach(NetDevice device) {
        inner.attach(new NetDevice() {
            @Override
            public boolean receive(NetFrame frame) {
                begin(frame);
                boolean taken = device.receive(frame);
                end(taken);
                return taken;
            }

            @Override
            public void sendReady() {
                device.sendReady();
            }

            @Override
            public int offloads() {
                return device.offloads();
            }
        });
    }

    private void begin(NetFrame frame) {
        synchronized (lock) {
            if (arrival != Arrival.WRITTEN || !isIncoming(frame)) {
                fill(incoming, frame);
                arrival = Arrival.OFFERED;
            }
        }
    }

    private boolean isIncoming(NetFrame frame) {
        ByteBuffer kept = incoming.duplicate().position(RECORD_HEADER_SIZE);
        return incoming.getInt(LENGTH_OFFSET) == frame.length()
                && kept.mismatch(frame.data().duplicate().limit(kept.remaining())) < 0;
    }

    private void end(boolean taken) {
        synchronized (lock) {
            if (taken && arrival == Arrival.OFFERED) {
                write(incoming);
            }
            if (taken || arrival == Arrival.OFFERED) {
                arrival = Arrival.NONE;
            }
        }
    }

    @Override
    public int offloads() {
        return inner.offloads();
    }

    @Override
    public NetFrame claim() {
        return inner.claim();
    }

    /** Writes first, so that no answer can come before its question in the file. */
    @Override
    public void send(NetFrame frame) {
        synchronized (lock) {
            if (arrival == Arrival.OFFERED) {
                write(incoming);
                arrival = Arrival.WRITTEN;
            }
            fill(outgoing, frame);
            write(outgoing);
        }
        inner.send(frame);
    }

    @Override
    public void receiveReady() {
        inner.receiveReady();
    }

    @Override
    public void offloadsChanged() {
        inner.offloadsChanged();
    }

    @Override
    public void close() {
        inner.close();
        synchronized (lock) {
            ended = true;
            close(file);
        }
    }

    private static void close(SeekableByteChannel file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException _) {
            // Every frame was written when it passed.
        }
    }
}

package jkvm.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import jkvm.bus.ConfigurationException;

/**
 * Writes every frame that passes, both ways, into a pcap file (libpcap format 2.4, Ethernet, microseconds) as QEMU's
 * {@code filter-dump} does. Frames are written as they pass: with offload on, checksums may be incomplete and TCP
 * frames longer than the MTU. If writing fails, the capture ends there and the network goes on.
 */
public final class DumpFilter implements NetBackend {
    /** Bytes of each frame that are kept unless told. */
    public static final int DEFAULT_MAX_LENGTH = 65536;
    private static final int FILE_HEADER_SIZE = 24, RECORD_HEADER_SIZE = 16;
    private static final int MAGIC_MICROSECONDS = 0xa1b2c3d4, LINK_ETHERNET = 1;

    private final NetBackend inner;
    private final Path path;
    private final int maxLength;
    private final long startMicros = System.currentTimeMillis() * 1000;
    private final long startNanos = System.nanoTime();
    /** Guards what follows; taken last. */
    private final Object lock = new Object();
    private final ByteBuffer record =
            ByteBuffer.allocateDirect(RECORD_HEADER_SIZE + NetFrame.MAX_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private final FileChannel file;
    private boolean failed;

    /**
     * Creates the file, in place of one that is there.
     *
     * @param inner     what the frames go to; closed with this filter
     * @param maxLength bytes of each frame that are kept
     * @throws ConfigurationException if the file cannot be written
     */
    public DumpFilter(NetBackend inner, Path path, int maxLength) {
        this.inner = inner;
        this.path = path;
        this.maxLength = Math.min(maxLength, NetFrame.MAX_LENGTH);
        try {
            file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING);
            record.putInt(MAGIC_MICROSECONDS).putShort((short) 2).putShort((short) 4).putLong(0)
                    .putInt(this.maxLength).putInt(LINK_ETHERNET);
            write(FILE_HEADER_SIZE);
        } catch (IOException cannot) {
            throw new ConfigurationException("filter-dump: cannot write " + path + ": " + cannot.getMessage()
                    + "; name a file in a folder that you may write to", cannot);
        }
    }

    private void write(int length) throws IOException {
        record.position(0).limit(length);
        while (record.hasRemaining()) {
            file.write(record);
        }
        record.clear();
    }

    private void dump(NetFrame frame) {
        synchronized (lock) {
            if (failed) {
                return;
            }
            int kept = Math.min(frame.length(), maxLength);
            long micros = startMicros + (System.nanoTime() - startNanos) / 1000;
            record.clear();
            record.putInt((int) (micros / 1_000_000)).putInt((int) (micros % 1_000_000)).putInt(kept)
                    .putInt(frame.length());
            record.put(RECORD_HEADER_SIZE, frame.data(), 0, kept);
            try {
                write(RECORD_HEADER_SIZE + kept);
            } catch (IOException cannot) {
                failed = true;
                System.getLogger("jkvm.net").log(System.Logger.Level.WARNING,
                        "capture " + path + " ends here: " + cannot.getMessage());
            }
        }
    }

    @Override
    public void attach(NetDevice device) {
        inner.attach(new NetDevice() {
            @Override
            public boolean receive(NetFrame frame) {
                boolean taken = device.receive(frame);
                if (taken) {
                    dump(frame);
                }
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

    @Override
    public int offloads() {
        return inner.offloads();
    }

    @Override
    public boolean send(NetFrame frame) {
        // Held across the call, so that no answer can come before its question in the file.
        synchronized (lock) {
            boolean taken = inner.send(frame);
            if (taken) {
                dump(frame);
            }
            return taken;
        }
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
            failed = true;
            try {
                file.close();
            } catch (IOException _) {
                // Every frame was written when it passed.
            }
        }
    }
}

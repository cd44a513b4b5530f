package jkvm.device.virtio.net;

import java.util.concurrent.atomic.AtomicLong;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.net.NetFrame;
import jkvm.host.net.NetOffload;
import jkvm.host.net.NetPort;
import jkvm.host.net.VnetHeader;

/**
 * Sends the driver's frames (VIRTIO 1.2, section 5.1.6.2). Used by the thread that serves the transmit queue; {@link
 * #begin} before that.
 */
final class Transmitter {
    /** Frames after which the driver is told. */
    private static final int BATCH = 32;
    private static final int TCP_CHECKSUM_OFFSET = 16;
    private static final int TCP_LENGTH_OFFSET = 12;
    private static final int TCP_HEADER = 20;

    private final NetPort port;
    private final AtomicLong dropped = new AtomicLong();
    private int offloads;
    private int headerSize;

    Transmitter(NetPort port) {
        this.port = port;
    }

    /**
     * The driver is ready.
     *
     * @param newHeaderSize bytes before each frame
     * @param negotiated what the driver may leave to the card, bits of {@link NetOffload}
     */
    void begin(int newHeaderSize, int negotiated) {
        headerSize = newHeaderSize;
        // A congestion mark is passed on whether this was agreed or not: it is plain to see in the frame.
        offloads = negotiated | NetOffload.TSO_ECN;
    }

    /**
     * Sends all there is. While the wire has no room requests stay in the queue; the port tells when it has. Pulling
     * the cable loses them.
     */
    void serve(VirtQueue queue) {
        int batch = 0;
        for (NetFrame frame = port.claim(); frame != null; frame = port.claim()) {
            DescriptorChain chain = queue.pop();
            if (chain == null) {
                break;
            }
            if (take(chain, frame)) {
                port.send(frame);
            } else {
                dropped.incrementAndGet();
            }
            queue.push(chain, 0);
            batch++;
            if (batch % BATCH == 0) {
                queue.flush();
            }
        }
        queue.flush();
    }

    /** Frames that were not sent because they or their headers made no sense. */
    long dropped() {
        return dropped.get();
    }

    /**
     * Copies a frame and its header, and checks the copy.
     *
     * @return false if it makes no sense
     */
    private boolean take(DescriptorChain chain, NetFrame frame) {
        long length = chain.readableBytes() - headerSize;
        if (length < VirtioNet.ETHERNET_HEADER || length > NetFrame.MAX_LENGTH) {
            return false;
        }
        int start = NetFrame.HEADROOM - headerSize;
        chain.read(0, frame.memoryWithHeadroom(), start, headerSize + length);
        frame.setLength((int) length);
        VnetHeader.read(frame, frame.memoryWithHeadroom(), start);
        frame.setChecksumValid(false);
        return NetOffload.takes(offloads, frame) && hasSoundChecksum(frame) && hasSoundSegments(frame);
    }

    private static boolean hasSoundChecksum(NetFrame frame) {
        return !frame.needsChecksum() || frame.checksumStart() >= VirtioNet.ETHERNET_HEADER
                && frame.checksumStart() + frame.checksumOffset() + Short.BYTES <= frame.length();
    }

    /** Puts the true length of the headers in place of what the driver says it is, which is but a hint. */
    private static boolean hasSoundSegments(NetFrame frame) {
        if (frame.gsoType() == NetFrame.GSO_NONE) {
            return true;
        }
        int tcp = frame.checksumStart();
        if (!frame.needsChecksum() || frame.checksumOffset() != TCP_CHECKSUM_OFFSET || frame.gsoSize() == 0) {
            return false;
        }
        // That the checksum is in the frame has been seen to, and this comes before it.
        int header = (frame.data().get(tcp + TCP_LENGTH_OFFSET) >> 4 & 15) * Integer.BYTES;
        if (header < TCP_HEADER || tcp + header >= frame.length()) {
            return false;
        }
        frame.setGso(frame.gsoType(), frame.gsoSize(), tcp + header);
        return true;
    }
}

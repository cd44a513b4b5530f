package jkvm.device.virtio.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.net.NetFrame;
import jkvm.host.net.NetOffload;
import jkvm.host.net.Segmenter;
import jkvm.host.net.VnetHeader;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Stores frames in the driver's buffers (VIRTIO 1.2, section 5.1.6.3 and 5.1.6.4), each whole or not at all. Used by
 * the thread that serves the receive queue; {@link #begin} and {@link #end} while none does.
 */
final class Receiver {
    private static final int COUNT_OFFSET = VnetHeader.SIZE;
    private static final int TYPE_OFFSET = 12;
    private static final int TYPE_VLAN = 0x8100;
    private static final int TAG_SIZE = 4;

    private final ReceiveFilter filter;
    private final Segmenter segmenter = new Segmenter();
    /** A frame that the driver does not take as it is, and the next part of it. */
    private final NetFrame held = new NetFrame();
    private final NetFrame part = new NetFrame();
    private final AtomicLong dropped = new AtomicLong();
    /** The {@link #part} is not stored yet. */
    private boolean busy;
    private int headerSize;
    private boolean merges;
    private int mtu;

    Receiver(ReceiveFilter filter) {
        this.filter = filter;
    }

    /**
     * The driver is ready.
     *
     * @param newHeaderSize bytes before each frame
     * @param mergesBuffers whether a frame may lie in several buffers
     * @param negotiatedMtu of frames that are not to be segmented; 0 for any
     */
    void begin(int newHeaderSize, boolean mergesBuffers, int negotiatedMtu) {
        headerSize = newHeaderSize;
        merges = mergesBuffers;
        mtu = negotiatedMtu;
    }

    /** The driver is gone, or the link down: the rest of a segmented frame is lost. */
    void end() {
        busy = false;
    }

    /** Frames for the guest that were not stored because they made no sense or are longer than what it has room for. */
    long dropped() {
        return dropped.get();
    }

    /**
     * A frame of the backend.
     *
     * @param offloads what the driver takes unfinished, bits of {@link NetOffload}
     * @return false if there are not enough buffers now: the frame comes again
     */
    boolean receive(VirtQueue queue, NetFrame frame, int offloads) {
        if (!drain(queue)) {
            return false;
        }
        if (frame.length() < VirtioNet.ETHERNET_HEADER || isTooLong(frame)) {
            dropped.incrementAndGet();
            return true;
        }
        if (!filter.passes(frame.data(), frame.length())) {
            return true;
        }
        if (NetOffload.takes(offloads, frame)) {
            return store(queue, frame, (offloads & NetOffload.CHECKSUM) != 0);
        }
        // A frame that is segmented here counts as taken, also if not all of its parts find room at once.
        held.copyFrom(frame);
        busy = segmenter.begin(held) && segmenter.next(part);
        if (!busy) {
            dropped.incrementAndGet();
        }
        drain(queue);
        return true;
    }

    private boolean isTooLong(NetFrame frame) {
        if (mtu == 0 || frame.gsoType() != NetFrame.GSO_NONE) {
            return false;
        }
        int tag = (frame.data().getShort(TYPE_OFFSET) & 0xFFFF) == TYPE_VLAN ? TAG_SIZE : 0;
        return frame.length() > mtu + VirtioNet.ETHERNET_HEADER + tag;
    }

    /**
     * Stores the rest of a segmented frame.
     *
     * @return false if there are not enough buffers now
     */
    boolean drain(VirtQueue queue) {
        while (busy) {
            if (!store(queue, part, false)) {
                return false;
            }
            busy = segmenter.next(part);
        }
        return true;
    }

    /** @return false if there are not enough buffers now */
    private boolean store(VirtQueue queue, NetFrame frame, boolean withFlags) {
        MemorySegment image = frame.memoryWithHeadroom();
        writeHeader(frame, image, withFlags);
        int start = NetFrame.HEADROOM - headerSize;
        long total = headerSize + frame.length();
        long done = 0;
        int buffers = 0;
        long count = 0;
        long countHigh = 0;
        while (done < total) {
            DescriptorChain chain = queue.pop();
            if (chain == null) {
                return isTooLarge(queue, buffers);
            }
            long room = chain.writableBytes();
            if (room < headerSize) {
                queue.fail("a receive buffer of " + room + " bytes");
                return false;
            }
            if (!merges && room < total) {
                queue.putBack(chain);
                dropped.incrementAndGet();
                return true;
            }
            if (buffers == 0 && merges) {
                count = chain.writableAddress(COUNT_OFFSET);
                countHigh = chain.writableAddress(COUNT_OFFSET + 1);
            }
            long length = Math.min(room, total - done);
            chain.write(0, image, start + done, length);
            queue.stage(chain, length);
            done += length;
            buffers++;
        }
        if (buffers > 1) {
            queue.memory().writeByte(count, (byte) buffers);
            queue.memory().writeByte(countHigh, (byte) (buffers >>> 8));
        }
        queue.publish();
        queue.flush();
        return true;
    }

    /** A segmented frame of which parts are still to be stored: it counts as taken. */
    void save(StateWriter out) {
        out.putBoolean("busy", busy);
        if (busy) {
            held.save(out, "held");
            part.save(out, "part");
            segmenter.save(out);
        }
    }

    void load(StateReader in) {
        busy = in.getBoolean("busy");
        if (busy) {
            held.load(in, "held");
            part.load(in, "part");
            segmenter.load(in, held);
        }
    }

    private void writeHeader(NetFrame frame, MemorySegment image, boolean withFlags) {
        int start = NetFrame.HEADROOM - headerSize;
        VnetHeader.write(frame, image, start);
        if (!withFlags) {
            image.set(ValueLayout.JAVA_BYTE, start, (byte) 0);
        }
        if (headerSize == VirtioNet.HEADER_SIZE) {
            image.set(ValueLayout.JAVA_BYTE, start + COUNT_OFFSET, (byte) 1);
            image.set(ValueLayout.JAVA_BYTE, start + COUNT_OFFSET + 1, (byte) 0);
        }
    }

    /**
     * The driver has fewer buffers than the frame needs.
     *
     * @return true if it can have no more, and the frame is lost
     */
    private boolean isTooLarge(VirtQueue queue, int buffers) {
        queue.recall();
        boolean lost = buffers == queue.size();
        if (lost) {
            dropped.incrementAndGet();
        }
        return lost;
    }
}

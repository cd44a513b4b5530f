package jkvm.host.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * {@code struct virtio_net_hdr}, little-endian (VIRTIO 1.2, section 5.1.6), as virtio-net and tap interfaces use it.
 */
public final class VnetHeader {
    /** Without the number of buffers that follows in virtio-net's header. */
    public static final int SIZE = 10;
    private static final int NEEDS_CSUM_BIT = 1, DATA_VALID_BIT = 2;
    /** The same as what {@link NetFrame#isCongestionMarked()} finds in the frame; so it is written only. */
    private static final int GSO_ECN_BIT = 0x80;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private VnetHeader() {
    }

    /** Writes a frame's offload fields. */
    public static void write(NetFrame frame, MemorySegment to, long offset) {
        int flags = frame.needsChecksum() ? NEEDS_CSUM_BIT : frame.isChecksumValid() ? DATA_VALID_BIT : 0;
        int gsoType = frame.gsoType() | (frame.isCongestionMarked() ? GSO_ECN_BIT : 0);
        to.set(ValueLayout.JAVA_BYTE, offset, (byte) flags);
        to.set(ValueLayout.JAVA_BYTE, offset + 1, (byte) gsoType);
        to.set(SHORT, offset + 2, (short) frame.headerLength());
        to.set(SHORT, offset + 4, (short) frame.gsoSize());
        to.set(SHORT, offset + 6, (short) frame.checksumStart());
        to.set(SHORT, offset + 8, (short) frame.checksumOffset());
    }

    /** Reads a frame's offload fields. Nothing is checked: who works on the frame does. */
    public static void read(NetFrame frame, MemorySegment from, long offset) {
        frame.clearOffload();
        int flags = from.get(ValueLayout.JAVA_BYTE, offset);
        int gsoType = from.get(ValueLayout.JAVA_BYTE, offset + 1) & 0xff & ~GSO_ECN_BIT;
        if (gsoType != NetFrame.GSO_NONE) {
            frame.setGso(gsoType, unsigned(from, offset + 4), unsigned(from, offset + 2));
        }
        if ((flags & NEEDS_CSUM_BIT) != 0) {
            frame.setChecksum(unsigned(from, offset + 6), unsigned(from, offset + 8));
        }
        frame.setChecksumValid((flags & DATA_VALID_BIT) != 0);
    }

    private static int unsigned(MemorySegment from, long offset) {
        return from.get(SHORT, offset) & 0xffff;
    }
}

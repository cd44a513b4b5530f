package jkvm.host.usernet;

import java.nio.ByteBuffer;
import jkvm.host.net.NetFrame;
import jkvm.host.net.NetOffload;

/** Writes the segments of all flows. */
final class TcpSender {
    /**
     * The most that the guest may send in one segment: as much as a jumbo frame holds; its own MTU bounds it further.
     */
    private static final int OUR_MSS = 8960;
    /** The most that one frame holds that is still to be segmented. */
    private static final int MAX_GSO = 60 * 1024;

    private final IpSender ip;
    private final GuestLink link;

    TcpSender(IpSender ip, GuestLink link) {
        this.ip = ip;
        this.link = link;
    }

    boolean hasRoom() {
        return link.hasRoom();
    }

    /** How many bytes one call of {@link #sendData} may carry. */
    int maxData(boolean v4, int mss) {
        int needed = NetOffload.CHECKSUM | (v4 ? NetOffload.TSO4 : NetOffload.TSO6);
        return (link.offloads() & needed) == needed ? Math.max(mss, MAX_GSO / mss * mss) : mss;
    }

    private int begin(FlowKey key, int sequence, int acknowledgement, int flags, int window, int header) {
        int at = ip.begin(key.remoteHi, key.remoteLo, key.guestHi, key.guestLo);
        ip.data().putShort(at, (short) key.remotePort).putShort(at + 2, (short) key.guestPort)
                .putInt(at + 4, sequence).putInt(at + 8, acknowledgement).put(at + 12, (byte) (header / 4 << 4))
                .put(at + 13, (byte) flags).putShort(at + 14, (short) window).putInt(at + 16, 0);
        return at + TcpSegment.HEADER;
    }

    /**
     * Sends a SYN.
     *
     * @param scale our window's, or -1 to send no such option
     */
    void sendSyn(FlowKey key, int sequence, int acknowledgement, int flags, int window, int scale) {
        int header = TcpSegment.HEADER + (scale < 0 ? 4 : 8);
        int at = begin(key, sequence, acknowledgement, flags, window, header);
        ip.data().putInt(at, 0x0204_0000 | OUR_MSS);
        if (scale >= 0) {
            ip.data().putInt(at + 4, 0x0103_0300 | scale);
        }
        ip.sendTcp(header, 0, header);
    }

    void sendControl(FlowKey key, int sequence, int acknowledgement, int flags, int window) {
        begin(key, sequence, acknowledgement, flags, window, TcpSegment.HEADER);
        ip.sendTcp(TcpSegment.HEADER, 0, TcpSegment.HEADER);
    }

    /** Sends bytes of a ring, {@code skip} after its oldest. */
    void sendData(FlowKey key, int sequence, int acknowledgement, int flags, int window, ByteRing from, int skip,
            int length, int mss) {
        int at = begin(key, sequence, acknowledgement, flags, window, TcpSegment.HEADER);
        ByteBuffer data = ip.data();
        from.peek(skip, data, at, length);
        ip.sendTcp(TcpSegment.HEADER + length, length > mss ? mss : 0, TcpSegment.HEADER);
    }

    /** Answers a segment that belongs to no flow (RFC 9293, section 3.10.7.1). */
    void refuse(FlowKey key, TcpSegment segment) {
        if (segment.has(TcpSegment.RST)) {
            return;
        }
        if (segment.has(TcpSegment.ACK)) {
            sendControl(key, segment.acknowledgement, 0, TcpSegment.RST, 0);
        } else {
            sendControl(key, 0, segment.sequence + segment.sequenceLength(), TcpSegment.RST | TcpSegment.ACK, 0);
        }
    }

    /** The MSS that is used for a guest that offers {@code offered}. */
    static int usableMss(int offered, boolean v4) {
        int room = NetFrame.MAX_LENGTH - 128;
        return Math.min(Math.min(offered, room), v4 ? OUR_MSS : OUR_MSS - 20);
    }
}

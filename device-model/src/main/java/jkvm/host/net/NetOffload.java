package jkvm.host.net;

/** Offloads that a side of the wire takes besides plain finished frames: a set of bits. */
public final class NetOffload {
    /** Frames whose TCP or UDP checksum is still to be completed: {@link NetFrame#needsChecksum()}. */
    public static final int CHECKSUM = 1;
    /** IPv4 TCP frames of up to 64 KiB that are still to be segmented, {@link NetFrame#GSO_TCPV4}. */
    public static final int TSO4 = 2;
    /** IPv6 TCP frames of up to 64 KiB that are still to be segmented, {@link NetFrame#GSO_TCPV6}. */
    public static final int TSO6 = 4;
    /** Frames to be segmented that carry a congestion mark: {@link NetFrame#isCongestionMarked()}. */
    public static final int TSO_ECN = 8;
    /** All of them. */
    public static final int ALL = CHECKSUM | TSO4 | TSO6 | TSO_ECN;

    private NetOffload() {
    }

    /** True if a side that has {@code offloads} takes the frame as it is. */
    public static boolean takes(int offloads, NetFrame frame) {
        if (!frame.hasOffload()) {
            return true;
        }
        int needed = frame.needsChecksum() ? CHECKSUM : 0;
        needed |= switch (frame.gsoType()) {
            case NetFrame.GSO_NONE -> 0;
            case NetFrame.GSO_TCPV4 -> TSO4;
            case NetFrame.GSO_TCPV6 -> TSO6;
            default -> ~ALL;
        };
        needed |= frame.isCongestionMarked() ? TSO_ECN : 0;
        return (needed & ~offloads) == 0;
    }
}

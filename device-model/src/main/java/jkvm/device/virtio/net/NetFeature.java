package jkvm.device.virtio.net;

import jkvm.host.net.NetOffload;

/**
 * The feature bits that jkvm's network card has (VIRTIO 1.2, section 5.1.3), in the order of their numbers. Those of
 * the guest tell what it takes, those of the host what the card takes.
 */
public enum NetFeature {
    CSUM(0, "csum"),
    GUEST_CSUM(1, "guest_csum"),
    CTRL_GUEST_OFFLOADS(2, "ctrl_guest_offloads"),
    /** Offered if there is an MTU to tell. */
    MTU(3, ""),
    /** Always offered. */
    MAC(5, ""),
    GUEST_TSO4(7, "guest_tso4"),
    GUEST_TSO6(8, "guest_tso6"),
    GUEST_ECN(9, "guest_ecn"),
    HOST_TSO4(11, "host_tso4"),
    HOST_TSO6(12, "host_tso6"),
    HOST_ECN(13, "host_ecn"),
    MRG_RXBUF(15, "mrg_rxbuf"),
    STATUS(16, "status"),
    CTRL_VQ(17, "ctrl_vq"),
    CTRL_RX(18, "ctrl_rx"),
    CTRL_VLAN(19, "ctrl_vlan"),
    CTRL_RX_EXTRA(20, "ctrl_rx_extra"),
    CTRL_MAC_ADDR(23, "ctrl_mac_addr");

    private final long bit;
    private final String property;

    NetFeature(int number, String property) {
        this.bit = 1L << number;
        this.property = property;
    }

    /** The feature as a bit of a set of features. */
    public long bit() {
        return bit;
    }

    /** QEMU's name of the property that switches it; empty if there is none. */
    public String property() {
        return property;
    }

    boolean isIn(long features) {
        return (features & bit) != 0;
    }

    /** Leaves out of a set what needs a feature that is not in it (section 5.1.3.1). */
    static long consistent(long features) {
        long kept = features;
        if (!CSUM.isIn(kept)) {
            kept &= ~(HOST_TSO4.bit | HOST_TSO6.bit);
        }
        if (!GUEST_CSUM.isIn(kept)) {
            kept &= ~(GUEST_TSO4.bit | GUEST_TSO6.bit);
        }
        if ((kept & (HOST_TSO4.bit | HOST_TSO6.bit)) == 0) {
            kept &= ~HOST_ECN.bit;
        }
        if ((kept & (GUEST_TSO4.bit | GUEST_TSO6.bit)) == 0) {
            kept &= ~GUEST_ECN.bit;
        }
        if (!CTRL_VQ.isIn(kept)) {
            kept &= ~(CTRL_GUEST_OFFLOADS.bit | CTRL_RX.bit | CTRL_VLAN.bit | CTRL_RX_EXTRA.bit | CTRL_MAC_ADDR.bit);
        }
        return kept;
    }

    /** The offloads that the guest may leave to the device when it sends, bits of {@link NetOffload}. */
    static int hostOffloads(long features) {
        return (CSUM.isIn(features) ? NetOffload.CHECKSUM : 0) | (HOST_TSO4.isIn(features) ? NetOffload.TSO4 : 0)
                | (HOST_TSO6.isIn(features) ? NetOffload.TSO6 : 0) | (HOST_ECN.isIn(features) ? NetOffload.TSO_ECN : 0);
    }

    /** The offloads that the guest takes when it receives, bits of {@link NetOffload}. */
    static int guestOffloads(long features) {
        return (GUEST_CSUM.isIn(features) ? NetOffload.CHECKSUM : 0) | (GUEST_TSO4.isIn(features) ? NetOffload.TSO4 : 0)
                | (GUEST_TSO6.isIn(features) ? NetOffload.TSO6 : 0)
                | (GUEST_ECN.isIn(features) ? NetOffload.TSO_ECN : 0);
    }
}

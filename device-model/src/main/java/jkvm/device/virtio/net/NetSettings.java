package jkvm.device.virtio.net;

import jkvm.device.board.PropertyException;

/**
 * How a network card presents itself.
 *
 * @param features          those that it may offer, bits of {@link NetFeature}
 * @param mtu               the MTU that the guest is told, {@value #MIN_MTU} to 65535; 0 for none
 * @param receiveQueueSize  entries, a power of two from {@value #MIN_QUEUE_SIZE} to {@value #MAX_QUEUE_SIZE}
 * @param transmitQueueSize as well
 */
public record NetSettings(long features, int mtu, int receiveQueueSize, int transmitQueueSize) {
    public static final int MIN_MTU = 68;
    public static final int MAX_MTU = 65535;
    /** The limits are QEMU's. */
    public static final int MIN_QUEUE_SIZE = 256;
    public static final int MAX_QUEUE_SIZE = 1024;

    /** All features, no MTU, queues of 256 entries. */
    public static final NetSettings DEFAULT = new NetSettings(-1, 0, MIN_QUEUE_SIZE, MIN_QUEUE_SIZE);

    public NetSettings {
        if (mtu != 0 && (mtu < MIN_MTU || mtu > MAX_MTU)) {
            throw PropertyException.invalid("host_mtu", mtu, "must be from " + MIN_MTU + " to " + MAX_MTU);
        }
        requireQueueSize("rx_queue_size", receiveQueueSize);
        requireQueueSize("tx_queue_size", transmitQueueSize);
    }

    private static void requireQueueSize(String property, int size) {
        if (size < MIN_QUEUE_SIZE || size > MAX_QUEUE_SIZE || Integer.bitCount(size) != 1) {
            throw PropertyException.invalid(property, size, "must be a power of two from " + MIN_QUEUE_SIZE + " to "
                    + MAX_QUEUE_SIZE);
        }
    }

    /** The same without some features. */
    public NetSettings without(NetFeature... left) {
        long kept = features;
        for (NetFeature feature : left) {
            kept &= ~feature.bit();
        }
        return new NetSettings(kept, mtu, receiveQueueSize, transmitQueueSize);
    }
}

package jkvm.device.virtio.net;

import jkvm.device.virtio.DeviceLink;
import jkvm.device.virtio.QueueWork;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.net.NetBackend;
import jkvm.host.net.NetFrame;
import jkvm.host.net.NetOffload;
import jkvm.host.net.NetPort;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A network card.
 *
 * <p><b>Threads.</b> The transmit and the control queue are served by their own threads. Frames are stored by the
 * backend's thread, which works on the receive queue through {@link DeviceLink#serve}; that queue's own thread tells
 * the backend when the driver has new buffers. So each of {@link Transmitter}, {@link Receiver} and {@link
 * ControlQueue} belongs to the thread that serves its queue, and the transport says when none does: no lock of this
 * device is held while a frame is copied. {@link ReceiveFilter} has its own monitor, which is held for one look or one
 * change and under which nothing is called. The rest are volatile fields, each for itself.
 */
public final class VirtioNet implements VirtioDevice {
    public static final int TYPE = 1;

    static final int RECEIVE_QUEUE = 0;
    static final int TRANSMIT_QUEUE = 1;
    static final int CONTROL_QUEUE = 2;
    static final int CONTROL_QUEUE_SIZE = 64;
    /** {@code struct virtio_net_hdr}: with the number of buffers, whatever was negotiated. */
    static final int HEADER_SIZE = 12;
    /** The same of a legacy driver whose frames lie in one buffer each: without the number. */
    static final int SHORT_HEADER_SIZE = 10;
    static final int ETHERNET_HEADER = 14;

    static final int STATUS_OFFSET = 6;
    static final int QUEUE_PAIRS_OFFSET = 8;
    static final int MTU_OFFSET = 10;
    static final int LINK_UP_BIT = 1;
    private static final int STATE_VERSION = 1;
    private static final long VERSION_1 = 1L << 32;
    private static final int CONFIG_SIZE = 8;
    private static final int CONFIG_SIZE_WITH_MTU = 12;

    private final String name;
    private final NetSettings settings;
    private final NetPort port;
    private final long offered;
    private final ReceiveFilter filter;
    private final Receiver receiver;
    private final Transmitter transmitter;
    private final ControlQueue control;
    private final QueueWork storing = this::store;
    private volatile DeviceLink link;
    private volatile long features;
    /** The negotiated offloads that the driver takes now; all of them until it says otherwise. */
    private volatile int guestOffloads = NetOffload.ALL;
    /** For {@link #store}, both on the backend's thread. */
    private NetFrame incoming;
    private boolean stored;

    /**
     * Plugs a card into a backend.
     *
     * @param mac     its address, the first byte highest
     * @param backend closed by its maker, after this device's last reset
     */
    @SuppressWarnings("this-escape")
    public VirtioNet(String name, long mac, NetSettings settings, NetBackend backend) {
        this.name = name;
        this.settings = settings;
        port = new NetPort(backend, new VirtioCard());
        offered = offered(settings, backend.offloads());
        filter = new ReceiveFilter(mac);
        receiver = new Receiver(filter);
        transmitter = new Transmitter(port);
        control = new ControlQueue(filter, this::setGuestOffloads);
        port.attach();
    }

    private static long offered(NetSettings settings, int backendOffloads) {
        long features = 0;
        for (NetFeature feature : NetFeature.values()) {
            features |= settings.features() & feature.bit();
        }
        features |= NetFeature.MAC.bit();
        features &= settings.mtu() == 0 ? ~NetFeature.MTU.bit() : -1;
        features &= (backendOffloads & NetOffload.CHECKSUM) == 0 ? ~NetFeature.CSUM.bit() : -1;
        features &= (backendOffloads & NetOffload.TSO4) == 0 ? ~NetFeature.HOST_TSO4.bit() : -1;
        features &= (backendOffloads & NetOffload.TSO6) == 0 ? ~NetFeature.HOST_TSO6.bit() : -1;
        features &= (backendOffloads & NetOffload.TSO_ECN) == 0 ? ~NetFeature.HOST_ECN.bit() : -1;
        return NetFeature.consistent(features);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int type() {
        return TYPE;
    }

    /** Three, the control queue among them whether it is offered or not, as in QEMU. */
    @Override
    public int queues() {
        return 3;
    }

    @Override
    public int maxQueueSize(int queue) {
        return switch (queue) {
            case RECEIVE_QUEUE -> settings.receiveQueueSize();
            case TRANSMIT_QUEUE -> settings.transmitQueueSize();
            default -> CONTROL_QUEUE_SIZE;
        };
    }

    @Override
    public long features() {
        return offered;
    }

    @Override
    public int configSize() {
        return settings.mtu() == 0 ? CONFIG_SIZE : CONFIG_SIZE_WITH_MTU;
    }

    /** A legacy driver without the command for it sets the card's address here. */
    @Override
    public void writeConfig(int offset, int value) {
        boolean isSettable = link != null && isLegacy() && !NetFeature.CTRL_MAC_ADDR.isIn(features);
        if (offset < ReceiveFilter.ADDRESS_SIZE && isSettable) {
            int shift = 8 * (ReceiveFilter.ADDRESS_SIZE - 1 - offset);
            filter.setAddress(filter.address() & ~(0xFFL << shift) | (value & 0xFFL) << shift);
        }
    }

    @Override
    public int readConfig(int offset) {
        return switch (offset) {
            case STATUS_OFFSET -> port.isPlugged() && NetFeature.STATUS.isIn(offered) ? LINK_UP_BIT : 0;
            case STATUS_OFFSET + 1, QUEUE_PAIRS_OFFSET + 1 -> 0;
            case QUEUE_PAIRS_OFFSET -> 1;
            case MTU_OFFSET -> settings.mtu();
            case MTU_OFFSET + 1 -> settings.mtu() >>> 8;
            default -> (int) (filter.address() >>> 8 * (ReceiveFilter.ADDRESS_SIZE - 1 - offset));
        };
    }

    @Override
    public void start(long negotiated, DeviceLink newLink) {
        features = NetFeature.consistent(negotiated);
        filter.setFiltersVlans(NetFeature.CTRL_VLAN.isIn(features));
        boolean merges = NetFeature.MRG_RXBUF.isIn(features);
        int headerSize = merges || !isLegacy() ? HEADER_SIZE : SHORT_HEADER_SIZE;
        receiver.begin(headerSize, merges, NetFeature.MTU.isIn(features) ? settings.mtu() : 0);
        transmitter.begin(headerSize, NetFeature.hostOffloads(features));
        control.begin(features);
        link = newLink;
        port.offloadsChanged();
    }

    private boolean isLegacy() {
        return (features & VERSION_1) == 0;
    }

    @Override
    public void stop() {
        link = null;
        features = 0;
        guestOffloads = NetOffload.ALL;
        filter.reset();
        receiver.end();
        port.roomMade();
        port.offloadsChanged();
    }

    @Override
    public void serve(int index, VirtQueue queue) {
        switch (index) {
            case RECEIVE_QUEUE -> {
                if (!port.isPlugged()) {
                    receiver.end();
                }
                if (receiver.drain(queue)) {
                    port.roomMade();
                }
            }
            case TRANSMIT_QUEUE -> transmitter.serve(queue);
            default -> control.serve(queue);
        }
    }

    /** Whether the cable is plugged in: if not, frames are lost in both directions. Any thread may call. */
    public void setLink(boolean up) {
        if (!port.setPlugged(up)) {
            return;
        }
        DeviceLink told = link;
        if (told != null) {
            if (NetFeature.STATUS.isIn(features)) {
                told.configChanged();
            }
            // A frame that waits for room is now lost, or continues.
            told.wake(RECEIVE_QUEUE);
            told.wake(TRANSMIT_QUEUE);
        }
    }

    /** Frames of the guest that were not sent because they or their headers made no sense. Any thread may call. */
    public long droppedFromGuest() {
        return transmitter.dropped();
    }

    /** Frames for the guest that it can have no room for, or that made no sense. Any thread may call. */
    public long droppedForGuest() {
        return receiver.dropped();
    }

    private void setGuestOffloads(int offloads) {
        guestOffloads = offloads;
        port.offloadsChanged();
    }

    /** The card, as its port sees it. */
    private final class VirtioCard implements NetPort.Card {
        @Override
        public boolean store(NetFrame frame) {
            DeviceLink to = link;
            if (to == null) {
                return true;
            }
            incoming = frame;
            stored = false;
            to.serve(RECEIVE_QUEUE, storing);
            return stored;
        }

        @Override
        public void sendReady() {
            DeviceLink woken = link;
            if (woken != null) {
                woken.wake(TRANSMIT_QUEUE);
            }
        }

        @Override
        public int offloads() {
            return NetFeature.guestOffloads(features) & guestOffloads;
        }
    }

    private void store(VirtQueue queue) {
        stored = receiver.receive(queue, incoming, NetFeature.guestOffloads(features) & guestOffloads);
    }

    @Override
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        filter.save(out);
        out.putInt("guestOffloads", guestOffloads);
        out.putBoolean("linkUp", port.isPlugged());
        receiver.save(out);
    }

    @Override
    public void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        filter.load(in);
        guestOffloads = in.getInt("guestOffloads", 0, NetOffload.ALL);
        port.setPlugged(in.getBoolean("linkUp"));
        receiver.load(in);
    }
}

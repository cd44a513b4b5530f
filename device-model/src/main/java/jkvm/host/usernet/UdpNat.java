package jkvm.host.usernet;

import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** All UDP flows of a guest, and the gateway's own services. */
final class UdpNat {
    static final int MAX_FLOWS = 256;
    static final int DHCP_SERVER = 67, TFTP = 69;
    private static final int HEADER = 8;
    private static final long IDLE = TimeUnit.MINUTES.toNanos(4);
    private static final long SCAN = TimeUnit.SECONDS.toNanos(10);

    private final UserConfig config;
    private final HostAddresses addresses;
    private final IpSender sender;
    private final GuestLink link;
    private final Selector selector;
    private final Dhcp dhcp;
    private final Tftp tftp;
    private final FlowKey probe = new FlowKey();
    private final Map<FlowKey, UdpFlow> flows = new LinkedHashMap<>(16, 0.75f, true);
    private final List<UdpFlow> stalled = new ArrayList<>();
    private long now;
    private long nextScan;
    long refused;
    private long malformed;

    UdpNat(UserConfig config, HostAddresses addresses, IpSender sender, GuestLink link, Selector selector, Dhcp dhcp) {
        this.config = config;
        this.addresses = addresses;
        this.sender = sender;
        this.link = link;
        this.selector = selector;
        this.dhcp = dhcp;
        this.tftp = new Tftp(config, sender);
    }

    long now() {
        return now;
    }

    IpSender sender() {
        return sender;
    }

    HostAddresses addresses() {
        return addresses;
    }

    boolean hasRoom() {
        return link.hasRoom();
    }

    int size() {
        return flows.size();
    }

    long malformed() {
        return malformed;
    }

    /** @param mac the Ethernet address that the packet came from */
    void receive(Packet packet, long mac) {
        if (packet.length < HEADER) {
            malformed++;
            return;
        }
        int length = packet.data.getShort(packet.start + 4) & 0xffff;
        boolean unchecked = packet.isV4() && packet.data.getShort(packet.start + 6) == 0;
        if (length < HEADER || length > packet.length) {
            malformed++;
            return;
        }
        packet.length = length;
        if (!unchecked && !packet.isChecksumRight()) {
            malformed++;
            return;
        }
        int sourcePort = packet.data.getShort(packet.start) & 0xffff;
        int port = packet.data.getShort(packet.start + 2) & 0xffff;
        int start = packet.start + HEADER;
        boolean broadcast = packet.isV4() && ((int) packet.dstLo == -1
                || (int) packet.dstLo == (config.network() | ~config.mask()));
        boolean gateway = addresses.isGateway(packet.dstHi, packet.dstLo);
        if (port == DHCP_SERVER && packet.isV4() && (broadcast || gateway)) {
            dhcp.receive(packet, start, length - HEADER, mac);
        } else if (!addresses.isGuest(packet.srcHi, packet.srcLo) || broadcast) {
            refused++;
        } else if (port == TFTP && gateway && config.tftp().isPresent()) {
            tftp.receive(packet, start, length - HEADER, sourcePort);
        } else {
            forward(packet, sourcePort, port, start, length - HEADER);
        }
    }

    private void forward(Packet packet, int sourcePort, int port, int start, int length) {
        UdpFlow flow = flows.get(probe.set(packet.srcHi, packet.srcLo, sourcePort, 0, 0, 0));
        if (flow == null) {
            if (sourcePort == 0 || addresses.outside(packet.dstHi, packet.dstLo, port) == null) {
                refused++;
                return;
            }
            flow = open(probe.copy());
            if (flow == null) {
                refused++;
                return;
            }
        }
        flow.lastUse = now;
        flow.send(addresses, packet.dstHi, packet.dstLo, port, packet.data, start, length);
    }

    private UdpFlow open(FlowKey key) {
        if (flows.size() >= MAX_FLOWS) {
            evict();
        }
        DatagramChannel channel = null;
        try {
            // For both protocols: the host's name server may be reached by the other one.
            channel = DatagramChannel.open();
            UdpFlow flow = new UdpFlow(key, this, channel, selector, false);
            flows.put(key, flow);
            return flow;
        } catch (IOException _) {
            close(channel);
            return null;
        }
    }

    private static void close(DatagramChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException _) {
            // It is gone either way.
        }
    }

    private void evict() {
        for (UdpFlow flow : flows.values()) {
            if (!flow.permanent) {
                flows.remove(flow.key);
                flow.close();
                return;
            }
        }
    }

    /** A port of the host leads to the guest. */
    void forward(UserConfig.Forward forward, DatagramChannel channel) throws IOException {
        long hi = forward.guestAddress().map(IpAddress::hi).orElse(0L);
        long lo = forward.guestAddress().map(IpAddress::lo).orElse(IpAddress.v4(config.dhcpStart()));
        FlowKey key = new FlowKey().set(hi, lo, forward.guestPort(), 0, 0, 0);
        UdpFlow flow = new UdpFlow(key, this, channel, selector, true);
        flows.put(key, flow);
    }

    /** The flow waits until the guest has room. */
    void stall(UdpFlow flow) {
        stalled.add(flow);
    }

    /** Begins a turn: flows that waited continue if they can, those not used for long are removed. */
    void tick(long nanos) {
        now = nanos;
        if (!stalled.isEmpty() && hasRoom()) {
            stalled.forEach(UdpFlow::resume);
            stalled.clear();
        }
        if (now - nextScan > 0) {
            nextScan = now + SCAN;
            flows.values().removeIf(flow -> {
                boolean idle = !flow.permanent && now - flow.lastUse > IDLE;
                if (idle) {
                    flow.close();
                }
                return idle;
            });
        }
    }

    void close() {
        flows.values().forEach(UdpFlow::close);
        flows.clear();
        tftp.close();
    }
}

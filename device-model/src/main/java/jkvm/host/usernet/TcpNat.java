package jkvm.host.usernet;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import jkvm.host.net.EventLoop;

/** All TCP flows of a guest. */
final class TcpNat {
    static final int MAX_FLOWS = 512;
    /** Flows above this number get small buffers, so that all of them together stay below 50 MiB. */
    private static final int ROOMY_FLOWS = 64;
    private static final int BUFFER = 256 * 1024, SMALL_BUFFER = 16 * 1024;

    private final UserConfig config;
    private final HostAddresses addresses;
    private final TcpSender sender;
    private final Selector selector;
    private final TcpSegment segment = new TcpSegment();
    private final FlowKey probe = new FlowKey();
    private final Map<FlowKey, TcpFlow> flows = new LinkedHashMap<>(16, 0.75f, true);
    private final ArrayDeque<TcpFlow> pending = new ArrayDeque<>();
    private final List<TcpFlow> due = new ArrayList<>();
    private final IntSupplier firstNumbers;
    private long now;
    private long nextDeadline = Long.MAX_VALUE;
    private long malformed;

    /** @param firstNumbers gives each flow the sequence number that it begins with */
    TcpNat(UserConfig config, HostAddresses addresses, TcpSender sender, Selector selector,
            IntSupplier firstNumbers) {
        this.firstNumbers = firstNumbers;
        this.config = config;
        this.addresses = addresses;
        this.sender = sender;
        this.selector = selector;
    }

    /** Nanoseconds, as of the current turn. */
    long now() {
        return now;
    }

    /** The sequence number that a new flow begins with. */
    int firstNumber() {
        return firstNumbers.getAsInt();
    }

    int size() {
        return flows.size();
    }

    long malformed() {
        return malformed;
    }

    void receive(Packet packet) {
        if (!segment.parse(packet)) {
            malformed++;
            return;
        }
        probe.set(packet.srcHi, packet.srcLo, segment.sourcePort, packet.dstHi, packet.dstLo,
                segment.destinationPort);
        TcpFlow flow = flows.get(probe);
        boolean opens = (segment.flags & (TcpSegment.SYN | TcpSegment.ACK | TcpSegment.RST)) == TcpSegment.SYN;
        if (flow != null && opens && flow.state == TcpFlow.State.LINGERING) {
            remove(flow);
            flow = null;
        }
        if (flow != null) {
            flow.receive(segment);
        } else if (opens) {
            open();
        } else {
            sender.refuse(probe, segment);
        }
    }

    private void open() {
        InetSocketAddress target = addresses.outside(probe.remoteHi, probe.remoteLo, probe.remotePort);
        if (target == null) {
            sender.refuse(probe, segment);
            return;
        }
        evict();
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            boolean connected = channel.connect(target);
            TcpFlow flow = add(channel, probe.copy(), TcpFlow.State.CONNECTING);
            flow.open(segment);
            if (connected) {
                flow.connected();
            }
        } catch (IOException | UnresolvedAddressException | UnsupportedAddressTypeException _) {
            sender.refuse(probe, segment);
            close(channel);
        }
    }

    private TcpFlow add(SocketChannel channel, FlowKey key, TcpFlow.State state) throws IOException {
        int buffer = flows.size() < ROOMY_FLOWS ? BUFFER : SMALL_BUFFER;
        TcpFlow flow = new TcpFlow(key, this, sender, channel, selector, state, buffer);
        flows.put(key, flow);
        return flow;
    }

    private static void close(SocketChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException _) {
            // It is gone either way.
        }
    }

    /** Makes room for one more: takes the longest unused one that is not established, or else of all. */
    private void evict() {
        if (flows.size() < MAX_FLOWS) {
            return;
        }
        TcpFlow victim = null;
        for (TcpFlow flow : flows.values()) {
            if (flow.isExpendable()) {
                victim = flow;
                break;
            }
        }
        if (victim == null) {
            victim = flows.values().iterator().next();
        }
        if (victim.isExpendable()) {
            remove(victim);
        } else {
            victim.abort();
        }
    }

    /** Forgets a flow and frees its socket. */
    void remove(TcpFlow flow) {
        flows.remove(flow.key, flow);
        flow.dispose();
    }

    /** Listens on a port of the host for the guest. */
    void forward(UserConfig.Forward forward, ServerSocketChannel server) throws IOException {
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT, (EventLoop.Handler) _ -> accept(forward, server));
    }

    private void accept(UserConfig.Forward forward, ServerSocketChannel server) {
        SocketChannel channel = null;
        try {
            channel = server.accept();
            if (channel == null) {
                return;
            }
            channel.configureBlocking(false);
            InetSocketAddress peer = (InetSocketAddress) channel.getRemoteAddress();
            long guestHi = forward.guestAddress().map(IpAddress::hi).orElse(0L);
            long guestLo = forward.guestAddress().map(IpAddress::lo).orElse(IpAddress.v4(config.dhcpStart()));
            boolean v6 = !IpAddress.isV4(guestHi, guestLo);
            boolean foreign = v6 != (peer.getAddress() instanceof Inet6Address);
            FlowKey key = new FlowKey().set(guestHi, guestLo, forward.guestPort(),
                    foreign ? gatewayHi(v6) : addresses.seenHi(peer.getAddress(), v6),
                    foreign ? gatewayLo(v6) : addresses.seenLo(peer.getAddress(), v6), peer.getPort());
            if (flows.containsKey(key)) {
                close(channel);
                return;
            }
            evict();
            add(channel, key, TcpFlow.State.SYN_SENT).call();
        } catch (IOException _) {
            close(channel);
        }
    }

    private static long gatewayHi(boolean v6) {
        return v6 ? UserConfig.IPV6_PREFIX : 0;
    }

    private long gatewayLo(boolean v6) {
        return v6 ? 2 : IpAddress.v4(config.host());
    }

    /** The flow has something to send: it gets its turn when all that has arrived is looked at. */
    void schedule(TcpFlow flow) {
        if (!flow.pending) {
            flow.pending = true;
            pending.add(flow);
        }
    }

    /** A flow waits for a time. */
    void armed(long deadline) {
        nextDeadline = Math.min(nextDeadline, deadline);
    }

    /** Takes the time at the beginning of a turn, and lets flows know whose time is over. */
    void tick(long nanos) {
        now = nanos;
        if (now < nextDeadline) {
            return;
        }
        nextDeadline = Long.MAX_VALUE;
        for (TcpFlow flow : flows.values()) {
            if (flow.deadline() <= now) {
                due.add(flow);
            } else {
                nextDeadline = Math.min(nextDeadline, flow.deadline());
            }
        }
        due.forEach(TcpFlow::timeout);
        due.clear();
    }

    /** Sends from flows, as long as the guest has room. */
    void output() {
        for (int left = pending.size(); left > 0; left--) {
            TcpFlow flow = pending.poll();
            if (!flow.output()) {
                schedule(flow);
            }
        }
    }

    /** When {@link #tick} has something to do; {@link Long#MAX_VALUE} if never. */
    long nextDeadline() {
        return nextDeadline;
    }

    void close() {
        for (Iterator<TcpFlow> all = flows.values().iterator(); all.hasNext();) {
            TcpFlow flow = all.next();
            all.remove();
            flow.dispose();
        }
    }
}

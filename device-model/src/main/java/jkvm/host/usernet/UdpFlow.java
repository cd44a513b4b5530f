package jkvm.host.usernet;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.LinkedHashSet;
import java.util.Set;
import jkvm.host.net.EventLoop;

/**
 * One UDP port of the guest and the host's socket for it. As QEMU does it, one socket serves all that the guest talks
 * to from that port, and takes answers from anyone.
 */
final class UdpFlow implements EventLoop.Handler {
    private static final int HEADER = 8;
    /** Datagrams for the guest in one turn, so that one flow does not starve the others. */
    private static final int BATCH = 64;
    private static final int MAX_ASKERS = 256;

    final FlowKey key;
    /** For a forwarded port: stays for ever. */
    final boolean permanent;
    private final UdpNat nat;
    private final DatagramChannel channel;
    private final SelectionKey selection;
    private final boolean v6;
    /** Where the guest's questions to its name server went; null if it has asked none. */
    private InetSocketAddress nameServer;
    private InetSocketAddress lastTarget;
    private long lastHi;
    private long lastLo;
    private int lastPort;
    long lastUse;
    /** Peers that came through a forwarded port: with {@code restrict=on} answers go to them only. */
    private final Set<InetSocketAddress> askers = new LinkedHashSet<>();

    UdpFlow(FlowKey key, UdpNat nat, DatagramChannel channel, Selector selector, boolean permanent)
            throws IOException {
        this.key = key;
        this.nat = nat;
        this.channel = channel;
        this.permanent = permanent;
        this.v6 = !IpAddress.isV4(key.guestHi, key.guestLo);
        channel.configureBlocking(false);
        selection = channel.register(selector, SelectionKey.OP_READ, this);
    }

    /** Sends the guest's datagram on; what the host does not take is lost. */
    void send(HostAddresses addresses, long hi, long lo, int port, ByteBuffer data, int start, int length) {
        if (lastTarget == null || hi != lastHi || lo != lastLo || port != lastPort || addresses.isNameServer(hi, lo)) {
            InetSocketAddress target = addresses.outside(hi, lo, port);
            if (target == null && permanent) {
                InetSocketAddress asker = addresses.unrestricted(hi, lo, port);
                target = askers.contains(asker) ? asker : null;
            }
            if (target == null) {
                nat.refused++;
                return;
            }
            lastTarget = target;
            lastHi = hi;
            lastLo = lo;
            lastPort = port;
            if (addresses.isNameServer(hi, lo)) {
                nameServer = target;
            }
        }
        data.limit(start + length).position(start);
        try {
            channel.send(data, lastTarget);
        } catch (IOException | UnresolvedAddressException | UnsupportedAddressTypeException _) {
            nat.refused++;
        } finally {
            data.clear();
        }
    }

    @Override
    public void ready(SelectionKey ready) {
        try {
            for (int left = BATCH; left > 0; left--) {
                if (!nat.hasRoom()) {
                    // They wait in the host's socket, whose bound is the host's.
                    selection.interestOps(0);
                    nat.stall(this);
                    return;
                }
                if (!receiveOne()) {
                    return;
                }
            }
        } catch (IOException _) {
            // An error that the host reports for an earlier datagram; the socket still works.
        }
    }

    private boolean receiveOne() throws IOException {
        IpSender ip = nat.sender();
        HostAddresses addresses = nat.addresses();
        int at = ip.begin(0, 0, key.guestHi, key.guestLo) + HEADER;
        ByteBuffer data = ip.data();
        int length;
        InetSocketAddress peer;
        data.position(at);
        try {
            peer = (InetSocketAddress) channel.receive(data);
            length = data.position() - at;
        } finally {
            data.clear();
        }
        if (peer == null) {
            return false;
        }
        lastUse = nat.now();
        if (permanent && askers.add(peer) && askers.size() > MAX_ASKERS) {
            askers.remove(askers.iterator().next());
        }
        if (peer.equals(nameServer)) {
            ip.begin(v6 ? UserConfig.IPV6_PREFIX : 0, addresses.dnsLo(v6), key.guestHi, key.guestLo);
        } else {
            long hi = addresses.seenHi(peer.getAddress(), v6);
            long lo = addresses.seenLo(peer.getAddress(), v6);
            if (IpAddress.isV4(hi, lo) == v6) {
                return true;
            }
            ip.begin(hi, lo, key.guestHi, key.guestLo);
        }
        ip.sendUdp(peer.getPort(), key.guestPort, length);
        return true;
    }

    void resume() {
        if (selection.isValid()) {
            selection.interestOps(SelectionKey.OP_READ);
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // It is gone either way.
        }
    }
}

package jkvm.host.usernet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import jkvm.host.net.EventLoop;
import jkvm.host.net.NetBackend;
import jkvm.host.net.NetDevice;
import jkvm.host.net.NetFrame;
import jkvm.host.net.NetOffload;
import jkvm.host.net.SendQueue;
import jkvm.work.Workers;

/** The user network of one guest: all of it runs on one thread of its own, and no host privilege is needed. */
public final class UserBackend implements NetBackend {
    private static final int QUEUE_SIZE = 1 << 20;
    /** Packets that are looked at before those that answer them get their turn. */
    private static final int BATCH = 64;

    private final EventLoop loop;
    private final SendQueue queue;
    private final List<NetworkChannel> listening = new ArrayList<>();
    private final GuestLink link = new GuestLink();
    private final Neighbours neighbours = new Neighbours();
    private final UdpNat udp;
    private final TcpNat tcp;
    private final Icmp icmp;
    private final Icmp6 icmp6;
    private final Dhcp dhcp;
    private final IpReceiver receiver;
    private long nextAsk;

    /**
     * Makes the network and takes the host's ports that are forwarded.
     *
     * @param workers gives the one that the network runs on
     * @throws ForwardException if a port cannot be had
     */
    public UserBackend(UserConfig config, Workers workers) {
        loop = new EventLoop("net-user", new EventLoop.Task() {
            @Override
            public long turn() {
                return UserBackend.this.turn();
            }

            @Override
            public void end() {
                closeAll();
            }
        }, workers);
        queue = new SendQueue(QUEUE_SIZE, loop::wake);
        HostAddresses addresses = new HostAddresses(config);
        IpSender sender = new IpSender(link, neighbours);
        dhcp = new Dhcp(config, addresses, sender, neighbours);
        udp = new UdpNat(config, addresses, sender, link, loop.selector(), dhcp);
        tcp = new TcpNat(config, addresses, new TcpSender(sender, link), loop.selector(),
                workers.clock() == null ? () -> ThreadLocalRandom.current().nextInt() : new Random(0)::nextInt);
        icmp = new Icmp(config, addresses, sender);
        icmp6 = new Icmp6(config, addresses, sender, neighbours);
        Arp arp = new Arp(config, addresses, link, neighbours);
        receiver = new IpReceiver(config, addresses, neighbours, arp, icmp, icmp6, udp, tcp);
        sender.setResolver((hi, lo) -> ask(arp, hi, lo));
        try {
            config.forwards().forEach(this::forward);
        } catch (ForwardException e) {
            close();
            throw e;
        }
    }

    private void forward(UserConfig.Forward forward) {
        InetSocketAddress address = forward.hostAddress()
                .map(host -> new InetSocketAddress(host, forward.hostPort()))
                .orElseGet(() -> new InetSocketAddress(forward.hostPort()));
        try {
            if (forward.udp()) {
                boolean v4 = forward.hostAddress().map(host -> host.getAddress().length == 4).orElse(true);
                InetAddress any = IpAddress.toInet(0, IpAddress.v4(0));
                DatagramChannel channel = DatagramChannel.open(v4 ? StandardProtocolFamily.INET
                        : StandardProtocolFamily.INET6);
                listening.add(channel);
                channel.bind(new InetSocketAddress(forward.hostAddress().orElse(any), forward.hostPort()));
                udp.forward(forward, channel);
            } else {
                ServerSocketChannel server = ServerSocketChannel.open();
                listening.add(server);
                server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                server.bind(address);
                tcp.forward(forward, server);
            }
        } catch (IOException e) {
            throw new ForwardException(forward, e);
        }
    }

    /** The host's ports that forwards listen on, in their order; of use where 0 was asked for. */
    public List<Integer> forwardedPorts() throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (NetworkChannel channel : listening) {
            ports.add(((InetSocketAddress) channel.getLocalAddress()).getPort());
        }
        return ports;
    }

    private void ask(Arp arp, long hi, long lo) {
        long now = loop.nanos();
        if (now - nextAsk < 0) {
            return;
        }
        nextAsk = now + TimeUnit.MILLISECONDS.toNanos(20);
        if (IpAddress.isV4(hi, lo)) {
            arp.ask(lo);
        } else {
            icmp6.ask(hi, lo);
        }
    }

    @Override
    public void attach(NetDevice device) {
        link.attach(device);
        nextAsk = loop.nanos();
        loop.start();
    }

    private long turn() {
        long now = loop.nanos();
        link.flush();
        udp.tick(now);
        tcp.tick(now);
        int left = BATCH;
        // Answers would be lost while the guest takes none: its questions wait, too.
        for (; left > 0 && link.hasRoom() && receiveOne(now); left--) {
            // The next one.
        }
        tcp.output();
        queue.tell(link.device());
        if (left == 0) {
            return 0;
        }
        long deadline = tcp.nextDeadline();
        if (deadline == Long.MAX_VALUE) {
            return EventLoop.FOREVER;
        }
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - now) + 1);
    }

    /**
     * Takes one frame of the guest, in the memory that the NIC has gathered it into.
     *
     * @return false if there is none
     */
    private boolean receiveOne(long now) {
        NetFrame frame = queue.peek();
        if (frame == null) {
            return false;
        }
        try {
            receiver.receive(frame, now);
        } finally {
            queue.release();
        }
        return true;
    }

    @Override
    public int offloads() {
        return NetOffload.ALL;
    }

    @Override
    public NetFrame claim() {
        return queue.claim();
    }

    @Override
    public void send(NetFrame frame) {
        queue.send();
    }

    @Override
    public void receiveReady() {
        loop.wake();
    }

    /** The network's counters at some moment between two turns; not exact while it runs. */
    public UserStatistics statistics() {
        long malformed = receiver.malformed() + tcp.malformed() + udp.malformed() + icmp.malformed()
                + icmp6.malformed() + dhcp.malformed();
        return new UserStatistics(tcp.size(), udp.size(), receiver.reassembling(), neighbours.size(), malformed,
                udp.refused, link.dropped(), loop.failures());
    }

    @Override
    public void close() {
        loop.close();
    }

    private void closeAll() {
        tcp.close();
        udp.close();
        for (NetworkChannel channel : listening) {
            try {
                channel.close();
            } catch (IOException _) {
                // It is gone either way.
            }
        }
    }
}

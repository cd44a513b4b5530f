package jkvm.host.usernet;

import java.nio.ByteBuffer;
import jkvm.host.net.NetBackend;

/** The guest of a tap test. */
public final class TapGuest {
    private TapGuest() {
    }

    /**
     * Plugs a guest in.
     *
     * @param offloads bits of what it takes
     */
    public static NetGuest plug(NetBackend backend, int offloads) {
        NetGuest guest = new NetGuest(backend, 1024);
        guest.setOffloads(offloads);
        backend.offloadsChanged();
        return guest;
    }

    /**
     * Sends bytes to a port of 10.0.2.2 over TCP. Prints whether longer frames came than may go over a wire.
     *
     * @param offloads bits of what the guest takes; if there are any, it sends unfinished frames, too
     * @return what came back
     */
    public static byte[] exchange(NetGuest guest, int offloads, int port, byte[] bytes) {
        GuestTcp tcp = GuestTcp.to(guest, 40000, port);
        if (offloads != 0) {
            tcp.leaveUnfinished();
        }
        tcp.connect();
        tcp.queue(bytes, true);
        tcp.runUntil(() -> tcp.ended, 10_000);
        System.out.println(guest.longestFrame() > 1514 ? "long" : "short");
        return tcp.received();
    }

    /** True if 10.0.2.2 answers a ping. */
    public static boolean ping(NetGuest guest) {
        byte[] echo = ByteBuffer.allocate(64).putInt(0x0800_0000).putInt(1).array();
        guest.send(Packets.ip(NetGuest.IP, NetGuest.GATEWAY, Packets.ICMP, echo));
        return guest.awaitPacket(packet -> packet.protocol() == Packets.ICMP && packet.payload()[0] == 0).isPresent();
    }
}

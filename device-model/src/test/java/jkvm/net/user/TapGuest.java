package jkvm.net.user;

import jkvm.net.NetBackend;

/** The guest of a tap test. */
public final class TapGuest {
    private TapGuest() {
    }

    /** Sends bytes to a port of 10.0.2.2 over TCP. @return what came back, and the longest frame's length printed */
    public static byte[] exchange(NetBackend backend, int offloads, int port, byte[] bytes) {
        FakeGuest guest = new FakeGuest(backend, 1024);
        guest.setOffloads(offloads);
        backend.offloadsChanged();
        GuestTcp tcp = GuestTcp.to(guest, 40000, port);
        tcp.connect();
        tcp.queue(bytes, true);
        tcp.runUntil(() -> tcp.ended, 10_000);
        System.out.println(guest.longestFrame() > 1514 ? "long" : "short");
        return tcp.received();
    }
}

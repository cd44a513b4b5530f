package jkvm.host.usernet;

/** The two ends of a flow. One that is a key in a map does not change; another one serves to look up. */
final class FlowKey {
    long guestHi;
    long guestLo;
    int guestPort;
    long remoteHi;
    long remoteLo;
    int remotePort;

    FlowKey set(long gHi, long gLo, int gPort, long rHi, long rLo, int rPort) {
        guestHi = gHi;
        guestLo = gLo;
        guestPort = gPort;
        remoteHi = rHi;
        remoteLo = rLo;
        remotePort = rPort;
        return this;
    }

    FlowKey copy() {
        return new FlowKey().set(guestHi, guestLo, guestPort, remoteHi, remoteLo, remotePort);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FlowKey key && guestHi == key.guestHi && guestLo == key.guestLo
                && guestPort == key.guestPort && remoteHi == key.remoteHi && remoteLo == key.remoteLo
                && remotePort == key.remotePort;
    }

    @Override
    public int hashCode() {
        long mixed = guestHi * 31 + guestLo;
        mixed = mixed * 31 + remoteHi;
        mixed = mixed * 31 + remoteLo;
        mixed = mixed * 31 + (guestPort << 16 ^ remotePort);
        mixed *= 0x9e37_79b9_7f4a_7c15L;
        return (int) (mixed >>> 32);
    }
}

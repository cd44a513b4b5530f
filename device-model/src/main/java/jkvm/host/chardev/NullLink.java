package jkvm.host.chardev;

/** Throws output away; gives no input. */
final class NullLink extends StandingLink {

    @Override
    public int read(byte[] to, int length) {
        return 0;
    }

    @Override
    public int send(byte[] from, int offset, int length) {
        return length;
    }

    @Override
    public void interrupt() {
        // Nothing waits here.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}

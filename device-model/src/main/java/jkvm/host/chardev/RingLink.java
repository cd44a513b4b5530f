package jkvm.host.chardev;

/** Keeps the last bytes of the output; gives no input. */
final class RingLink extends StandingLink {
    private final byte[] ring;
    /** Guarded by {@link #ring}: bytes written in all. */
    private long written;

    /** @param size a power of two */
    RingLink(int size) {
        ring = new byte[size];
    }

    /** The content of the ring, the oldest byte first. */
    byte[] contents() {
        synchronized (ring) {
            int count = (int) Math.min(written, ring.length);
            byte[] bytes = new byte[count];
            for (int i = 0; i < count; i++) {
                bytes[i] = ring[(int) (written - count + i) & ring.length - 1];
            }
            return bytes;
        }
    }

    @Override
    public int read(byte[] to, int length) {
        return 0;
    }

    @Override
    public int send(byte[] from, int offset, int length) {
        synchronized (ring) {
            for (int i = 0; i < length; i++) {
                ring[(int) written & ring.length - 1] = from[offset + i];
                written++;
            }
        }
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

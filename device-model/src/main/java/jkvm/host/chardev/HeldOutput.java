package jkvm.host.chardev;

/** The end of what devices write while something else has the terminal. Guarded by its owner. */
final class HeldOutput {
    static final int CAPACITY = 32 * 1024;

    private final byte[] data = new byte[CAPACITY];
    private long count;

    /** Keeps a byte; the oldest one goes if there is no room. */
    void put(byte value) {
        data[(int) (count++ % CAPACITY)] = value;
    }

    /** Takes one byte after the other. */
    interface Sink {
        void take(byte value);
    }

    /** Gives all bytes that are kept, the oldest one first. */
    void giveTo(Sink sink) {
        for (long i = Math.max(0, count - CAPACITY); i < count; i++) {
            sink.take(data[(int) (i % CAPACITY)]);
        }
    }
}

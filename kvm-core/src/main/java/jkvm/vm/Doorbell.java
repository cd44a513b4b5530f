package jkvm.vm;

/**
 * A guest's write that signals an event descriptor instead of exiting.
 *
 * @param port    a port instead of a memory address
 * @param address of the write
 * @param length  bytes of the write: 1, 2, 4, 8; zero for any
 * @param matches only a write of {@code value} signals
 * @param value   zero unless {@code matches}
 */
public record Doorbell(boolean port, long address, int length, boolean matches, long value) {

    /** Any write of {@code length} bytes to a port. */
    public static Doorbell port(int port, int length) {
        return new Doorbell(true, port, length, false, 0);
    }

    /** Any write of {@code length} bytes to a guest physical address. */
    public static Doorbell memory(long address, int length) {
        return new Doorbell(false, address, length, false, 0);
    }

    /** The same, for writes of one value only. Not with length zero. */
    public Doorbell matching(long wanted) {
        return new Doorbell(port, address, length, true, wanted);
    }
}

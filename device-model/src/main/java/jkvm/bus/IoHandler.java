package jkvm.bus;

/**
 * The registers in one {@link AddressRange}. Called by vCPU threads, several at a time; a device guards its state
 * with its own lock. An implementation returns soon, never throws for what a guest does, and allocates nothing.
 *
 * {@snippet :
 * final class Scratch implements IoHandler {
 *     private int value;
 *
 *     public synchronized long read(long offset, int size) {
 *         return value >>> 8 * (int) offset;     // the bytes above size are ignored
 *     }
 *
 *     public synchronized void write(long offset, int size, long value) {
 *         if (offset == 0 && size == 4) {        // a guest may do anything else too: ignored
 *             this.value = (int) value;
 *         }
 *     }
 * }
 * }
 */
public interface IoHandler {

    /**
     * The guest reads.
     *
     * @param offset from the start of the range
     * @param size   1, 2, 4 or 8 bytes, never past the end of the range
     * @return the value, little-endian, in the low {@code size} bytes; the others are ignored
     */
    long read(long offset, int size);

    /**
     * The guest writes.
     *
     * @param offset from the start of the range
     * @param size   1, 2, 4 or 8 bytes, never past the end of the range
     * @param value  little-endian, zero-extended
     */
    void write(long offset, int size, long value);

    /** The names of its registers, for those who watch the guest; null if it has none. */
    default RegisterNames registerNames() {
        return null;
    }
}

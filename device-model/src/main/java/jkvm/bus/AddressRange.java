package jkvm.bus;

/**
 * Addresses {@code [start, start + length)} of ports or of guest physical memory.
 *
 * @param start  first address
 * @param length number of addresses, at least one
 */
public record AddressRange(long start, long length) {
    public AddressRange {
        if (length <= 0 || start < 0 || start + length < 0) {
            throw new IllegalArgumentException("no address range: 0x%x, length 0x%x".formatted(start, length));
        }
    }

    /** First address after the range. */
    public long end() {
        return start + length;
    }

    @Override
    public String toString() {
        return "0x%x-0x%x".formatted(start, end() - 1);
    }
}

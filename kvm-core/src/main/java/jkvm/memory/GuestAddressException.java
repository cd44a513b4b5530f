package jkvm.memory;

/** An access outside the guest's memory. The message names the guest physical address and the size. */
public final class GuestAddressException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final long address;

    GuestAddressException(long address, long size) {
        super("guest physical address 0x%x, %s bytes: not in guest memory".formatted(address,
                Long.toUnsignedString(size)));
        this.address = address;
    }

    /** The guest physical address of the refused access. */
    public long address() {
        return address;
    }
}

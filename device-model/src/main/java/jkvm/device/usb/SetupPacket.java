package jkvm.device.usb;

/**
 * The eight bytes that begin a control transfer (USB 2.0 section 9.3).
 *
 * @param requestType direction, type and recipient
 * @param length      bytes of data
 */
public record SetupPacket(int requestType, int request, int value, int index, int length) {
    /** {@link #requestType}: data go to the host. */
    public static final int TO_HOST_BIT = 0x80;

    /** @param bytes little-endian, as the packet and the TRB have them */
    public static SetupPacket of(long bytes) {
        return new SetupPacket((int) bytes & 0xFF, (int) (bytes >>> 8) & 0xFF, (int) (bytes >>> 16) & 0xFFFF,
                (int) (bytes >>> 32) & 0xFFFF, (int) (bytes >>> 48));
    }

    /** True if data go to the host. */
    public boolean isToHost() {
        return (requestType & TO_HOST_BIT) != 0;
    }

    /** Type, recipient and request as one number: {@code 0x8006} is GET_DESCRIPTOR of the device. */
    public int code() {
        return requestType << 8 | request;
    }
}

package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * A tap interface (Documentation/networking/tuntap.rst): one Ethernet frame for each read and write of its descriptor,
 * which does not block, {@code struct virtio_net_hdr} in front.
 */
public final class TapDevice implements AutoCloseable {
    /** Offloads that the reader accepts: unfinished checksums, and frames that are still to be segmented. */
    public static final int CHECKSUM = 1, TSO4 = 2, TSO6 = 4, TSO_ECN = 8;
    private static final String DEVICE = "/dev/net/tun";
    private static final long TUNSETIFF = 0x400454CAL, TUNSETOFFLOAD = 0x400454D0L;
    private static final int IFF_TAP = 2, IFF_NO_PI = 0x1000, IFF_VNET_HDR = 0x4000;
    /** struct ifreq: a name, then flags. */
    private static final int NAME_SIZE = 16, IFREQ_SIZE = 40;

    private final Fd fd;
    private final String name;

    private TapDevice(Fd fd, String name) {
        this.fd = fd;
        this.name = name;
    }

    /**
     * Attaches to an interface, or makes one that goes away with this object.
     *
     * @param name of the interface; empty for a new one that the kernel names
     * @throws LinuxException if the kernel refuses
     */
    public static TapDevice open(Syscalls syscalls, String name) {
        Fd fd = Fd.open(syscalls, DEVICE, Fd.O_RDWR | Fd.O_NONBLOCK);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
            byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
            MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, Math.min(bytes.length, NAME_SIZE - 1));
            request.set(ValueLayout.JAVA_SHORT, NAME_SIZE, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
            fd.ioctl("TUNSETIFF" + (name.isEmpty() ? "" : " " + name), TUNSETIFF, request.address());
            return new TapDevice(fd, request.getString(0, StandardCharsets.US_ASCII));
        } catch (LinuxException e) {
            fd.close();
            throw e;
        }
    }

    /** The interface's name. */
    public String name() {
        return name;
    }

    /** The descriptor that frames are read from and written to. */
    public Fd fd() {
        return fd;
    }

    /** Sets the offloads that the reader accepts, all only with {@link #CHECKSUM}. Old kernels may refuse silently. */
    public void setOffloads(int offloads) {
        fd.tryIoctl(TUNSETOFFLOAD, offloads);
    }

    @Override
    public void close() {
        fd.close();
    }
}

package jkvm.host.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import jkvm.bus.ConfigurationException;
import jkvm.bus.GuestLog;
import jkvm.linux.Errno;
import jkvm.linux.EventFd;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.work.Threads;

/**
 * A tap interface of the host (Linux Documentation/networking/tuntap.rst): one that is there, or one that is made where
 * that is permitted and goes away with this object. Frames carry {@code struct virtio_net_hdr}, so checksums and
 * cutting are left to whoever does them best. Frames that the host refuses, as while the interface is down, are lost.
 */
public final class TapBackend implements NetBackend {
    private static final long TUNSETIFF = 0x400454caL, TUNSETOFFLOAD = 0x400454d0L;
    private static final short IFF_TAP = 2, IFF_NO_PI = 0x1000, IFF_VNET_HDR = 0x4000;
    private static final int TUN_F_CSUM = 1, TUN_F_TSO4 = 2, TUN_F_TSO6 = 4, TUN_F_TSO_ECN = 8;
    private static final int NAME_SIZE = 16, IFREQ_SIZE = 40;
    private static final int HEADER_OFFSET = NetFrame.HEADROOM - VnetHeader.SIZE;
    private static final short POLLIN = 1, POLLOUT = 4;
    private static final int POLLFD_SIZE = 8, EVENTS_OFFSET = 4;

    private final GuestLog log = new GuestLog("jkvm.host.net");
    private final Fd fd;
    private final String name;
    private final EventFd wake;
    private final MemorySegment poll = Arena.ofAuto().allocate(2 * POLLFD_SIZE, 8);
    private final Thread thread = Thread.ofPlatform().daemon().name("net-tap").unstarted(this::run);
    private final NetFrame input = new NetFrame();
    private final AtomicLong dropped = new AtomicLong();
    private NetDevice device;
    private volatile boolean refused;
    private volatile boolean closed;

    private TapBackend(Fd fd, String name) {
        this.fd = fd;
        this.name = name;
        this.wake = EventFd.nonBlocking(fd.syscalls());
    }

    /**
     * Attaches to an interface, or makes it.
     *
     * @param name of the interface; empty for a new one that the kernel names
     * @throws ConfigurationException if the kernel refuses
     */
    public static TapBackend open(Syscalls syscalls, String name) {
        Fd fd = null;
        try (Arena arena = Arena.ofConfined()) {
            fd = Fd.open(syscalls, "/dev/net/tun", Fd.O_RDWR | Fd.O_NONBLOCK);
            MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
            byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
            MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, Math.min(bytes.length, NAME_SIZE - 1));
            request.set(ValueLayout.JAVA_SHORT, NAME_SIZE, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
            fd.ioctl("TUNSETIFF" + (name.isEmpty() ? "" : " " + name), TUNSETIFF, request.address());
            return new TapBackend(fd, request.getString(0, StandardCharsets.US_ASCII));
        } catch (LinuxException refused) {
            if (fd != null) {
                fd.close();
            }
            throw new ConfigurationException("-netdev tap: " + refused.getMessage() + "; " + remedy(refused, name),
                    refused);
        }
    }

    private static String remedy(LinuxException refused, String name) {
        return switch (refused.errno()) {
            case ENOENT, ENODEV, ENXIO -> "this kernel has no tap interfaces yet: `modprobe tun` as root";
            case EBUSY -> "another program has it: end that, or name another interface with ifname=";
            case EINVAL -> name + " is no tap interface: name one that is, or one that is not there yet, with ifname=";
            default -> "make the interface with `ip tuntap add dev " + (name.isEmpty() ? "NAME" : name)
                    + " mode tap user USER` as root" + (name.isEmpty() ? ", and name it with ifname=NAME" : "");
        };
    }

    /** The interface's name. */
    public String name() {
        return name;
    }

    @Override
    public void attach(NetDevice nic) {
        device = nic;
        offloadsChanged();
        thread.start();
    }

    @Override
    public int offloads() {
        return NetOffload.ALL;
    }

    @Override
    public void offloadsChanged() {
        int offloads = device.offloads();
        int bits = (offloads & NetOffload.CHECKSUM) != 0 ? TUN_F_CSUM : 0;
        if (bits != 0) {
            bits |= (offloads & NetOffload.TSO4) != 0 ? TUN_F_TSO4 : 0;
            bits |= (offloads & NetOffload.TSO6) != 0 ? TUN_F_TSO6 : 0;
            bits |= (offloads & NetOffload.TSO_ECN) != 0 ? TUN_F_TSO_ECN : 0;
        }
        fd.tryIoctl(TUNSETOFFLOAD, bits);
    }

    @Override
    public boolean send(NetFrame frame) {
        VnetHeader.write(frame, frame.memoryWithHeadroom(), HEADER_OFFSET);
        long result;
        do {
            result = closed ? 0 : fd.write(frame.memoryWithHeadroom().address() + HEADER_OFFSET,
                    VnetHeader.SIZE + frame.length());
        } while (result == -Errno.EINTR.code());
        Reference.reachabilityFence(frame);
        if (result == -Errno.EAGAIN.code()) {
            refused = true;
            wake.signal();
            return false;
        }
        if (Syscalls.isError(result)) {
            dropped.incrementAndGet();
        }
        return true;
    }

    /** Frames of the guest that the host has refused. */
    public long dropped() {
        return dropped.get();
    }

    @Override
    public void receiveReady() {
        wake.signal();
    }

    private void run() {
        boolean held = false;
        while (!closed) {
            try {
                held = turn(held);
            } catch (RuntimeException | Error defect) {
                held = false;
                log.log("defect: " + defect, 0, 0);
            }
        }
    }

    /** @param held a frame that the device had no room for is still to be taken @return the same, after this turn */
    private boolean turn(boolean held) {
        boolean holds = held ? !device.receive(input) : !deliverAll();
        int wanted = (holds ? 0 : POLLIN) | (refused ? POLLOUT : 0);
        int events = await((short) wanted);
        if (refused && (events & POLLOUT) != 0) {
            refused = false;
            device.sendReady();
        }
        return holds;
    }

    /** @return false if the device had no room for the last one that was read */
    private boolean deliverAll() {
        while (!closed) {
            long result = fd.read(input.memoryWithHeadroom().address() + HEADER_OFFSET,
                    VnetHeader.SIZE + NetFrame.MAX_LENGTH);
            Reference.reachabilityFence(input);
            if (result == -Errno.EINTR.code()) {
                continue;
            }
            if (result < VnetHeader.SIZE) {
                return true;
            }
            input.setLength((int) result - VnetHeader.SIZE);
            VnetHeader.read(input, input.memoryWithHeadroom(), HEADER_OFFSET);
            if (!device.receive(input)) {
                return false;
            }
        }
        return true;
    }

    private int await(short events) {
        // A negative descriptor is passed over by poll; an interface without wish for events would report errors still.
        poll.set(ValueLayout.JAVA_INT, 0, events == 0 ? -1 : fd.number());
        poll.set(ValueLayout.JAVA_INT, EVENTS_OFFSET, events & 0xffff);
        poll.set(ValueLayout.JAVA_INT, POLLFD_SIZE, wake.number());
        poll.set(ValueLayout.JAVA_INT, POLLFD_SIZE + EVENTS_OFFSET, POLLIN);
        fd.syscalls().call(SyscallNumber.POLL, poll.address(), 2, -1, 0, 0, 0);
        wake.await();
        return poll.get(ValueLayout.JAVA_INT, EVENTS_OFFSET) >>> 16;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        wake.signal();
        Threads.join(thread);
        fd.close();
        wake.close();
    }
}

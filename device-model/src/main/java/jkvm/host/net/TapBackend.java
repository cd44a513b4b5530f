package jkvm.host.net;

import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicLong;
import jkvm.linux.Errno;
import jkvm.linux.EventFd;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.Poll;
import jkvm.linux.Syscalls;
import jkvm.linux.TapDevice;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * A tap interface of the host (Linux Documentation/networking/tuntap.rst): one that is there, or one that is made where
 * that is permitted and goes away with this object. Frames carry {@code struct virtio_net_hdr}, so checksums and
 * segmentation are left to the side that does them best. Frames that the host refuses, as while the interface is down,
 * are lost.
 */
public final class TapBackend implements NetBackend {
    private static final int HEADER_OFFSET = NetFrame.HEADROOM - VnetHeader.SIZE;

    private final TapDevice tap;
    private final Fd fd;
    private final EventFd wake;
    private final Poll poll;
    private final Workers workers;
    private Worker worker;
    private final NetFrame input = new NetFrame();
    private final NetFrame output = new NetFrame();
    /** The interface had no room for {@link #output}: the worker sends it. */
    private volatile boolean held;
    private final AtomicLong dropped = new AtomicLong();
    private NetDevice device;
    /** The device had no room for {@link #input}. */
    private boolean unread;
    private volatile boolean refused;
    private volatile boolean closed;

    private TapBackend(TapDevice tap, Workers workers) {
        this.workers = workers;
        this.tap = tap;
        this.fd = tap.fd();
        this.wake = EventFd.nonBlocking(fd.syscalls());
        this.poll = new Poll(fd, wake);
    }

    /**
     * Attaches to an interface, or makes it.
     *
     * @param name    of the interface; empty for a new one that the kernel names
     * @param workers gives the one that carries frames to the guest
     * @throws NetworkException if the kernel refuses
     */
    public static TapBackend open(Syscalls syscalls, String name, Workers workers) {
        try {
            return new TapBackend(TapDevice.open(syscalls, name), workers);
        } catch (LinuxException e) {
            throw new NetworkException(NetworkException.Kind.NO_TAP, name,
                    name.isEmpty() ? "no tap interface" : "no tap interface " + name, e.getMessage(), e);
        }
    }

    /** The interface's name. */
    public String name() {
        return tap.name();
    }

    @Override
    public void attach(NetDevice nic) {
        device = nic;
        offloadsChanged();
        worker = workers.waiting("net-tap", this::turn, wake::signal);
    }

    @Override
    public int offloads() {
        return NetOffload.ALL;
    }

    @Override
    public void offloadsChanged() {
        int offloads = device.offloads();
        int bits = (offloads & NetOffload.CHECKSUM) != 0 ? TapDevice.CHECKSUM : 0;
        if (bits != 0) {
            bits |= (offloads & NetOffload.TSO4) != 0 ? TapDevice.TSO4 : 0;
            bits |= (offloads & NetOffload.TSO6) != 0 ? TapDevice.TSO6 : 0;
            bits |= (offloads & NetOffload.TSO_ECN) != 0 ? TapDevice.TSO_ECN : 0;
        }
        tap.setOffloads(bits);
    }

    @Override
    public NetFrame claim() {
        if (held) {
            // The worker may send it before it could see the flag.
            refused = true;
            if (held) {
                return null;
            }
            refused = false;
        }
        return output;
    }

    @Override
    public void send(NetFrame frame) {
        VnetHeader.write(frame, frame.memoryWithHeadroom(), HEADER_OFFSET);
        if (!write(frame)) {
            held = true;
            wake.signal();
        }
    }

    /**
     * Gives a frame to the interface.
     *
     * @return false if that has no room now
     */
    private boolean write(NetFrame frame) {
        long result;
        do {
            result = closed ? 0 : fd.write(frame.memoryWithHeadroom().address() + HEADER_OFFSET,
                    VnetHeader.SIZE + frame.length());
        } while (result == -Errno.EINTR.code());
        Reference.reachabilityFence(frame);
        if (Syscalls.isError(result) && result != -Errno.EAGAIN.code()) {
            dropped.incrementAndGet();
        }
        return result != -Errno.EAGAIN.code();
    }

    /** Frames of the guest that the host has refused. */
    public long dropped() {
        return dropped.get();
    }

    @Override
    public void receiveReady() {
        wake.signal();
    }

    /** Gives the device what there is, and waits for more, or for room. */
    private void turn() {
        boolean again = unread;
        unread = false;
        unread = again ? !device.receive(input) : !deliverAll();
        int events = poll.await((unread ? 0 : Poll.IN) | (held ? Poll.OUT : 0), Poll.FOREVER);
        wake.await();
        if (held && (events & Poll.OUT) != 0 && write(output)) {
            held = false;
            if (refused) {
                refused = false;
                device.sendReady();
            }
        }
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

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (worker != null) {
            worker.close();
        }
        tap.close();
        wake.close();
    }
}

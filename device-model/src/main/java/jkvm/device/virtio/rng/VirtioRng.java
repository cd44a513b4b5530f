package jkvm.device.virtio.rng;

import java.util.concurrent.TimeUnit;
import jkvm.device.board.RandomSource;
import jkvm.device.virtio.DeviceLink;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/** An entropy device. */
public final class VirtioRng implements VirtioDevice {
    public static final int TYPE = 4;
    /** Bytes that one request gets at most. */
    public static final int MAX_REQUEST = 4096;
    private static final int QUEUE_SIZE = 8;
    private static final int STATE_VERSION = 1;
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final String name;
    private final RandomSource source;
    private final Limit limit;
    private final VmClock clock;
    /** Due when a period ends in which the limit was reached. */
    private final VmClock.Timer nextPeriod;
    /** Due when a source that had nothing is asked again. */
    private final VmClock.Timer retry;
    /** Of the queue's thread: what is left of this period, and its end. */
    private long left;
    private long periodEnd;
    /** Null while the driver is not ready. */
    private volatile DeviceLink link;
    private final byte[] bytes = new byte[MAX_REQUEST];

    /**
     * How much a guest gets.
     *
     * @param bytes  in a period
     * @param millis the length of a period, which begins with the first request after the last one
     */
    public record Limit(long bytes, int millis) {
        /** As much as it asks for. */
        public static final Limit NONE = new Limit(Long.MAX_VALUE, 1 << 16);
    }

    /** @param clock measures the limit's periods, and the pauses of a source that has nothing */
    public VirtioRng(String name, RandomSource source, Limit limit, VmClock clock) {
        this.name = name;
        this.source = source;
        this.limit = limit;
        this.clock = clock;
        this.periodEnd = clock.nanoTime();
        this.nextPeriod = clock.newTimer(this::wake);
        this.retry = clock.newTimer(this::wake);
    }

    private void wake() {
        DeviceLink current = link;
        if (current != null) {
            current.wake(0);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public int queues() {
        return 1;
    }

    @Override
    public int maxQueueSize(int queue) {
        return QUEUE_SIZE;
    }

    @Override
    public void start(long features, DeviceLink newLink) {
        link = newLink;
    }

    @Override
    public void stop() {
        link = null;
        nextPeriod.cancel();
        retry.cancel();
    }

    @Override
    public void serve(int index, VirtQueue queue) {
        while (mayGive()) {
            DescriptorChain chain = queue.pop();
            if (chain == null) {
                return;
            }
            int wanted = (int) Math.min(chain.writableBytes(), Math.min(left, MAX_REQUEST));
            int length = wanted == 0 ? 0 : source.read(bytes, wanted);
            if (wanted > 0 && length == 0) {
                queue.putBack(chain);
                retry.arm(clock.nanoTime() + RETRY_NANOS);
                return;
            }
            left -= length;
            chain.write(0, bytes, 0, length);
            queue.push(chain, length);
            queue.flush();
        }
    }

    /** True if this period has bytes left; else the next one serves the queue. */
    private boolean mayGive() {
        long now = clock.nanoTime();
        if (now >= periodEnd) {
            left = limit.bytes();
            periodEnd = now + TimeUnit.MILLISECONDS.toNanos(limit.millis());
        }
        if (left == 0) {
            nextPeriod.arm(periodEnd);
        }
        return left > 0;
    }

    /** No state but the queue's: a driver cannot tell which random bytes it would have got. */
    @Override
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
    }

    @Override
    public void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        // A new period begins: the clock may have gone back.
        periodEnd = clock.nanoTime();
    }
}

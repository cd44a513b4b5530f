package jkvm.device.virtio.transport;

import java.util.ArrayList;
import java.util.List;
import jkvm.device.virtio.QueueWork;
import jkvm.device.virtio.queue.QueueEvents;
import jkvm.device.virtio.queue.QueueLayout;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * One queue as the driver sets it up, and the service behind it. Guarded by the transport's state, but for what a
 * thread may do at any time: {@link #wake}, {@link #halt}.
 */
final class QueueRegisters implements QueueEvents {
    /** The MSI-X vector that is none. */
    static final int NO_VECTOR = 0xFFFF;
    static final int DESCRIPTORS = 0;
    static final int DRIVER = 1;
    static final int DEVICE = 2;

    private final TransportState state;
    private final int index;
    private final int maxSize;
    private final QueueWork serving;
    private final long[] addresses = new long[3];
    private int size;
    private boolean enabled;
    private boolean resetting;
    private volatile int vector = NO_VECTOR;
    private volatile VirtQueue queue;
    private volatile QueueNotifier.Service service;
    /** Who waits for a service to end that has been told to. */
    private final List<Runnable> waiting = new ArrayList<>();
    private long position;
    private volatile boolean paused;

    QueueRegisters(TransportState state, int index, int maxSize) {
        this.state = state;
        this.index = index;
        this.maxSize = maxSize;
        this.size = maxSize;
        this.serving = served -> state.device().serve(index, served);
    }

    int maxSize() {
        return maxSize;
    }

    int size() {
        synchronized (state) {
            return size;
        }
    }

    void size(int value) {
        change(() -> size = value);
    }

    int address(int which, boolean high) {
        synchronized (state) {
            return (int) (addresses[which] >>> (high ? 32 : 0));
        }
    }

    /** Sets half of an address. */
    void address(int which, boolean high, int value) {
        change(() -> addresses[which] = high ? addresses[which] & 0xFFFFFFFFL | (long) value << 32
                : addresses[which] & ~0xFFFFFFFFL | value & 0xFFFFFFFFL);
    }

    /** A queue that is in use does not change: a driver that tries has lost its way. */
    private void change(Runnable write) {
        synchronized (state) {
            state.awaitReset();
            if (queue != null) {
                state.fail("registers changed while in use", index);
            } else {
                write.run();
            }
        }
    }

    int vector() {
        return vector;
    }

    void vector(int value) {
        vector = value;
    }

    boolean isEnabled() {
        synchronized (state) {
            return enabled && !resetting;
        }
    }

    /** The driver enables the queue. Before it is ready that is only noted. */
    void enable() {
        synchronized (state) {
            state.awaitReset();
            if (!enabled) {
                enabled = true;
                if (state.isReady()) {
                    begin();
                }
            }
        }
    }

    boolean isResetting() {
        synchronized (state) {
            return resetting;
        }
    }

    /** The driver resets this queue alone (virtio 1.2 section 2.6.1). Done when {@link #isResetting()} says no. */
    void reset() {
        synchronized (state) {
            state.awaitReset();
            if (enabled && !resetting) {
                resetting = true;
                end(this::queueReset);
            }
        }
    }

    private void queueReset() {
        synchronized (state) {
            if (resetting) {
                int kept = vector;
                clear();
                vector = kept;
                state.notifyAll();
            }
        }
    }

    /** The device is ready: serves the queue, if the driver has enabled it. */
    void begin() {
        if (!enabled || queue != null) {
            return;
        }
        QueueLayout layout = new QueueLayout(size, addresses[DESCRIPTORS], addresses[DRIVER], addresses[DEVICE]);
        String wrong = layout.check(state.memory(), maxSize);
        if (wrong != null) {
            state.fail(wrong, index);
            return;
        }
        VirtQueue made = new VirtQueue(state.memory(), layout, maxSize, state.hasFeature(TransportState.EVENT_IDX),
                state.hasFeature(TransportState.INDIRECT_DESC), this);
        made.position(position);
        if (state.hasFailed()) {
            made.stop();
        }
        made.suspend(!state.events().isDmaAllowed());
        queue = made;
        service = state.notifier().start(state.device().name() + "-q" + index, () -> serve(made));
        listen();
        service.wake();
    }

    private void serve(VirtQueue served) {
        if (!paused && !served.isStopped()) {
            run(serving, served);
        }
    }

    /** What a defect of the device, or memory that is gone, throws ends the queue's service and not its thread. */
    private void run(QueueWork work, VirtQueue served) {
        try {
            work.run(served);
        } catch (RuntimeException | Error defect) {
            state.defect(defect, index);
            served.stop();
        }
    }

    /**
     * Has work done on the queue by the calling thread.
     *
     * @return false if the queue is not served now
     */
    boolean serve(QueueWork work) {
        QueueNotifier.Service entered = service;
        if (entered == null || !entered.enter()) {
            return false;
        }
        try {
            VirtQueue served = queue;
            boolean serves = !paused && !served.isStopped();
            if (serves) {
                run(work, served);
            }
            return serves;
        } finally {
            entered.leave();
        }
    }

    /**
     * Ends the service.
     *
     * @param whenEnded called when the queue is not served any more, maybe at once
     */
    void end(Runnable whenEnded) {
        if (service != null) {
            queue.stop();
            QueueNotifier.Service ending = service;
            service = null;
            waiting.add(whenEnded);
            ending.stop(this::ended);
        } else if (waiting.isEmpty()) {
            whenEnded.run();
        } else {
            waiting.add(whenEnded);
        }
    }

    private void ended() {
        synchronized (state) {
            List<Runnable> waited = List.copyOf(waiting);
            waiting.clear();
            waited.forEach(Runnable::run);
        }
    }

    /** Power-on state of the registers. Nothing is served. */
    void clear() {
        addresses[DESCRIPTORS] = 0;
        addresses[DRIVER] = 0;
        addresses[DEVICE] = 0;
        size = maxSize;
        enabled = false;
        resetting = false;
        vector = NO_VECTOR;
        queue = null;
        position = 0;
    }

    /** Gives out no more requests. */
    void halt() {
        VirtQueue halted = queue;
        if (halted != null) {
            halted.stop();
        }
    }

    void wake() {
        QueueNotifier.Service woken = service;
        if (woken != null) {
            woken.wake();
        }
    }

    /** What the driver offers waits while the device may not reach memory. */
    void allowDma(boolean allowed) {
        if (queue != null) {
            queue.suspend(!allowed);
            wake();
        }
    }

    void listen() {
        QueueNotifier.Service listening = service;
        if (listening != null) {
            state.events().listen(index, listening);
        }
    }

    void pause() {
        paused = true;
        QueueNotifier.Service waited = service;
        if (waited != null) {
            waited.awaitIdle();
        }
    }

    void resume() {
        paused = false;
        wake();
    }

    @Override
    public void interrupt() {
        state.events().queueUsed(index);
    }

    @Override
    public void failed(String reason) {
        state.fail(reason, index);
    }

    void save(StateWriter out) {
        out.putInt("size", size);
        for (long address : addresses) {
            out.putLong("ring", address);
        }
        out.putBoolean("enabled", enabled);
        out.putInt("vector", vector);
        out.putLong("position", queue == null ? 0 : queue.position());
    }

    void load(StateReader in) {
        size = in.getInt("size", 0, 0xFFFF);
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = in.getLong("ring");
        }
        enabled = in.getBoolean("enabled");
        vector = in.getInt("vector", 0, NO_VECTOR);
        position = in.getLong("position");
    }
}

package jkvm.device.virtio.transport;

import jkvm.device.virtio.QueueWork;
import jkvm.device.virtio.queue.QueueEvents;
import jkvm.device.virtio.queue.QueueLayout;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * One queue as the driver sets it up. Guarded by the transport's state, but for what any thread may do at any time:
 * {@link #wake}, {@link #halt}, {@link #serve(QueueWork)}.
 */
final class QueueRegisters implements QueueEvents, QueueWorker.Owner {
    /** The MSI-X vector that is none. */
    static final int NO_VECTOR = 0xFFFF;
    static final int DESCRIPTORS = 0;
    static final int DRIVER = 1;
    static final int DEVICE = 2;

    private static final int PAGE_SHIFT = 12;

    private final TransportState state;
    private final int index;
    private final int maxSize;
    private final QueueWorker worker;
    private final long[] addresses = new long[3];
    private int size;
    private boolean enabled;
    /** The driver resets this queue alone, and its service has yet to end. */
    private boolean resetting;
    private volatile int vector = NO_VECTOR;
    private long position;

    QueueRegisters(TransportState state, int index, QueueWorker.Factory workers) {
        this.state = state;
        this.index = index;
        this.maxSize = state.device().maxQueueSize(index);
        this.size = maxSize;
        this.worker = workers.make(state.device().name() + "-q" + index, this);
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

    /** The page in which a legacy queue begins; 0 for none. */
    int page() {
        synchronized (state) {
            return (int) (addresses[DESCRIPTORS] >>> PAGE_SHIFT);
        }
    }

    /** Puts a queue of full size into pages from this one on, as virtio 0.9.5 lays it out, and enables it. */
    void page(int number) {
        change(() -> {
            QueueLayout layout = QueueLayout.legacy(maxSize, (number & 0xFFFFFFFFL) << PAGE_SHIFT);
            addresses[DESCRIPTORS] = layout.descriptors();
            addresses[DRIVER] = layout.driver();
            addresses[DEVICE] = layout.device();
            size = maxSize;
            enabled = true;
            if (state.isReady()) {
                begin();
            }
        });
    }

    /** A queue that is in use does not change: a driver that tries is broken. */
    private void change(Runnable write) {
        synchronized (state) {
            state.awaitReset();
            if (!worker.isStopped()) {
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
                worker.stop();
                completeReset();
            }
        }
    }

    /** Completes the reset of this queue alone if its service has ended. */
    void completeReset() {
        if (resetting && worker.isStopped()) {
            int kept = vector;
            clear();
            vector = kept;
            state.notifyAll();
        }
    }

    /** The device is ready: serves the queue, if the driver has enabled it. */
    void begin() {
        if (!enabled || !worker.isStopped()) {
            return;
        }
        QueueLayout layout = new QueueLayout(size, addresses[DESCRIPTORS], addresses[DRIVER], addresses[DEVICE]);
        String wrong = layout.check(state.memory(), maxSize);
        if (wrong != null) {
            state.fail(wrong, index);
            return;
        }
        VirtQueue queue = new VirtQueue(state.memory(), layout, maxSize, state.hasFeature(TransportState.EVENT_IDX),
                state.hasFeature(TransportState.INDIRECT_DESC), this);
        queue.notifyOnEmpty(state.hasFeature(TransportState.NOTIFY_ON_EMPTY));
        queue.position(position);
        if (state.hasFailed()) {
            queue.stop();
        }
        queue.suspend(!state.events().isDmaAllowed());
        worker.start(queue);
        listen();
    }

    /** As {@link QueueWorker#serve}. */
    boolean serve(QueueWork work) {
        return worker.serve(work);
    }

    @Override
    public void serve(VirtQueue queue) {
        state.device().serve(index, queue);
    }

    @Override
    public void defect(Throwable thrown) {
        state.defect(thrown, index);
    }

    @Override
    public void stopped() {
        state.serviceStopped();
    }

    /** Ends the service, as {@link QueueWorker#stop()}. */
    void stop() {
        worker.stop();
    }

    boolean isStopped() {
        return worker.isStopped();
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
        position = 0;
    }

    /** Gives out no more requests. */
    void halt() {
        VirtQueue halted = worker.queue();
        if (halted != null) {
            halted.stop();
        }
    }

    void wake() {
        worker.wake();
    }

    /** The driver's requests wait while the device may not reach memory. */
    void allowDma(boolean allowed) {
        VirtQueue queue = worker.queue();
        if (queue != null) {
            queue.suspend(!allowed);
            wake();
        }
    }

    void listen() {
        state.events().listen(index, worker);
    }

    void close() {
        worker.close();
    }

    @Override
    public void interrupt() {
        state.events().queueUsed(vector);
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
        VirtQueue queue = worker.queue();
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

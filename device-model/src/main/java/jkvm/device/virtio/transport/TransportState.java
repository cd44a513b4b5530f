package jkvm.device.virtio.transport;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import jkvm.bus.GuestLog;
import jkvm.device.virtio.DeviceLink;
import jkvm.device.virtio.QueueWork;
import jkvm.device.virtio.VirtioDevice;
import jkvm.memory.GuestMemory;
import jkvm.memory.MissingPageException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.Threads;

/**
 * State that all transports have in common: the device status (virtio 1.2 section 2.1), feature negotiation (2.2), the
 * registers of the queues, and reset (2.4). Its monitor guards all of that.
 */
final class TransportState implements DeviceLink {
    static final int ACKNOWLEDGE_BIT = 0x01;
    static final int DRIVER_BIT = 0x02;
    static final int DRIVER_OK_BIT = 0x04;
    static final int FEATURES_OK_BIT = 0x08;
    static final int NEEDS_RESET_BIT = 0x40;
    static final int FAILED_BIT = 0x80;

    /** The device interrupts when a queue has run empty, whether the driver wants that or not. Legacy only. */
    static final long NOTIFY_ON_EMPTY = 1L << 24;
    /** Buffers may be split in any way. Said to legacy drivers; to others it goes without saying. */
    static final long ANY_LAYOUT = 1L << 27;
    static final long INDIRECT_DESC = 1L << 28;
    static final long EVENT_IDX = 1L << 29;
    /** A driver that accepts it does not negotiate. Legacy only. */
    static final long BAD_FEATURE = 1L << 30;
    static final long VERSION_1 = 1L << 32;
    static final long RING_RESET = 1L << 40;
    private static final long TRANSPORT_FEATURES = INDIRECT_DESC | EVENT_IDX | VERSION_1 | RING_RESET;

    private static final long LEGACY_FEATURES = NOTIFY_ON_EMPTY | ANY_LAYOUT | INDIRECT_DESC | EVENT_IDX | BAD_FEATURE;

    private static final GuestLog LOG = new GuestLog("jkvm.device.virtio");

    private final VirtioDevice device;
    private final GuestMemory memory;
    private final TransportEvents events;
    private final QueueRegisters[] queues;
    private final AtomicInteger generation = new AtomicInteger();
    private int status;
    private long driverFeatures;
    /** The driver broke the rules, or a queue could not be set up. Set by any thread. */
    private volatile boolean needsReset;
    private volatile boolean ready;
    private volatile boolean defectLogged;
    /** The driver has reset the device, and a service has yet to end before that is complete. */
    private boolean resetting;

    TransportState(VirtioDevice device, GuestMemory memory, QueueWorker.Factory workers, TransportEvents events) {
        this.device = device;
        this.memory = memory;
        this.events = events;
        this.queues = new QueueRegisters[device.queues()];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new QueueRegisters(this, i, workers);
        }
    }

    VirtioDevice device() {
        return device;
    }

    GuestMemory memory() {
        return memory;
    }

    TransportEvents events() {
        return events;
    }

    int queueCount() {
        return queues.length;
    }

    /** A queue's registers, or null if there is no such queue. */
    QueueRegisters queue(int index) {
        return index >= 0 && index < queues.length ? queues[index] : null;
    }

    synchronized boolean hasFeature(long bit) {
        return (driverFeatures & bit) != 0;
    }

    long offeredFeatures() {
        return device.features() | TRANSPORT_FEATURES;
    }

    long legacyFeatures() {
        return device.features() | LEGACY_FEATURES;
    }

    synchronized long driverFeatures() {
        return driverFeatures;
    }

    /** The driver chooses 32 of the features. Not after FEATURES_OK. */
    synchronized void driverFeatures(int word, int bits) {
        awaitReset();
        if (word < 2 && (status & FEATURES_OK_BIT) == 0) {
            long mask = 0xFFFFFFFFL << 32 * word;
            driverFeatures = driverFeatures & ~mask | (bits & 0xFFFFFFFFL) << 32 * word;
        }
    }

    synchronized int status() {
        return status | (needsReset ? NEEDS_RESET_BIT : 0);
    }

    boolean isReady() {
        return ready;
    }

    /** {@link TransportEvents#isDmaAllowed()} may answer something else from now on. */
    synchronized void dmaChanged() {
        boolean allowed = events.isDmaAllowed();
        for (QueueRegisters queue : queues) {
            queue.allowDma(allowed);
        }
    }

    int generation() {
        return generation.get() & 0xFF;
    }

    /** The driver writes the status register; zero resets. */
    synchronized void status(int value) {
        if (value == 0) {
            beginReset();
            return;
        }
        awaitReset();
        int added = value & ~status;
        status |= value & (ACKNOWLEDGE_BIT | DRIVER_BIT | FAILED_BIT);
        if ((added & FEATURES_OK_BIT) != 0 && areFeaturesAcceptable()) {
            status |= FEATURES_OK_BIT;
        }
        if ((added & DRIVER_OK_BIT) != 0 && (status & FEATURES_OK_BIT) != 0) {
            status |= DRIVER_OK_BIT;
            begin();
        }
    }

    /** The status register of the legacy interface, which knows of no failed device. */
    synchronized int legacyStatus() {
        return status;
    }

    /** A legacy driver writes the status register; zero resets, and that is complete on return. */
    synchronized void legacyStatus(int value) {
        if (value == 0) {
            reset();
            return;
        }
        awaitReset();
        status = value;
        if ((value & DRIVER_OK_BIT) != 0) {
            legacyBegin();
        }
    }

    /** A legacy driver chooses among the features; what is not offered stays away. */
    synchronized void legacyDriverFeatures(int bits) {
        awaitReset();
        driverFeatures = (bits & BAD_FEATURE) != 0 ? 0 : bits & legacyFeatures();
    }

    /** A legacy driver notifies a queue: it may use one before it says that it is ready. */
    void legacyNotified(int queue) {
        if (queue < queues.length) {
            synchronized (this) {
                awaitReset();
                legacyBegin();
            }
            queues[queue].wake();
        }
    }

    private void legacyBegin() {
        if (!ready) {
            begin();
        }
    }

    /** A legacy driver has begun to use queues: it does not negotiate virtio 1. */
    private boolean isLegacyInUse() {
        return (status & FEATURES_OK_BIT) == 0 && Arrays.stream(queues).anyMatch(QueueRegisters::isEnabled);
    }

    private boolean areFeaturesAcceptable() {
        return (driverFeatures & ~offeredFeatures()) == 0 && hasFeature(VERSION_1);
    }

    private void begin() {
        device.start(driverFeatures, this);
        ready = true;
        for (QueueRegisters queue : queues) {
            queue.begin();
        }
    }

    /** Ends all services. The reset is complete, and the status zero, when the last of them has ended. */
    private void beginReset() {
        if (resetting) {
            return;
        }
        resetting = true;
        ready = false;
        for (QueueRegisters queue : queues) {
            queue.stop();
        }
        completeReset();
    }

    /** A queue's service has ended that a reset waits for, of the queue or of the device. */
    synchronized void serviceStopped() {
        for (QueueRegisters queue : queues) {
            queue.completeReset();
        }
        completeReset();
    }

    private void completeReset() {
        if (!resetting || !areAllStopped()) {
            return;
        }
        for (QueueRegisters queue : queues) {
            queue.clear();
        }
        device.stop();
        driverFeatures = 0;
        status = 0;
        needsReset = false;
        resetting = false;
        events.cleared();
        notifyAll();
    }

    private boolean areAllStopped() {
        for (QueueRegisters queue : queues) {
            if (!queue.isStopped()) {
                return false;
            }
        }
        return true;
    }

    /** Waits until a reset is complete; only a driver that does not wait itself is kept here. */
    synchronized void awaitReset() {
        await(() -> resetting);
    }

    private synchronized void await(BooleanSupplier lasts) {
        Threads.waitWhile(this, lasts);
    }

    /** A reset of the machine: waits for its end. */
    synchronized void reset() {
        beginReset();
        awaitReset();
        generation.set(0);
    }

    /** Resets, and ends the workers. */
    void close() {
        reset();
        for (QueueRegisters queue : queues) {
            queue.close();
        }
    }

    /** The driver broke the rules: nothing is served until it resets the device. */
    void fail(String reason, int queue) {
        LOG.log(device.name() + ": " + reason + ", queue", queue, 0);
        needsReset = true;
        for (QueueRegisters each : queues) {
            each.halt();
        }
        if (ready) {
            events.configChanged();
        }
    }

    /** Something was thrown that should not be: the driver is told as if it had broken the rules. */
    void defect(Throwable thrown, int queue) {
        if (!defectLogged && !(thrown instanceof MissingPageException)) {
            defectLogged = true;
            System.Logger log = System.getLogger("jkvm.device.virtio");
            log.log(System.Logger.Level.ERROR, device.name() + ": a defect of jkvm on queue " + queue
                    + ", the driver has to reset the device: " + thrown);
            log.log(System.Logger.Level.DEBUG, "thrown here", thrown);
        }
        fail("defect: " + thrown, queue);
    }

    boolean hasFailed() {
        return needsReset;
    }

    @Override
    public void wake(int queue) {
        queues[queue].wake();
    }

    @Override
    public boolean serve(int queue, QueueWork work) {
        return queues[queue].serve(work);
    }

    @Override
    public void configChanged() {
        generation.incrementAndGet();
        if (ready) {
            events.configChanged();
        }
    }

    /** The driver notified a queue by an access to a register. */
    void notified(int queue) {
        if (!ready) {
            return;
        }
        if (queue < queues.length) {
            queues[queue].wake();
        } else {
            fail("notification of a queue that does not exist", queue);
        }
    }

    /** Routes the notifications of all queues from the registers' current address. */
    void relisten() {
        for (QueueRegisters queue : queues) {
            queue.listen();
        }
    }

    /** All ones where the access is not wholly in the configuration space. */
    long readConfig(long offset, int size) {
        if (offset + size > device.configSize()) {
            return -1;
        }
        long value = 0;
        synchronized (this) {
            for (int i = 0; i < size; i++) {
                value |= (device.readConfig((int) offset + i) & 0xFFL) << 8 * i;
            }
        }
        return value;
    }

    synchronized void writeConfig(long offset, int size, long value) {
        for (int i = 0; i < size && offset + size <= device.configSize(); i++) {
            device.writeConfig((int) offset + i, (int) (value >>> 8 * i) & 0xFF);
        }
    }

    /** Neither a vCPU nor a worker runs: a reset that was begun is complete. */
    synchronized void save(StateWriter out) {
        out.putInt("status", status);
        out.putBoolean("needsReset", needsReset);
        out.putLong("features", driverFeatures);
        out.putInt("generation", generation());
        for (QueueRegisters queue : queues) {
            queue.save(out);
        }
        device.save(out);
    }

    /** Takes over a state. The device has been reset. */
    synchronized void load(StateReader in) {
        status = in.getInt("status", 0, 0xFF);
        boolean failed = in.getBoolean("needsReset");
        driverFeatures = in.getLong("features") & (offeredFeatures() | legacyFeatures());
        generation.set(in.getInt("generation", 0, 0xFF));
        for (QueueRegisters queue : queues) {
            queue.load(in);
        }
        device.load(in);
        needsReset = failed;
        if ((status & DRIVER_OK_BIT) != 0 || isLegacyInUse()) {
            begin();
        }
    }
}

package jkvm.device.virtio.transport;

import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.IrqLine;
import jkvm.device.virtio.VirtioDevice;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.Workers;

/** A virtio device as a block of memory-mapped registers, version 2 (virtio 1.2 section 4.2). */
public final class VirtioMmio implements Device, IoHandler, AutoCloseable {
    /** Bytes of registers, the configuration space included. */
    public static final int SIZE = 0x200;

    static final int MAGIC_OFFSET = 0x000;
    static final int VERSION_OFFSET = 0x004;
    static final int DEVICE_ID_OFFSET = 0x008;
    static final int VENDOR_ID_OFFSET = 0x00C;
    static final int DEVICE_FEATURES_OFFSET = 0x010;
    static final int DEVICE_FEATURES_SELECT_OFFSET = 0x014;
    static final int DRIVER_FEATURES_OFFSET = 0x020;
    static final int DRIVER_FEATURES_SELECT_OFFSET = 0x024;
    static final int QUEUE_SELECT_OFFSET = 0x030;
    static final int QUEUE_MAX_SIZE_OFFSET = 0x034;
    static final int QUEUE_SIZE_OFFSET = 0x038;
    static final int QUEUE_READY_OFFSET = 0x044;
    static final int QUEUE_NOTIFY_OFFSET = 0x050;
    static final int INTERRUPT_STATUS_OFFSET = 0x060;
    static final int INTERRUPT_ACKNOWLEDGE_OFFSET = 0x064;
    static final int STATUS_OFFSET = 0x070;
    static final int QUEUE_DESCRIPTORS_OFFSET = 0x080;
    static final int QUEUE_DRIVER_OFFSET = 0x090;
    static final int QUEUE_DEVICE_OFFSET = 0x0A0;
    static final int SHARED_MEMORY_OFFSET = 0x0B0;
    static final int QUEUE_RESET_OFFSET = 0x0C0;
    static final int GENERATION_OFFSET = 0x0FC;
    static final int CONFIG_OFFSET = 0x100;

    private static final int MAGIC = 0x74726976;
    private static final int VERSION = 2;
    /** "QEMU", as little-endian bytes. */
    private static final int VENDOR = 0x554D4551;
    private static final int USED_BIT = 1;
    private static final int CONFIG_BIT = 2;
    private static final int STATE_VERSION = 1;

    private final TransportState state;
    private final IrqLine interrupt;
    private final long address;
    private final Object interruptLock = new Object();
    private int interruptStatus;
    private int deviceFeatureSelect;
    private int driverFeatureSelect;
    private int queueSelect;

    /** @param address where the machine puts the registers, for notifications */
    @SuppressWarnings("this-escape")
    public VirtioMmio(VirtioDevice device, long address, IrqLine interrupt, GuestMemory memory,
            Workers workers, QueueDoorbells doorbells) {
        this.address = address;
        this.interrupt = interrupt;
        this.state = new TransportState(device, memory, new QueueWorker.Factory(workers, doorbells), new MmioEvents());
    }

    @Override
    public String name() {
        return state.device().name();
    }

    @Override
    public long read(long offset, int size) {
        if (offset >= CONFIG_OFFSET) {
            return state.readConfig(offset - CONFIG_OFFSET, size);
        }
        if (size != Integer.BYTES) {
            return 0;
        }
        synchronized (state) {
            return switch ((int) offset) {
                case MAGIC_OFFSET -> MAGIC;
                case VERSION_OFFSET -> VERSION;
                case DEVICE_ID_OFFSET -> state.device().type();
                case VENDOR_ID_OFFSET -> VENDOR;
                case DEVICE_FEATURES_OFFSET -> deviceFeatureSelect == 0 || deviceFeatureSelect == 1
                        ? state.offeredFeatures() >>> 32 * deviceFeatureSelect : 0;
                case STATUS_OFFSET -> state.status();
                case INTERRUPT_STATUS_OFFSET -> interruptStatus();
                case GENERATION_OFFSET -> state.generation();
                default -> readQueue((int) offset);
            };
        }
    }

    private long readQueue(int offset) {
        if (offset >= SHARED_MEMORY_OFFSET && offset < QUEUE_RESET_OFFSET) {
            // No region of shared memory: its length reads as all ones.
            return -1;
        }
        QueueRegisters queue = state.queue(queueSelect);
        if (queue == null) {
            return 0;
        }
        return switch (offset) {
            case QUEUE_MAX_SIZE_OFFSET -> queue.maxSize();
            case QUEUE_READY_OFFSET -> queue.isEnabled() ? 1 : 0;
            case QUEUE_RESET_OFFSET -> queue.isResetting() ? 1 : 0;
            default -> 0;
        };
    }

    private int interruptStatus() {
        synchronized (interruptLock) {
            return interruptStatus;
        }
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset >= CONFIG_OFFSET) {
            state.writeConfig(offset - CONFIG_OFFSET, size, value);
            return;
        }
        if (size != Integer.BYTES) {
            return;
        }
        int word = (int) value;
        synchronized (state) {
            switch ((int) offset) {
                case DEVICE_FEATURES_SELECT_OFFSET -> deviceFeatureSelect = word;
                case DRIVER_FEATURES_SELECT_OFFSET -> driverFeatureSelect = word;
                case DRIVER_FEATURES_OFFSET -> {
                    if (driverFeatureSelect == 0 || driverFeatureSelect == 1) {
                        state.driverFeatures(driverFeatureSelect, word);
                    }
                }
                case QUEUE_SELECT_OFFSET -> queueSelect = word;
                case QUEUE_NOTIFY_OFFSET -> {
                    if (word >= 0) {
                        state.notified(word);
                    }
                }
                case INTERRUPT_ACKNOWLEDGE_OFFSET -> acknowledge(word);
                case STATUS_OFFSET -> state.status(word & 0xFF);
                default -> writeQueue((int) offset, word);
            }
        }
    }

    private void writeQueue(int offset, int value) {
        QueueRegisters queue = state.queue(queueSelect);
        if (queue == null) {
            return;
        }
        switch (offset) {
            case QUEUE_SIZE_OFFSET -> queue.size(value >= 0 ? Math.min(value, 0x10000) : 0);
            case QUEUE_READY_OFFSET -> {
                if (value == 1) {
                    queue.enable();
                } else if (value == 0) {
                    queue.reset();
                }
            }
            case QUEUE_RESET_OFFSET -> {
                if (value == 1 && state.hasFeature(TransportState.RING_RESET)) {
                    queue.reset();
                }
            }
            case QUEUE_DESCRIPTORS_OFFSET -> queue.address(QueueRegisters.DESCRIPTORS, false, value);
            case QUEUE_DESCRIPTORS_OFFSET + 4 -> queue.address(QueueRegisters.DESCRIPTORS, true, value);
            case QUEUE_DRIVER_OFFSET -> queue.address(QueueRegisters.DRIVER, false, value);
            case QUEUE_DRIVER_OFFSET + 4 -> queue.address(QueueRegisters.DRIVER, true, value);
            case QUEUE_DEVICE_OFFSET -> queue.address(QueueRegisters.DEVICE, false, value);
            case QUEUE_DEVICE_OFFSET + 4 -> queue.address(QueueRegisters.DEVICE, true, value);
            default -> {
                // Read-only, or nothing.
            }
        }
    }

    private void acknowledge(int bits) {
        synchronized (interruptLock) {
            interruptStatus &= ~bits;
            interrupt.set(interruptStatus != 0);
        }
    }

    @Override
    public void reset() {
        state.reset();
        synchronized (state) {
            deviceFeatureSelect = 0;
            driverFeatureSelect = 0;
            queueSelect = 0;
        }
    }

    /** Resets the device and ends the workers of its queues. */
    @Override
    public void close() {
        state.close();
    }

    @Override
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("deviceFeatureSelect", deviceFeatureSelect);
        out.putInt("driverFeatureSelect", driverFeatureSelect);
        out.putInt("queueSelect", queueSelect);
        out.putInt("interruptStatus", interruptStatus());
        state.save(out);
    }

    @Override
    public void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        state.reset();
        deviceFeatureSelect = in.getInt("deviceFeatureSelect");
        driverFeatureSelect = in.getInt("driverFeatureSelect");
        queueSelect = in.getInt("queueSelect");
        int status = in.getInt("interruptStatus", 0, USED_BIT | CONFIG_BIT);
        synchronized (interruptLock) {
            interruptStatus = status;
            interrupt.set(status != 0);
        }
        state.load(in);
    }

    private final class MmioEvents implements TransportEvents {
        @Override
        public void queueUsed(int vector) {
            raise(USED_BIT);
        }

        @Override
        public void configChanged() {
            raise(CONFIG_BIT);
        }

        private void raise(int cause) {
            synchronized (interruptLock) {
                interruptStatus |= cause;
                interrupt.set(true);
            }
        }

        @Override
        public void cleared() {
            synchronized (interruptLock) {
                interruptStatus = 0;
                interrupt.set(false);
            }
        }

        @Override
        public void listen(int queue, QueueWorker worker) {
            worker.listen(address + QUEUE_NOTIFY_OFFSET, Integer.BYTES, true, queue);
        }
    }
}

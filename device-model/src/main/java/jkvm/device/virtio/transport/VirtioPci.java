package jkvm.device.virtio.transport;

import jkvm.bus.IoHandler;
import jkvm.bus.MsiSink;
import jkvm.bus.RegisterNames;
import jkvm.device.pci.Msix;
import jkvm.device.pci.PciFunction;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.VirtioInterfaces;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.Workers;

/**
 * A virtio device as a PCI function (virtio 1.2 section 4.1), laid out as QEMU lays out its modern ones: MSI-X in BAR
 * 1, the device's registers in BAR 4, a page each for common configuration, interrupt status, device configuration,
 * notification; the legacy interface's ports in BAR 0.
 */
public final class VirtioPci extends PciFunction implements AutoCloseable {
    static final int REGISTER_BAR = 4;
    static final int ISR_OFFSET = 0x1000;
    static final int DEVICE_OFFSET = 0x2000;
    static final int NOTIFY_OFFSET = 0x3000;
    static final int NOTIFY_MULTIPLIER = 4;
    static final int ISR_QUEUE_BIT = 1;
    static final int ISR_CONFIG_BIT = 2;

    static final int COMMON_CAPABILITY = 0x40;
    static final int ISR_CAPABILITY = 0x50;
    static final int DEVICE_CAPABILITY = 0x60;
    static final int NOTIFY_CAPABILITY = 0x70;
    static final int ACCESS_CAPABILITY = 0x84;
    static final int MSIX_CAPABILITY = 0x98;

    private static final int VENDOR_CAPABILITY_ID = 0x09;
    private static final int COMMON_TYPE = 1;
    private static final int NOTIFY_TYPE = 2;
    private static final int ISR_TYPE = 3;
    private static final int DEVICE_TYPE = 4;
    private static final int ACCESS_TYPE = 5;
    private static final int CAPABILITY_SIZE = 16;
    private static final int PAGE = 0x1000;
    private static final int REGISTER_BAR_SIZE = 4 * PAGE;
    private static final int MSIX_BAR = 1;
    private static final int LEGACY_BAR = 0;
    private static final int LEGACY_MSIX_CAPABILITY = 0x40;

    private final boolean hasModern;
    private final TransportState state;
    private final CommonConfig common;
    private final Msix msix;
    private final IoHandler registers = new RegisterBar();
    private final Object interruptLock = new Object();
    private int interruptStatus;
    private volatile long registerAddress = -1;

    /**
     * A function with the modern interface only.
     *
     * @param classCode of the PCI function, 24 bits
     */
    public VirtioPci(VirtioDevice device, int classCode, GuestMemory memory, Workers workers,
            QueueDoorbells doorbells, MsiSink sink) {
        this(device, new VirtioPciKind(classCode, VirtioInterfaces.MODERN), memory, workers, doorbells, sink);
    }

    /** A function with the interfaces that its kind says. */
    @SuppressWarnings("this-escape")
    public VirtioPci(VirtioDevice device, VirtioPciKind kind, GuestMemory memory, Workers workers,
            QueueDoorbells doorbells, MsiSink sink) {
        super(device.name(), kind.identity(device));
        hasModern = kind.interfaces().hasModern();
        state = new TransportState(device, memory, new QueueWorker.Factory(workers, doorbells), new PciEvents());
        common = new CommonConfig(state, device.queues() + 1);
        if (kind.interfaces().hasLegacy()) {
            addIoBar(LEGACY_BAR, LegacyRegisters.size(device.configSize()),
                    new LegacyRegisters(state, common, new LegacyBus()));
        }
        if (hasModern) {
            addStructures();
        }
        msix = addMsix(hasModern ? MSIX_CAPABILITY : LEGACY_MSIX_CAPABILITY, MSIX_BAR, device.queues() + 1, sink);
        if (hasModern) {
            addWideMemoryBar(REGISTER_BAR, REGISTER_BAR_SIZE, registers);
        }
    }

    private void addStructures() {
        structure(COMMON_CAPABILITY, COMMON_TYPE, 0, CAPABILITY_SIZE);
        structure(ISR_CAPABILITY, ISR_TYPE, ISR_OFFSET, CAPABILITY_SIZE);
        structure(DEVICE_CAPABILITY, DEVICE_TYPE, DEVICE_OFFSET, CAPABILITY_SIZE);
        structure(NOTIFY_CAPABILITY, NOTIFY_TYPE, NOTIFY_OFFSET, CAPABILITY_SIZE + 4);
        define(NOTIFY_CAPABILITY + CAPABILITY_SIZE, 4, NOTIFY_MULTIPLIER, 0);
        structure(ACCESS_CAPABILITY, ACCESS_TYPE, 0, CAPABILITY_SIZE + 4);
        define(ACCESS_CAPABILITY + 4, 1, 0, 0xFF);
        define(ACCESS_CAPABILITY + 8, 8, 0, -1);
        define(ACCESS_CAPABILITY + CAPABILITY_SIZE, 4, 0, 0xFFFFFFFFL);
    }

    /** Declares where a structure lies in the register BAR (virtio 1.2 section 4.1.4). */
    private void structure(int capability, int type, int offset, int size) {
        addCapability(capability, VENDOR_CAPABILITY_ID);
        define(capability + 2, 1, size, 0);
        define(capability + 3, 1, type, 0);
        define(capability + 4, 1, type == ACCESS_TYPE ? 0 : REGISTER_BAR, 0);
        define(capability + 8, 4, offset, 0);
        define(capability + 12, 4, type == ACCESS_TYPE ? 0 : PAGE, 0);
    }

    @Override
    protected void barMoved(int index, long address) {
        if (index == REGISTER_BAR) {
            registerAddress = address;
            state.relisten();
        }
    }

    /** The window into the register BAR for guests that cannot reach that (virtio 1.2 section 4.1.4.9). */
    @Override
    protected void configReading(int offset, int size) {
        if (isWindow(offset, size)) {
            int length = windowLength();
            if (length != 0) {
                setRegister(ACCESS_CAPABILITY + CAPABILITY_SIZE, 4, registers.read(windowOffset(), length));
            }
        }
    }

    @Override
    protected void configWritten(int offset, int size) {
        if (offset < COMMAND_OFFSET + 2 && offset + size > COMMAND_OFFSET) {
            state.dmaChanged();
        }
        if (isWindow(offset, size)) {
            int length = windowLength();
            if (length != 0) {
                long value = register(ACCESS_CAPABILITY + CAPABILITY_SIZE, 4);
                registers.write(windowOffset(), length, value & -1L >>> 64 - 8 * length);
            }
        }
    }

    private boolean isWindow(int offset, int size) {
        return hasModern && offset < ACCESS_CAPABILITY + CAPABILITY_SIZE + 4
                && offset + size > ACCESS_CAPABILITY + CAPABILITY_SIZE;
    }

    /** 1, 2 or 4 if the window is set to bytes of the register BAR, otherwise 0. */
    private int windowLength() {
        long length = register(ACCESS_CAPABILITY + 12, 4);
        long offset = windowOffset();
        boolean valid = (length == 1 || length == 2 || length == 4) && offset % length == 0
                && register(ACCESS_CAPABILITY + 4, 1) == REGISTER_BAR && offset <= REGISTER_BAR_SIZE - length;
        return valid ? (int) length : 0;
    }

    private long windowOffset() {
        return register(ACCESS_CAPABILITY + 8, 4);
    }

    @Override
    protected void resetDevice() {
        state.reset();
        common.reset();
    }

    /** Resets the device and ends the workers of its queues. */
    @Override
    public void close() {
        state.close();
    }

    @Override
    protected void saveDevice(StateWriter out) {
        common.save(out);
        synchronized (interruptLock) {
            out.putInt("isr", interruptStatus);
        }
        state.save(out);
    }

    @Override
    protected void loadDevice(StateReader in) {
        state.reset();
        common.load(in);
        synchronized (interruptLock) {
            interruptStatus = in.getInt("isr", 0, ISR_QUEUE_BIT | ISR_CONFIG_BIT);
            setInterrupt(interruptStatus != 0);
        }
        state.load(in);
    }

    private final class PciEvents implements TransportEvents {
        @Override
        public boolean isDmaAllowed() {
            return isBusMaster();
        }

        @Override
        public void queueUsed(int vector) {
            interrupt(vector, ISR_QUEUE_BIT);
        }

        @Override
        public void configChanged() {
            interrupt(common.configVector(), ISR_QUEUE_BIT | ISR_CONFIG_BIT);
        }

        private void interrupt(int vector, int cause) {
            if (msix.isEnabled()) {
                msix.signal(vector);
                return;
            }
            synchronized (interruptLock) {
                interruptStatus |= cause;
                setInterrupt(true);
            }
        }

        @Override
        public void cleared() {
            common.reset();
            synchronized (interruptLock) {
                interruptStatus = 0;
                setInterrupt(false);
            }
        }

        @Override
        public void listen(int queue, QueueWorker worker) {
            long base = registerAddress;
            if (base < 0) {
                worker.unlisten();
            } else {
                worker.listen(base + NOTIFY_OFFSET + (long) NOTIFY_MULTIPLIER * queue, Short.BYTES, false, 0);
            }
        }
    }

    private final class LegacyBus implements LegacyRegisters.Bus {
        @Override
        public boolean hasVectors() {
            return msix.isEnabled();
        }

        @Override
        public int takeInterruptStatus() {
            return VirtioPci.this.takeInterruptStatus();
        }

        @Override
        public void driverBegins() {
            if (!isBusMaster()) {
                allowBusMastering();
            }
        }
    }

    /** Reading the interrupt status clears it (virtio 1.2 section 4.1.4.5). */
    private int takeInterruptStatus() {
        synchronized (interruptLock) {
            int taken = interruptStatus;
            interruptStatus = 0;
            setInterrupt(false);
            return taken;
        }
    }

    /** BAR 4. */
    private final class RegisterBar implements IoHandler {
        @Override
        public RegisterNames registerNames() {
            RegisterNames names = common.registerNames().with(ISR_OFFSET, "isr").with(DEVICE_OFFSET, "config");
            for (int queue = 0; queue < state.queueCount(); queue++) {
                names.with(NOTIFY_OFFSET + (long) NOTIFY_MULTIPLIER * queue, "notify" + queue);
            }
            return names;
        }

        @Override
        public long read(long offset, int size) {
            return switch ((int) offset & -PAGE) {
                case 0 -> common.read(offset, size);
                case ISR_OFFSET -> offset == ISR_OFFSET ? takeInterruptStatus() : 0;
                case DEVICE_OFFSET -> state.readConfig(offset - DEVICE_OFFSET, size);
                default -> 0;
            };
        }

        @Override
        public void write(long offset, int size, long value) {
            switch ((int) offset & -PAGE) {
                case 0 -> common.write(offset, size, value);
                case DEVICE_OFFSET -> state.writeConfig(offset - DEVICE_OFFSET, size, value);
                case NOTIFY_OFFSET -> state.notified((int) (offset - NOTIFY_OFFSET) / NOTIFY_MULTIPLIER);
                default -> {
                    // Interrupt status is read-only.
                }
            }
        }
    }
}

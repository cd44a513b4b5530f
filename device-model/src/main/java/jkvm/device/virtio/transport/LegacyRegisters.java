package jkvm.device.virtio.transport;

import jkvm.bus.IoHandler;

/**
 * The legacy interface of a virtio PCI device (virtio 1.2 section 4.1.4.10; virtio 0.9.5 section 2.2.2): I/O ports in
 * BAR 0, the device's configuration after them. It works on the same state as the modern one: a driver uses one of
 * the two.
 *
 * <p>As in QEMU, an access counts at a register's first byte, whatever its size, and reads all ones elsewhere. A reset
 * is complete when the write that asks for it returns, since a legacy driver does not wait.
 */
final class LegacyRegisters implements IoHandler {
    static final int DEVICE_FEATURES_OFFSET = 0x00;
    static final int DRIVER_FEATURES_OFFSET = 0x04;
    static final int QUEUE_PAGE_OFFSET = 0x08;
    static final int QUEUE_SIZE_OFFSET = 0x0C;
    static final int QUEUE_SELECT_OFFSET = 0x0E;
    static final int QUEUE_NOTIFY_OFFSET = 0x10;
    static final int STATUS_OFFSET = 0x12;
    static final int ISR_OFFSET = 0x13;
    static final int CONFIG_VECTOR_OFFSET = 0x14;
    static final int QUEUE_VECTOR_OFFSET = 0x16;
    /** Where the device's configuration begins, without and with message vectors in use. */
    static final int CONFIG_OFFSET = 0x14;
    static final int CONFIG_WITH_VECTORS_OFFSET = 0x18;

    private final TransportState state;
    private final CommonConfig common;
    private final Bus bus;

    /** The transport's PCI function, as this needs it. */
    interface Bus {

        /** True while the guest uses message vectors. */
        boolean hasVectors();

        /** Reads the interrupt status and clears it. */
        int takeInterruptStatus();

        /** A driver begins: one that is older than 2.6.34 of Linux does not switch bus mastering on itself. */
        void driverBegins();
    }

    LegacyRegisters(TransportState state, CommonConfig common, Bus bus) {
        this.state = state;
        this.common = common;
        this.bus = bus;
    }

    /** Bytes of BAR 0 for a device. */
    static int size(int configSize) {
        int size = CONFIG_WITH_VECTORS_OFFSET + configSize;
        return Integer.bitCount(size) == 1 ? size : Integer.highestOneBit(size) << 1;
    }

    private int configOffset() {
        return bus.hasVectors() ? CONFIG_WITH_VECTORS_OFFSET : CONFIG_OFFSET;
    }

    @Override
    public long read(long offset, int size) {
        int configOffset = configOffset();
        if (offset >= configOffset) {
            return state.readConfig(offset - configOffset, size);
        }
        if (offset == ISR_OFFSET) {
            return bus.takeInterruptStatus();
        }
        synchronized (state) {
            return switch ((int) offset) {
                case DEVICE_FEATURES_OFFSET -> state.legacyFeatures();
                case DRIVER_FEATURES_OFFSET -> state.driverFeatures();
                case STATUS_OFFSET -> state.legacyStatus();
                case QUEUE_SELECT_OFFSET -> common.queueSelect();
                case CONFIG_VECTOR_OFFSET -> common.configVector();
                case QUEUE_PAGE_OFFSET, QUEUE_SIZE_OFFSET, QUEUE_VECTOR_OFFSET -> readQueue((int) offset);
                default -> -1;
            };
        }
    }

    private long readQueue(int offset) {
        QueueRegisters queue = state.queue(common.queueSelect());
        if (queue == null) {
            return offset == QUEUE_VECTOR_OFFSET ? QueueRegisters.NO_VECTOR : 0;
        }
        return switch (offset) {
            case QUEUE_PAGE_OFFSET -> queue.page();
            case QUEUE_SIZE_OFFSET -> queue.maxSize();
            default -> queue.vector();
        };
    }

    @Override
    public void write(long offset, int size, long value) {
        int configOffset = configOffset();
        if (offset >= configOffset) {
            state.writeConfig(offset - configOffset, size, value);
            return;
        }
        switch ((int) offset) {
            case DRIVER_FEATURES_OFFSET -> state.legacyDriverFeatures((int) value);
            case QUEUE_SELECT_OFFSET -> common.queueSelect((int) value & 0xFFFF);
            case QUEUE_NOTIFY_OFFSET -> state.legacyNotified((int) value & 0xFFFF);
            case STATUS_OFFSET -> writeStatus((int) value & 0xFF);
            case CONFIG_VECTOR_OFFSET -> common.configVector(value & 0xFFFF);
            case QUEUE_PAGE_OFFSET, QUEUE_VECTOR_OFFSET -> writeQueue((int) offset, value);
            default -> {
                // Read-only, or within a register.
            }
        }
    }

    private void writeStatus(int value) {
        state.legacyStatus(value);
        if (value == (TransportState.ACKNOWLEDGE_BIT | TransportState.DRIVER_BIT)) {
            bus.driverBegins();
        }
    }

    private void writeQueue(int offset, long value) {
        QueueRegisters queue = state.queue(common.queueSelect());
        if (offset == QUEUE_VECTOR_OFFSET) {
            if (queue != null) {
                queue.vector(common.vector(value & 0xFFFF));
            }
        } else if ((int) value == 0) {
            state.reset();
        } else if (queue != null) {
            queue.page((int) value);
        }
    }
}

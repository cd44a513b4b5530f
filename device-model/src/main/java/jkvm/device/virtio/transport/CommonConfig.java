package jkvm.device.virtio.transport;

import jkvm.bus.IoHandler;
import jkvm.bus.RegisterNames;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The common configuration structure of the PCI transport (virtio 1.2 section 4.1.4.3). Each register in one access.
 */
final class CommonConfig implements IoHandler {
    static final int DEVICE_FEATURE_SELECT_OFFSET = 0x00;
    static final int DEVICE_FEATURE_OFFSET = 0x04;
    static final int DRIVER_FEATURE_SELECT_OFFSET = 0x08;
    static final int DRIVER_FEATURE_OFFSET = 0x0C;
    static final int CONFIG_VECTOR_OFFSET = 0x10;
    static final int QUEUE_COUNT_OFFSET = 0x12;
    static final int STATUS_OFFSET = 0x14;
    static final int GENERATION_OFFSET = 0x15;
    static final int QUEUE_SELECT_OFFSET = 0x16;
    static final int QUEUE_SIZE_OFFSET = 0x18;
    static final int QUEUE_VECTOR_OFFSET = 0x1A;
    static final int QUEUE_ENABLE_OFFSET = 0x1C;
    static final int QUEUE_NOTIFY_OFFSET = 0x1E;
    static final int QUEUE_DESCRIPTORS_OFFSET = 0x20;
    static final int QUEUE_DRIVER_OFFSET = 0x28;
    static final int QUEUE_DEVICE_OFFSET = 0x30;
    static final int QUEUE_NOTIFY_DATA_OFFSET = 0x38;
    static final int QUEUE_RESET_OFFSET = 0x3A;

    private final TransportState state;
    private final int vectors;
    private int deviceFeatureSelect;
    private int driverFeatureSelect;
    private int queueSelect;
    private volatile int configVector = QueueRegisters.NO_VECTOR;

    /** @param vectors of MSI-X; a register takes these only */
    CommonConfig(TransportState state, int vectors) {
        this.state = state;
        this.vectors = vectors;
    }

    int configVector() {
        return configVector;
    }

    void configVector(long value) {
        configVector = vector(value);
    }

    int queueSelect() {
        synchronized (state) {
            return queueSelect;
        }
    }

    void queueSelect(int value) {
        synchronized (state) {
            queueSelect = value;
        }
    }

    void reset() {
        synchronized (state) {
            deviceFeatureSelect = 0;
            driverFeatureSelect = 0;
            queueSelect = 0;
            configVector = QueueRegisters.NO_VECTOR;
        }
    }

    void save(StateWriter out) {
        out.putInt("deviceFeatureSelect", deviceFeatureSelect);
        out.putInt("driverFeatureSelect", driverFeatureSelect);
        out.putInt("queueSelect", queueSelect);
        out.putInt("configVector", configVector);
    }

    void load(StateReader in) {
        deviceFeatureSelect = in.getInt("deviceFeatureSelect");
        driverFeatureSelect = in.getInt("driverFeatureSelect");
        queueSelect = in.getInt("queueSelect", 0, 0xFFFF);
        configVector = in.getInt("configVector", 0, QueueRegisters.NO_VECTOR);
    }

    @Override
    public RegisterNames registerNames() {
        return new RegisterNames("virtio").with(DEVICE_FEATURE_SELECT_OFFSET, "device_feature_select")
                .with(DEVICE_FEATURE_OFFSET, "device_feature")
                .with(DRIVER_FEATURE_SELECT_OFFSET, "driver_feature_select")
                .with(DRIVER_FEATURE_OFFSET, "driver_feature").with(CONFIG_VECTOR_OFFSET, "config_vector")
                .with(QUEUE_COUNT_OFFSET, "queue_count").with(STATUS_OFFSET, "status")
                .with(GENERATION_OFFSET, "generation").with(QUEUE_SELECT_OFFSET, "queue_select")
                .with(QUEUE_SIZE_OFFSET, "queue_size").with(QUEUE_VECTOR_OFFSET, "queue_vector")
                .with(QUEUE_ENABLE_OFFSET, "queue_enable").with(QUEUE_NOTIFY_OFFSET, "queue_notify")
                .with(QUEUE_DESCRIPTORS_OFFSET, "queue_descriptors").with(QUEUE_DRIVER_OFFSET, "queue_driver")
                .with(QUEUE_DEVICE_OFFSET, "queue_device").with(QUEUE_NOTIFY_DATA_OFFSET, "queue_notify_data")
                .with(QUEUE_RESET_OFFSET, "queue_reset");
    }

    @Override
    public long read(long offset, int size) {
        if (size == Long.BYTES) {
            return read(offset, Integer.BYTES) & 0xFFFFFFFFL | read(offset + Integer.BYTES, Integer.BYTES) << 32;
        }
        synchronized (state) {
            return switch ((int) offset) {
                case DEVICE_FEATURE_SELECT_OFFSET -> deviceFeatureSelect;
                case DEVICE_FEATURE_OFFSET -> word(state.offeredFeatures(), deviceFeatureSelect);
                case DRIVER_FEATURE_SELECT_OFFSET -> driverFeatureSelect;
                case DRIVER_FEATURE_OFFSET -> word(state.driverFeatures(), driverFeatureSelect);
                case CONFIG_VECTOR_OFFSET -> configVector;
                case QUEUE_COUNT_OFFSET -> state.queueCount();
                case STATUS_OFFSET -> state.status();
                case GENERATION_OFFSET -> state.generation();
                case QUEUE_SELECT_OFFSET -> queueSelect;
                default -> {
                    QueueRegisters queue = state.queue(queueSelect);
                    yield queue == null ? 0 : readQueue(queue, (int) offset);
                }
            };
        }
    }

    private static int word(long features, int select) {
        return select == 0 ? (int) features : select == 1 ? (int) (features >>> 32) : 0;
    }

    private int readQueue(QueueRegisters queue, int offset) {
        return switch (offset) {
            case QUEUE_SIZE_OFFSET -> queue.size();
            case QUEUE_VECTOR_OFFSET -> queue.vector();
            case QUEUE_ENABLE_OFFSET -> queue.isEnabled() ? 1 : 0;
            case QUEUE_NOTIFY_OFFSET, QUEUE_NOTIFY_DATA_OFFSET -> queueSelect;
            case QUEUE_RESET_OFFSET -> queue.isResetting() ? 1 : 0;
            default -> offset >= QUEUE_DESCRIPTORS_OFFSET && offset < QUEUE_NOTIFY_DATA_OFFSET && offset % 4 == 0
                    ? queue.address((offset - QUEUE_DESCRIPTORS_OFFSET) / 8, offset % 8 != 0) : 0;
        };
    }

    @Override
    public void write(long offset, int size, long value) {
        if (size == Long.BYTES) {
            write(offset, Integer.BYTES, value & 0xFFFFFFFFL);
            write(offset + Integer.BYTES, Integer.BYTES, value >>> 32);
            return;
        }
        synchronized (state) {
            switch ((int) offset) {
                case DEVICE_FEATURE_SELECT_OFFSET -> deviceFeatureSelect = (int) value;
                case DRIVER_FEATURE_SELECT_OFFSET -> driverFeatureSelect = (int) value;
                case DRIVER_FEATURE_OFFSET -> {
                    if (driverFeatureSelect == 0 || driverFeatureSelect == 1) {
                        state.driverFeatures(driverFeatureSelect, (int) value);
                    }
                }
                case CONFIG_VECTOR_OFFSET -> configVector(value);
                case STATUS_OFFSET -> state.status((int) value & 0xFF);
                case QUEUE_SELECT_OFFSET -> queueSelect = (int) value & 0xFFFF;
                default -> {
                    QueueRegisters queue = state.queue(queueSelect);
                    if (queue != null) {
                        writeQueue(queue, (int) offset, value);
                    }
                }
            }
        }
    }

    /** A vector that does not exist is refused: the register then reads as none. */
    int vector(long value) {
        return value < vectors ? (int) value : QueueRegisters.NO_VECTOR;
    }

    private void writeQueue(QueueRegisters queue, int offset, long value) {
        switch (offset) {
            case QUEUE_SIZE_OFFSET -> queue.size((int) value & 0xFFFF);
            case QUEUE_VECTOR_OFFSET -> queue.vector(vector(value));
            case QUEUE_ENABLE_OFFSET -> {
                if (value == 1) {
                    queue.enable();
                }
            }
            case QUEUE_RESET_OFFSET -> {
                if (value == 1 && state.hasFeature(TransportState.RING_RESET)) {
                    queue.reset();
                }
            }
            default -> {
                if (offset >= QUEUE_DESCRIPTORS_OFFSET && offset < QUEUE_NOTIFY_DATA_OFFSET && offset % 4 == 0) {
                    queue.address((offset - QUEUE_DESCRIPTORS_OFFSET) / 8, offset % 8 != 0, (int) value);
                }
            }
        }
    }
}

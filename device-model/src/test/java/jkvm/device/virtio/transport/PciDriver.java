package jkvm.device.virtio.transport;

import jkvm.device.pci.PciFixture;
import jkvm.device.virtio.queue.QueueLayout;

/** Drives a {@link VirtioPci} in slot 5, its registers at {@link #REGISTERS}, its message table at {@link #TABLE}. */
public final class PciDriver implements VirtioDriver {
    public static final long REGISTERS = 0xFEB10000L;
    public static final long TABLE = 0xFEB00000L;

    private final PciFixture pci;

    public PciDriver(PciFixture pci) {
        this.pci = pci;
        pci.write(0x14, 4, TABLE);
        pci.write(0x20, 4, REGISTERS);
        pci.enable();
    }

    long read(int offset, int size) {
        return pci.memory.dispatchRead(REGISTERS + offset, size) & -1L >>> 64 - 8 * size;
    }

    void write(int offset, int size, long value) {
        pci.memory.dispatchWrite(REGISTERS + offset, size, value);
    }

    private void select(int queue) {
        write(CommonConfig.QUEUE_SELECT_OFFSET, 2, queue);
    }

    /**
     * Uses MSI-X: vector n of the table carries data 0x40 + n; queue n has vector n + 1, configuration changes vector
     * 0.
     */
    public void useMessages(int queues) {
        for (int i = 0; i <= queues; i++) {
            pci.memory.dispatchWrite(TABLE + 16 * i, 8, 0xFEE00000L);
            pci.memory.dispatchWrite(TABLE + 16 * i + 8, 8, 0x40 + i);
        }
        pci.write(VirtioPci.MSIX_CAPABILITY + 2, 2, 0x8000);
        write(CommonConfig.CONFIG_VECTOR_OFFSET, 2, 0);
        for (int i = 0; i < queues; i++) {
            select(i);
            write(CommonConfig.QUEUE_VECTOR_OFFSET, 2, i + 1);
        }
    }

    @Override
    public int status() {
        return (int) read(CommonConfig.STATUS_OFFSET, 1);
    }

    @Override
    public void status(int value) {
        write(CommonConfig.STATUS_OFFSET, 1, value);
    }

    @Override
    public long offeredFeatures() {
        write(CommonConfig.DEVICE_FEATURE_SELECT_OFFSET, 4, 0);
        long low = read(CommonConfig.DEVICE_FEATURE_OFFSET, 4);
        write(CommonConfig.DEVICE_FEATURE_SELECT_OFFSET, 4, 1);
        return low | read(CommonConfig.DEVICE_FEATURE_OFFSET, 4) << 32;
    }

    @Override
    public void acceptFeatures(long features) {
        for (int word = 0; word < 2; word++) {
            write(CommonConfig.DRIVER_FEATURE_SELECT_OFFSET, 4, word);
            write(CommonConfig.DRIVER_FEATURE_OFFSET, 4, features >>> 32 * word & 0xFFFFFFFFL);
        }
    }

    @Override
    public int maxSize(int queue) {
        select(queue);
        return (int) read(CommonConfig.QUEUE_SIZE_OFFSET, 2);
    }

    @Override
    public void place(int queue, QueueLayout layout) {
        select(queue);
        write(CommonConfig.QUEUE_SIZE_OFFSET, 2, layout.size());
        write(CommonConfig.QUEUE_DESCRIPTORS_OFFSET, 8, layout.descriptors());
        write(CommonConfig.QUEUE_DRIVER_OFFSET, 8, layout.driver());
        write(CommonConfig.QUEUE_DEVICE_OFFSET, 4, layout.device() & 0xFFFFFFFFL);
        write(CommonConfig.QUEUE_DEVICE_OFFSET + 4, 4, layout.device() >>> 32);
    }

    @Override
    public void enable(int queue) {
        select(queue);
        write(CommonConfig.QUEUE_ENABLE_OFFSET, 2, 1);
    }

    @Override
    public void resetQueue(int queue) {
        select(queue);
        write(CommonConfig.QUEUE_RESET_OFFSET, 2, 1);
    }

    @Override
    public boolean isEnabled(int queue) {
        select(queue);
        return read(CommonConfig.QUEUE_ENABLE_OFFSET, 2) == 1;
    }

    @Override
    public void notify(int queue) {
        write(VirtioPci.NOTIFY_OFFSET + VirtioPci.NOTIFY_MULTIPLIER * queue, 2, queue);
    }

    @Override
    public long config(int offset, int size) {
        return read(VirtioPci.DEVICE_OFFSET + offset, size);
    }

    @Override
    public void config(int offset, int size, long value) {
        write(VirtioPci.DEVICE_OFFSET + offset, size, value);
    }

    @Override
    public int generation() {
        return (int) read(CommonConfig.GENERATION_OFFSET, 1);
    }

    @Override
    public int takeInterrupt() {
        boolean raised = pci.irqs[10].level();
        int cause = (int) read(VirtioPci.ISR_OFFSET, 1);
        if (raised != (cause != 0)) {
            throw new AssertionError("line %s, status %d".formatted(raised, cause));
        }
        return cause;
    }
}

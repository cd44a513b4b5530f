package jkvm.device.virtio.transport;

import jkvm.bus.FakeIrqLine;
import jkvm.device.virtio.queue.QueueLayout;

/** Drives a {@link VirtioMmio}. */
public final class MmioDriver implements VirtioDriver {
    private final VirtioMmio device;
    private final FakeIrqLine line;

    public MmioDriver(VirtioMmio device, FakeIrqLine line) {
        this.device = device;
        this.line = line;
    }

    int read(int offset) {
        return (int) device.read(offset, 4);
    }

    void write(int offset, int value) {
        device.write(offset, 4, value & 0xFFFFFFFFL);
    }

    @Override
    public int status() {
        return read(VirtioMmio.STATUS_OFFSET);
    }

    @Override
    public void status(int value) {
        write(VirtioMmio.STATUS_OFFSET, value);
    }

    @Override
    public long offeredFeatures() {
        write(VirtioMmio.DEVICE_FEATURES_SELECT_OFFSET, 0);
        long low = read(VirtioMmio.DEVICE_FEATURES_OFFSET) & 0xFFFFFFFFL;
        write(VirtioMmio.DEVICE_FEATURES_SELECT_OFFSET, 1);
        return low | (long) read(VirtioMmio.DEVICE_FEATURES_OFFSET) << 32;
    }

    @Override
    public void acceptFeatures(long features) {
        for (int word = 0; word < 2; word++) {
            write(VirtioMmio.DRIVER_FEATURES_SELECT_OFFSET, word);
            write(VirtioMmio.DRIVER_FEATURES_OFFSET, (int) (features >>> 32 * word));
        }
    }

    @Override
    public int maxSize(int queue) {
        write(VirtioMmio.QUEUE_SELECT_OFFSET, queue);
        return read(VirtioMmio.QUEUE_MAX_SIZE_OFFSET);
    }

    @Override
    public void place(int queue, QueueLayout layout) {
        write(VirtioMmio.QUEUE_SELECT_OFFSET, queue);
        write(VirtioMmio.QUEUE_SIZE_OFFSET, layout.size());
        address(VirtioMmio.QUEUE_DESCRIPTORS_OFFSET, layout.descriptors());
        address(VirtioMmio.QUEUE_DRIVER_OFFSET, layout.driver());
        address(VirtioMmio.QUEUE_DEVICE_OFFSET, layout.device());
    }

    private void address(int offset, long address) {
        write(offset, (int) address);
        write(offset + 4, (int) (address >>> 32));
    }

    @Override
    public void enable(int queue) {
        write(VirtioMmio.QUEUE_SELECT_OFFSET, queue);
        write(VirtioMmio.QUEUE_READY_OFFSET, 1);
    }

    @Override
    public void resetQueue(int queue) {
        write(VirtioMmio.QUEUE_SELECT_OFFSET, queue);
        write(VirtioMmio.QUEUE_RESET_OFFSET, 1);
    }

    @Override
    public boolean isEnabled(int queue) {
        write(VirtioMmio.QUEUE_SELECT_OFFSET, queue);
        return read(VirtioMmio.QUEUE_READY_OFFSET) == 1;
    }

    @Override
    public void notify(int queue) {
        write(VirtioMmio.QUEUE_NOTIFY_OFFSET, queue);
    }

    @Override
    public long config(int offset, int size) {
        return device.read(VirtioMmio.CONFIG_OFFSET + offset, size) & -1L >>> 64 - 8 * size;
    }

    @Override
    public void config(int offset, int size, long value) {
        device.write(VirtioMmio.CONFIG_OFFSET + offset, size, value);
    }

    @Override
    public int generation() {
        return read(VirtioMmio.GENERATION_OFFSET);
    }

    @Override
    public int takeInterrupt() {
        boolean raised = line.level();
        int cause = read(VirtioMmio.INTERRUPT_STATUS_OFFSET);
        if (raised != (cause != 0)) {
            throw new AssertionError("line %s, status %d".formatted(raised, cause));
        }
        write(VirtioMmio.INTERRUPT_ACKNOWLEDGE_OFFSET, cause);
        return cause;
    }
}

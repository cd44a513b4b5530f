package jkvm.device.virtio.transport;

import jkvm.device.pci.PciFixture;
import jkvm.device.virtio.queue.QueueDriver;

/** Drives a virtio device on the PCI bus as virtio 0.9.5 says, through the ports of BAR 0. */
public final class LegacyDriver {
    public static final int PORT = 0xC000;

    private final PciFixture pci;

    public LegacyDriver(PciFixture pci) {
        this.pci = pci;
        pci.write(0x10, 4, PORT);
        pci.enable();
    }

    public long read(int offset, int size) {
        return pci.ports.dispatchRead(PORT + offset, size) & -1L >>> 64 - 8 * size;
    }

    public void write(int offset, int size, long value) {
        pci.ports.dispatchWrite(PORT + offset, size, value);
    }

    public int status() {
        return (int) read(LegacyRegisters.STATUS_OFFSET, 1);
    }

    public void status(int value) {
        write(LegacyRegisters.STATUS_OFFSET, 1, value);
    }

    /** Resets the device, chooses features and places queues from 0 on; not yet ready. */
    public void begin(long features, QueueDriver... queues) {
        status(0);
        status(1);
        status(3);
        write(LegacyRegisters.DRIVER_FEATURES_OFFSET, 4, features);
        for (int i = 0; i < queues.length; i++) {
            select(i);
            write(LegacyRegisters.QUEUE_PAGE_OFFSET, 4, queues[i].layout().descriptors() >>> 12);
        }
    }

    public void ready() {
        status(7);
    }

    public void select(int queue) {
        write(LegacyRegisters.QUEUE_SELECT_OFFSET, 2, queue);
    }

    public void notify(int queue) {
        write(LegacyRegisters.QUEUE_NOTIFY_OFFSET, 2, queue);
    }

    public int takeInterrupt() {
        return (int) read(LegacyRegisters.ISR_OFFSET, 1);
    }
}

package jkvm.host.chardev;

import java.util.concurrent.locks.LockSupport;
import jkvm.work.InstructionClock;

/**
 * A chardev of a machine whose time is counted in instructions. Input from the host waits for the clock's next
 * moment for input. Output is always taken: where the host is slow the vCPU waits, and the guest does not notice.
 */
public final class CountedChardev implements Chardev {
    private static final int CAPACITY = 4096;
    private static final long WAIT_NANOS = 1_000_000;

    private final Chardev inner;
    private final InstructionClock clock;
    private final byte[] waiting = new byte[CAPACITY];
    /** Guarded by {@link #waiting}. */
    private int count;
    private CharDevice device;

    /** @param inner closed with this one */
    public CountedChardev(Chardev inner, InstructionClock clock) {
        this.inner = inner;
        this.clock = clock;
    }

    @Override
    public boolean transmit(byte value) {
        boolean taken = inner.transmit(value);
        while (!taken && !clock.isClosed()) {
            LockSupport.parkNanos(this, WAIT_NANOS);
            taken = inner.transmit(value);
        }
        return true;
    }

    @Override
    public void connect(CharDevice newDevice) {
        device = newDevice;
        inner.connect(new Host());
    }

    /** The device has room again: what waits for it comes as input does. */
    @Override
    public void inputWanted() {
        synchronized (waiting) {
            if (count == 0) {
                return;
            }
        }
        clock.input(this::deliver);
    }

    @Override
    public void watchWindow(WindowListener listener) {
        inner.watchWindow((columns, rows) -> clock.input(() -> listener.resized(columns, rows)));
    }

    @Override
    public void hurry() {
        inner.hurry();
    }

    @Override
    public void close() {
        inner.close();
    }

    private void deliver() {
        int room = device.receivable();
        byte[] data;
        synchronized (waiting) {
            data = new byte[Math.min(room, count)];
            System.arraycopy(waiting, 0, data, 0, data.length);
            System.arraycopy(waiting, data.length, waiting, 0, count - data.length);
            count -= data.length;
        }
        if (data.length > 0) {
            device.receive(data, 0, data.length);
            inner.inputWanted();
        }
    }

    /** Stands in for the device towards the chardev's threads. */
    private final class Host implements CharDevice {
        @Override
        public int receivable() {
            synchronized (waiting) {
                return CAPACITY - count;
            }
        }

        @Override
        public void receive(byte[] data, int offset, int length) {
            synchronized (waiting) {
                System.arraycopy(data, offset, waiting, count, length);
                count += length;
            }
            clock.input(CountedChardev.this::deliver);
        }

        @Override
        public void writable() {
            // The vCPU waits by itself.
        }

        @Override
        public void connected(boolean present) {
            clock.input(() -> device.connected(present));
        }

        @Override
        public void breakReceived() {
            clock.input(device::breakReceived);
        }
    }
}

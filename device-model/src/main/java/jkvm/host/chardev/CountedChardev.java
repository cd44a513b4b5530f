package jkvm.host.chardev;

import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import jkvm.work.InputChannel;
import jkvm.work.InstructionClock;

/**
 * A chardev of a machine whose time is counted in instructions. Input from the host waits for the clock's next
 * moment for input. Output is always taken: where the host is slow the vCPU waits, and the guest does not notice.
 * Output that a replay gives once more is not printed again.
 */
public final class CountedChardev implements Chardev {
    private static final int CAPACITY = 4096;
    private static final long WAIT_NANOS = 1_000_000;

    private final Chardev inner;
    private final InstructionClock clock;
    private final byte[] waiting = new byte[CAPACITY];
    /** Guarded by {@link #waiting}. */
    private int count;
    private final InputChannel bytes, carrier, lineBreak, window;
    private CharDevice device;
    private WindowListener windowListener;

    /**
     * @param inner closed with this one
     * @param label names its inputs
     */
    public CountedChardev(Chardev inner, String label, InstructionClock clock) {
        this.inner = inner;
        this.clock = clock;
        bytes = clock.channel(label + ".data", data -> device.receive(data, 0, data.length));
        carrier = clock.channel(label + ".carrier", data -> device.connected(data[0] != 0));
        lineBreak = clock.channel(label + ".break", _ -> device.breakReceived());
        window = clock.channel(label + ".window", data -> {
            ByteBuffer size = ByteBuffer.wrap(data);
            windowListener.resized(size.getInt(), size.getInt());
        });
    }

    @Override
    public boolean transmit(byte value) {
        boolean taken = clock.isRepeating() || inner.transmit(value);
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
        windowListener = listener;
        inner.watchWindow((columns, rows) -> clock.input(() -> window.deliver(
                ByteBuffer.allocate(2 * Integer.BYTES).putInt(columns).putInt(rows).array())));
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
            bytes.deliver(data);
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
            if (clock.log().isReplay()) {
                return;
            }
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
            clock.input(() -> carrier.deliver(new byte[] {(byte) (present ? 1 : 0)}));
        }

        @Override
        public void breakReceived() {
            clock.input(lineBreak::deliver);
        }
    }
}

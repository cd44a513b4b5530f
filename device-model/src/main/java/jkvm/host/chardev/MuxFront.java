package jkvm.host.chardev;

/**
 * One device's share of a {@link Mux}. Input waits here until the device takes it, so that an escape behind it is still
 * seen while the guest does not listen.
 */
final class MuxFront implements Chardev {
    private static final int CAPACITY = 4096;

    private final Mux mux;
    private final String name;
    private final byte[] data = new byte[CAPACITY];
    private int head;
    private int count;
    private boolean closed;
    private final Object carrierLock = new Object();
    private boolean carrier;
    private volatile CharDevice device;
    private volatile InputGate gate;

    MuxFront(Mux mux, String name) {
        this.mux = mux;
        this.name = name;
    }

    @Override
    public boolean transmit(byte value) {
        return mux.transmit(value);
    }

    @Override
    public void connect(CharDevice newDevice) {
        synchronized (this) {
            if (device != null || closed) {
                throw new IllegalStateException(name + (closed ? " is closed" : " has a device already"));
            }
            device = newDevice;
            gate = new InputGate(newDevice);
        }
        Thread.ofPlatform().daemon().name(name + "-mux").start(this::deliverAll);
        if (mux.frontConnected()) {
            connected(true);
        }
    }

    @Override
    public void inputWanted() {
        InputGate current = gate;
        if (current != null) {
            current.inputWanted();
        }
    }

    synchronized int room() {
        return CAPACITY - count;
    }

    /** Takes one byte from the host; there is {@link #room()} for it. */
    synchronized void offer(byte value) {
        if (count < CAPACITY) {
            data[(head + count++) % CAPACITY] = value;
            notifyAll();
        }
    }

    @Override
    public void watchWindow(WindowListener listener) {
        mux.watchWindow(listener);
    }

    private void deliverAll() {
        byte[] chunk = new byte[CAPACITY];
        int length;
        while ((length = take(chunk)) > 0) {
            mux.inputWanted();
            gate.deliver(chunk, length);
        }
    }

    private synchronized int take(byte[] to) {
        while (count == 0 && !closed) {
            try {
                wait();
            } catch (InterruptedException _) {
                closed = true;
            }
        }
        int length = closed ? 0 : Math.min(count, CAPACITY - head);
        System.arraycopy(data, head, to, 0, length);
        head = (head + length) % CAPACITY;
        count -= length;
        return length;
    }

    void breakReceived() {
        CharDevice current = device;
        if (current != null) {
            current.breakReceived();
        }
    }

    void writable() {
        CharDevice current = device;
        if (current != null) {
            current.writable();
        }
    }

    /** Two threads may learn of the other side at the same time; the device hears of each change once, in order. */
    void connected(boolean present) {
        synchronized (carrierLock) {
            if (device != null && carrier != present) {
                carrier = present;
                device.connected(present);
            }
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            notifyAll();
        }
        if (gate != null) {
            gate.close();
        }
        mux.frontClosed(this);
    }
}

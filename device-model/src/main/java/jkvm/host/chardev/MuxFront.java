package jkvm.host.chardev;

import java.util.ArrayDeque;
import java.util.Deque;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * One device's share of a {@link Mux}. Input waits here until the device takes it, so that a later escape is still seen
 * while the guest does not listen. The device hears of all on a worker of the machine, so of nothing while that is
 * paused.
 *
 * <p>Lock: this object's, around what waits for the device. The device is called with it open.
 */
final class MuxFront implements Chardev {
    private static final int CAPACITY = 4096;

    private final Mux mux;
    private final String name;
    private final Workers workers;
    private final byte[] data = new byte[CAPACITY];
    private final byte[] chunk = new byte[CAPACITY];
    private int head;
    private int count;
    private boolean closed;
    /** Changes of the carrier that the device has not heard of, in turns; at most two, as any two more cancel. */
    private final Deque<Boolean> carrierChanges = new ArrayDeque<>();
    private boolean carrier;
    private boolean hasRoom;
    private int breaks;
    private boolean hasFocus;
    /** The last that the device has heard of the focus; null if nothing. */
    private Boolean knownFocus;
    /** True while input waits for room in the device. */
    private volatile boolean isStuck;
    private volatile CharDevice device;
    private Worker worker;

    /** @param workers of the machine, or those of a monitor */
    MuxFront(Mux mux, String name, Workers workers) {
        this.mux = mux;
        this.name = name;
        this.workers = workers;
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
            worker = workers.waiting(name + "-mux", this::await, this::tellDevice, () -> { });
        }
        if (mux.frontConnected()) {
            connected(true);
        }
    }

    @Override
    public void inputWanted() {
        if (isStuck) {
            synchronized (this) {
                isStuck = false;
                notifyAll();
            }
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
    public synchronized boolean hasFocus() {
        return hasFocus;
    }

    synchronized void focus(boolean newFocus) {
        hasFocus = newFocus;
        notifyAll();
    }

    private boolean isFocusKnown() {
        return knownFocus == null ? !hasFocus : knownFocus == hasFocus;
    }

    synchronized void breakReceived() {
        breaks++;
        notifyAll();
    }

    synchronized void writable() {
        hasRoom = true;
        notifyAll();
    }

    /** Two threads may learn of the other side at the same time; the device hears of each change once, in order. */
    synchronized void connected(boolean present) {
        if (device == null || carrier == present) {
            return;
        }
        carrier = present;
        if (carrierChanges.size() == 2) {
            carrierChanges.removeLast();
        } else {
            carrierChanges.addLast(present);
        }
        notifyAll();
    }

    @Override
    public void watchWindow(WindowListener listener) {
        mux.watchWindow(listener);
    }

    private synchronized void await() {
        while (!closed && carrierChanges.isEmpty() && !hasRoom && breaks == 0 && isFocusKnown()
                && (count == 0 || isStuck)) {
            try {
                wait();
            } catch (InterruptedException _) {
                closed = true;
            }
        }
    }

    private void tellDevice() {
        Boolean change;
        boolean isWritable;
        boolean isBreak;
        boolean isFocusNew;
        boolean focus;
        synchronized (this) {
            focus = hasFocus;
            isFocusNew = !isFocusKnown();
            knownFocus = focus;
            change = carrierChanges.pollFirst();
            isWritable = hasRoom;
            hasRoom = false;
            isBreak = breaks > 0;
            breaks -= isBreak ? 1 : 0;
        }
        if (change != null) {
            device.connected(change);
        }
        if (isWritable) {
            device.writable();
        }
        if (isFocusNew) {
            device.focused(focus);
        }
        if (isBreak) {
            device.breakReceived();
        }
        int length = take(device.receivable());
        if (length > 0) {
            device.receive(chunk, 0, length);
            mux.inputWanted();
        }
    }

    /** Takes input for the device. Without room it waits until {@link #inputWanted()}, or goes round again. */
    private int take(int room) {
        int length;
        synchronized (this) {
            length = Math.min(room, Math.min(count, CAPACITY - head));
            System.arraycopy(data, head, chunk, 0, length);
            head = (head + length) % CAPACITY;
            count -= length;
            isStuck = room == 0 && count > 0;
        }
        if (isStuck && device.receivable() > 0) {
            // It made room before it could see that someone waits.
            isStuck = false;
        }
        return length;
    }

    @Override
    public void hurry() {
        mux.hurry();
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
        if (worker != null) {
            worker.close();
        }
        mux.frontClosed(this);
    }
}

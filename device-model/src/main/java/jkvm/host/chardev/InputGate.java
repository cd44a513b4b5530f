package jkvm.host.chardev;

/** Hands input to a device no faster than it takes it. One thread delivers; the device's threads open the gate. */
final class InputGate {
    private final CharDevice device;
    private volatile boolean wanted;
    private volatile boolean closed;

    InputGate(CharDevice device) {
        this.device = device;
    }

    /**
     * Waits as long as the device has no room.
     *
     * @return false if closed before all was delivered
     */
    boolean deliver(byte[] data, int length) {
        int done = 0;
        while (done < length && !closed) {
            int part = Math.min(device.receivable(), length - done);
            if (part > 0) {
                device.receive(data, done, part);
                done += part;
            } else {
                awaitRoom();
            }
        }
        return done == length;
    }

    private synchronized void awaitRoom() {
        while (!wanted && !closed) {
            try {
                wait();
            } catch (InterruptedException _) {
                closed = true;
            }
        }
        // Taken back before receivable() is asked again, so that a change meanwhile is not missed.
        wanted = false;
    }

    /** The device has room again. Cheap if it said so already. */
    void inputWanted() {
        if (!wanted) {
            synchronized (this) {
                wanted = true;
                notifyAll();
            }
        }
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}

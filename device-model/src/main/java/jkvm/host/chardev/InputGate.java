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
     * Hands over as much as the device takes; waits once if that is nothing.
     *
     * @return how many bytes; zero after a wait, which ends at {@link #inputWanted()}
     */
    int deliver(byte[] data, int offset, int length) {
        int part = Math.min(device.receivable(), length);
        if (part > 0) {
            device.receive(data, offset, part);
            return part;
        }
        awaitRoom();
        return 0;
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

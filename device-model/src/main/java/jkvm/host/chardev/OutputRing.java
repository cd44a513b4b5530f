package jkvm.host.chardev;

/** Bytes from the guest that the host has not taken yet, at most {@link #CAPACITY}. */
final class OutputRing {
    static final int CAPACITY = 64 * 1024;

    private final byte[] data = new byte[CAPACITY];
    private int head;
    private int count;
    /** False while there is no reader: output is dropped. */
    private boolean open;
    private boolean starved;
    private boolean finished;
    private long taken;
    /** Counts the readers that have gone, and how many those were when bytes were last taken. */
    private int gone;
    private int goneWhenTaken;

    OutputRing(boolean open) {
        this.open = open;
    }

    /**
     * Never waits.
     *
     * @return false if full
     */
    synchronized boolean offer(byte value) {
        if (!open || finished) {
            return true;
        }
        if (count == CAPACITY) {
            starved = true;
            return false;
        }
        data[(head + count) % CAPACITY] = value;
        if (count++ == 0) {
            notifyAll();
        }
        return true;
    }

    /**
     * Waits for bytes and takes some out.
     *
     * @return how many, zero when finished and empty
     */
    synchronized int take(byte[] to) {
        while (count == 0 && !finished) {
            try {
                wait();
            } catch (InterruptedException _) {
                finished = true;
            }
        }
        int length = Math.min(to.length, Math.min(count, CAPACITY - head));
        System.arraycopy(data, head, to, 0, length);
        head = (head + length) % CAPACITY;
        count -= length;
        taken += length;
        goneWhenTaken = gone;
        return length;
    }

    /** True if the reader has gone for whom the last bytes were taken: a later one is not to get them. */
    synchronized boolean isReaderGone() {
        return gone != goneWhenTaken;
    }

    /** True once after {@link #offer} answered false and there is room again. */
    synchronized boolean endStarvation() {
        boolean was = starved && count < CAPACITY;
        starved &= !was;
        return was;
    }

    /** True while someone reads the output. */
    synchronized boolean isOpen() {
        return open;
    }

    /** Whether someone reads the output; if not, what is here is thrown away too. */
    synchronized void setOpen(boolean open) {
        this.open = open;
        if (!open) {
            count = 0;
            gone++;
        }
    }

    /** Takes nothing more; {@link #take} answers zero when the rest is out. */
    synchronized void finish() {
        finished = true;
        notifyAll();
    }

    /**
     * Drops the rest, so that {@link #take} answers zero now.
     *
     * @return how many bytes that were
     */
    synchronized int abandon() {
        int dropped = count;
        count = 0;
        finish();
        return dropped;
    }

    /** Grows as long as the host takes bytes. */
    synchronized long taken() {
        return taken;
    }
}

package jkvm.soft.irqchip;

import java.util.Arrays;

/**
 * Timers ordered by deadline: a binary heap whose entries know their place, so that moving a deadline allocates
 * nothing. Guarded by its own lock, the innermost of all.
 */
final class TimerQueue {
    private static final int NOT_QUEUED = -1;
    private Entry[] heap = new Entry[8];
    private int size;

    final class Entry implements Timers.Timer {
        private final Runnable expiry;
        private final Runnable earlier;
        private long deadline;
        private int place = NOT_QUEUED;

        private Entry(Runnable expiry, Runnable earlier) {
            this.expiry = expiry;
            this.earlier = earlier;
        }

        @Override
        public void start(long deadlineNanos) {
            boolean first;
            synchronized (TimerQueue.this) {
                if (place != NOT_QUEUED) {
                    remove(this);
                }
                deadline = deadlineNanos;
                add(this);
                first = place == 0;
            }
            if (first) {
                earlier.run();
            }
        }

        @Override
        public void stop() {
            synchronized (TimerQueue.this) {
                if (place != NOT_QUEUED) {
                    remove(this);
                }
            }
        }
    }

    /** @param earlier called when this timer has become the next one */
    Timers.Timer timer(Runnable expiry, Runnable earlier) {
        return new Entry(expiry, earlier);
    }

    /** The next deadline, or {@link Long#MAX_VALUE}. */
    synchronized long nextDeadline() {
        return size == 0 ? Long.MAX_VALUE : heap[0].deadline;
    }

    /**
     * Takes out a timer whose deadline is not after {@code now}.
     *
     * @return what it calls, or null
     */
    synchronized Runnable pollExpired(long now) {
        if (size == 0 || heap[0].deadline > now) {
            return null;
        }
        Entry first = heap[0];
        remove(first);
        return first.expiry;
    }

    private void add(Entry entry) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        place(entry, size++);
        siftUp(entry);
    }

    private void remove(Entry entry) {
        int hole = entry.place;
        Entry last = heap[--size];
        heap[size] = null;
        entry.place = NOT_QUEUED;
        if (last != entry) {
            place(last, hole);
            siftUp(last);
            siftDown(last);
        }
    }

    private void siftUp(Entry entry) {
        int at = entry.place;
        while (at > 0 && heap[(at - 1) / 2].deadline > entry.deadline) {
            place(heap[(at - 1) / 2], at);
            at = (at - 1) / 2;
        }
        place(entry, at);
    }

    private void siftDown(Entry entry) {
        int at = entry.place;
        while (true) {
            int child = 2 * at + 1;
            if (child + 1 < size && heap[child + 1].deadline < heap[child].deadline) {
                child++;
            }
            if (child >= size || heap[child].deadline >= entry.deadline) {
                place(entry, at);
                return;
            }
            place(heap[child], at);
            at = child;
        }
    }

    private void place(Entry entry, int at) {
        heap[at] = entry;
        entry.place = at;
    }
}

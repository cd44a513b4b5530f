package jkvm.inspect;

import java.util.Map;
import java.util.TreeMap;

/**
 * Counts one vCPU's exits by the time at which they were, in at most {@value #INTERVALS} intervals of the same length:
 * each time that the run grows beyond the last one, two of them become one. So it takes the same memory for a run of a
 * second and of a week.
 *
 * <p>The vCPU's thread records, and allocates only at the first exit of a kind. Others read when it has ended.
 */
public final class ExitTimeline {
    /** So many intervals at most. */
    public static final int INTERVALS = 512;
    /** The first length of an interval: some 65 µs. */
    private static final int FIRST_SHIFT = 16;

    private long origin;
    private int shift = FIRST_SHIFT;
    private final long[][] counts = new long[ExitStatistics.KINDS][];
    private final long[] guest = new long[INTERVALS];
    private final long[] handler = new long[INTERVALS];

    /** @param origin the start of the first interval, as {@link System#nanoTime()} tells it */
    public ExitTimeline(long origin) {
        this.origin = origin;
    }

    /** Moves the start of the first interval, before there is an exit. */
    void begin(long now) {
        origin = now;
    }

    /**
     * Adds one exit. The times are those of {@link System#nanoTime()}.
     *
     * @param kind    as {@link ExitStatistics#kind} numbers it
     * @param entered KVM_RUN began
     * @param exited  it ended
     * @param handled user space has handled the exit
     */
    void record(int kind, long entered, long exited, long handled) {
        long end = Math.max(0, handled - origin);
        while (end >>> shift >= INTERVALS) {
            widen();
        }
        long[] mine = counts[kind];
        if (mine == null) {
            mine = new long[INTERVALS];
            counts[kind] = mine;
        }
        mine[(int) (Math.max(0, exited - origin) >>> shift)]++;
        spread(guest, entered - origin, exited - origin);
        spread(handler, exited - origin, end);
    }

    /** The vCPU entered KVM_RUN and has left it by no exit: it was stopped. */
    void end(long entered, long now) {
        while (Math.max(0, now - origin) >>> shift >= INTERVALS) {
            widen();
        }
        spread(guest, entered - origin, now - origin);
    }

    /** Adds a stretch of time to the intervals that it lies in. */
    private void spread(long[] sums, long from, long to) {
        long at = Math.max(0, from);
        while (at < to) {
            int index = (int) (at >>> shift);
            long next = Math.min(to, index + 1L << shift);
            sums[index] += next - at;
            at = next;
        }
    }

    private void widen() {
        shift++;
        halve(guest);
        halve(handler);
        for (long[] kind : counts) {
            if (kind != null) {
                halve(kind);
            }
        }
    }

    private static void halve(long[] values) {
        for (int i = 0; i < INTERVALS; i++) {
            values[i] = 2 * i < INTERVALS ? values[2 * i] + values[2 * i + 1] : 0;
        }
    }

    /** The length of an interval. */
    public long intervalNanos() {
        return 1L << shift;
    }

    /** The exits in each interval, by their kind's name. */
    public Map<String, long[]> counts() {
        Map<String, long[]> named = new TreeMap<>();
        for (int kind = 0; kind < counts.length; kind++) {
            if (counts[kind] != null) {
                named.put(ExitStatistics.name(kind), counts[kind].clone());
            }
        }
        return named;
    }

    /** The time that the vCPU was in KVM_RUN, of each interval. */
    public long[] guestNanos() {
        return guest.clone();
    }

    /** The time that exits were handled in user space, of each interval. */
    public long[] handlerNanos() {
        return handler.clone();
    }
}

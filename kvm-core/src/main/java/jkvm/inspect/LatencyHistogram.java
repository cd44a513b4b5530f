package jkvm.inspect;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts durations in buckets that grow with the duration: four to each power of two, so that the middle of a bucket is
 * off by an eighth at most. One thread records and allocates nothing; others may read meanwhile and see whole values.
 */
final class LatencyHistogram {
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int STEPS_SHIFT = 2;
    private static final int STEPS = 1 << STEPS_SHIFT;
    /** The last bucket begins at some 78 hours. */
    private static final int LAST_POWER = 48;
    private static final int BUCKETS = (LAST_POWER - STEPS_SHIFT + 2) * STEPS;
    private static final int TOTAL = BUCKETS;
    private static final int LEAST = BUCKETS + 1;
    private static final int MOST = BUCKETS + 2;
    private static final double MEDIAN = 0.5;
    private static final double P99 = 0.99;

    /** Counts, and behind them the total, the least and the most. */
    private final long[] values = new long[BUCKETS + 3];

    LatencyHistogram() {
        values[LEAST] = Long.MAX_VALUE;
    }

    void record(long nanos) {
        long value = Math.max(0, nanos);
        add(bucket(value), 1);
        add(TOTAL, value);
        if (value < values[LEAST]) {
            ELEMENT.setOpaque(values, LEAST, value);
        }
        if (value > values[MOST]) {
            ELEMENT.setOpaque(values, MOST, value);
        }
    }

    /** Takes over what another one has counted. */
    void add(LatencyHistogram other) {
        for (int i = 0; i < LEAST; i++) {
            add(i, get(other.values, i));
        }
        values[LEAST] = Math.min(values[LEAST], get(other.values, LEAST));
        values[MOST] = Math.max(values[MOST], get(other.values, MOST));
    }

    ExitPlace.Times summary() {
        long count = 0;
        for (int i = 0; i < BUCKETS; i++) {
            count += get(values, i);
        }
        long least = count == 0 ? 0 : get(values, LEAST);
        return new ExitPlace.Times(count, get(values, TOTAL), least, percentile(MEDIAN, count),
                percentile(P99, count), get(values, MOST));
    }

    /** How many there were of each power of two: at index n those of 2^n ns up to twice as much, at 0 also shorter. */
    long[] powers() {
        long[] powers = new long[LAST_POWER + 1];
        for (int i = 0; i < BUCKETS; i++) {
            powers[i < STEPS ? i / 2 : i / STEPS + STEPS_SHIFT - 1] += get(values, i);
        }
        return powers;
    }

    private long percentile(double part, long count) {
        long rank = (long) Math.ceil(part * count);
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += get(values, i);
            if (seen >= rank && count > 0) {
                return Math.clamp(middle(i), get(values, LEAST), get(values, MOST));
            }
        }
        return 0;
    }

    /** Small values have a bucket of their own each. */
    static int bucket(long nanos) {
        if (nanos < STEPS) {
            return (int) nanos;
        }
        int power = Math.min(LAST_POWER, Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos));
        int step = (int) Math.min(STEPS - 1, (nanos >>> power - STEPS_SHIFT) - STEPS);
        return (power - STEPS_SHIFT + 1) * STEPS + step;
    }

    static long middle(int bucket) {
        if (bucket < STEPS) {
            return bucket;
        }
        int shift = bucket / STEPS - 1;
        long first = (long) (STEPS + bucket % STEPS) << shift;
        return first + (1L << shift) / 2;
    }

    private void add(int index, long value) {
        ELEMENT.setOpaque(values, index, values[index] + value);
    }

    private static long get(long[] values, int index) {
        return (long) ELEMENT.getOpaque(values, index);
    }
}

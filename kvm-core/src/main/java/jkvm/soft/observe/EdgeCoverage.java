package jkvm.soft.observe;

import java.util.Arrays;

/**
 * Counts how often a guest went from one run of instructions without a jump to the next: edge coverage, as fuzzers use
 * it. A counter stands for all edges that fall on it; there are {@value #SIZE}. It stops at 255.
 *
 * <p>Give one to a vCPU by {@link SoftObserver#coverage()}; that vCPU's code is interpreted then. Written on the vCPU's
 * thread; read and cleared while the vCPU stands.
 */
public final class EdgeCoverage {
    /** Number of counters, a power of two. */
    public static final int SIZE = 1 << 12;

    private static final int HIGHEST = 255;
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;
    private static final int SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(SIZE);

    private final byte[] counts = new byte[SIZE];

    /** All counters at zero. */
    public EdgeCoverage() {
        // The fields say it.
    }

    /** The guest goes from the run of instructions at one RIP to that at another. */
    public void passed(long from, long to) {
        int edge = (int) ((from * 3 + to) * SPREAD >>> SHIFT);
        if (counts[edge] != (byte) HIGHEST) {
            counts[edge]++;
        }
    }

    /** The count of an edge, 0 to 255. */
    public int count(int edge) {
        return counts[edge] & HIGHEST;
    }

    /** Sets all counters to zero. */
    public void clear() {
        Arrays.fill(counts, (byte) 0);
    }

    /**
     * Adds what is new to what was seen before: edges, and counts of another size (1, 2, 4, 8 and so on).
     *
     * @param seen a bit for each size that a counter has had, {@link #SIZE} bytes
     * @return true if there was something new
     */
    public boolean addNewTo(byte[] seen) {
        boolean isNew = false;
        for (int edge = 0; edge < SIZE; edge++) {
            if (counts[edge] != 0) {
                int bit = 1 << Integer.SIZE - 1 - Integer.numberOfLeadingZeros(count(edge));
                isNew |= (seen[edge] & bit) == 0;
                seen[edge] |= (byte) bit;
            }
        }
        return isNew;
    }
}

package jkvm.soft.kvm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** A set of a memory slot's pages: a bitmap whose parts come into being when they are used. Any thread may call. */
final class PageSet {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle CHUNK = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final int CHUNK_WORDS = 64;
    private static final int CHUNK_SHIFT = 12;

    private final long[][] chunks;

    /** @param pages numbers from 0 up to this */
    PageSet(long pages) {
        this.chunks = new long[(int) (pages + (1 << CHUNK_SHIFT) - 1 >>> CHUNK_SHIFT)][];
    }

    private long[] chunk(long page) {
        return (long[]) CHUNK.getAcquire(chunks, (int) (page >>> CHUNK_SHIFT));
    }

    private static int word(long page) {
        return (int) (page >>> 6) & CHUNK_WORDS - 1;
    }

    boolean contains(long page) {
        long[] chunk = chunk(page);
        return chunk != null && ((long) WORD.getOpaque(chunk, word(page)) & 1L << page) != 0;
    }

    /** @return true if the page was not in the set */
    boolean add(long page) {
        long[] chunk = chunk(page);
        if (chunk == null) {
            CHUNK.compareAndSet(chunks, (int) (page >>> CHUNK_SHIFT), null, new long[CHUNK_WORDS]);
            chunk = chunk(page);
        }
        return ((long) WORD.getAndBitwiseOr(chunk, word(page), 1L << page) & 1L << page) == 0;
    }

    /**
     * Takes 64 pages out.
     *
     * @param page a multiple of 64
     * @return those that were in, the first as bit 0
     */
    long take(long page, long mask) {
        long[] chunk = chunk(page);
        return chunk == null ? 0 : (long) WORD.getAndBitwiseAnd(chunk, word(page), ~mask) & mask;
    }

    /** The 64 pages from {@code page} on, a multiple of 64. */
    long get(long page) {
        long[] chunk = chunk(page);
        return chunk == null ? 0 : (long) WORD.getOpaque(chunk, word(page));
    }

    void remove(long page) {
        take(page & -64, 1L << page);
    }

    void removeAll() {
        Arrays.fill(chunks, null);
    }

    /** Puts the pages from 0 up to {@code pages} in. */
    void addAll(long pages) {
        for (long page = 0; page < pages; page++) {
            add(page);
        }
    }
}

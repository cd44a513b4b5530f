package jkvm.soft.mmu;

import java.util.Arrays;

/**
 * The paging-structure caches (SDM vol. 3, 4.10.3) of {@link PageWalker}: where the tables of the two lowest levels
 * stand, by the linear addresses that they translate. Tables of eight-byte entries only. Holds what a walk that
 * succeeded has used, so that the accessed bits above are set. Belongs to its vCPU's thread.
 */
final class PagingStructureCache {
    /** Bits of a linear address below the index into the lowest table. */
    static final int LOWEST = 12;
    private static final int SECOND = 21, INDEX_BITS = 9, ENTRIES = 64;

    /** The part of the linear address above the index; -1 for none. The second level follows the lowest. */
    private final long[] tags = new long[2 * ENTRIES];
    private final long[] hosts = new long[2 * ENTRIES];
    private final long[] allRights = new long[2 * ENTRIES];
    private final boolean[] allWritable = new boolean[2 * ENTRIES];
    private boolean empty;

    /** After {@link #find}: the table's host address, whether it is in writable memory, the rights above it. */
    long host;
    boolean writable;
    long rights;

    PagingStructureCache() {
        flush();
    }

    static boolean keeps(int shift) {
        return shift <= SECOND;
    }

    private static int index(long tag, int shift) {
        return (int) tag & ENTRIES - 1 | (shift == LOWEST ? 0 : ENTRIES);
    }

    /** Looks for the table whose index begins at bit {@code shift} of the address. */
    boolean find(long linear, int shift) {
        long tag = linear >>> shift + INDEX_BITS;
        int i = index(tag, shift);
        if (tags[i] != tag) {
            return false;
        }
        host = hosts[i];
        writable = allWritable[i];
        rights = allRights[i];
        return true;
    }

    void put(long linear, int shift, long tableHost, boolean isWritable, long rightsAbove) {
        long tag = linear >>> shift + INDEX_BITS;
        int i = index(tag, shift);
        tags[i] = tag;
        hosts[i] = tableHost;
        allWritable[i] = isWritable;
        allRights[i] = rightsAbove;
        empty = false;
    }

    void flush() {
        if (!empty) {
            Arrays.fill(tags, -1);
            empty = true;
        }
    }
}

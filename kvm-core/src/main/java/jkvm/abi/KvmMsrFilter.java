package jkvm.abi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct kvm_msr_filter}: which model-specific registers the guest may use (KVM API 4.97,
 * KVM_X86_SET_MSR_FILTER). Up to 16 ranges; those without a bitmap are not in use.
 */
public final class KvmMsrFilter extends KvmStruct {
    public static final long SIZE = 392;
    public static final long FLAGS_OFFSET = 0;
    public static final long RANGES_OFFSET = 8;
    /** Flag: what no range names is denied; without it, allowed. */
    public static final int DEFAULT_DENY = 1;
    /** Flags of a range: it rules reads, writes. */
    public static final int READ = 1, WRITE = 2;
    public static final int MAX_RANGES = 16;
    public static final long RANGE_SIZE = 24;
    public static final long RANGE_FLAGS_OFFSET = 0;
    public static final long RANGE_NMSRS_OFFSET = 4;
    public static final long RANGE_BASE_OFFSET = 8;
    public static final long RANGE_BITMAP_OFFSET = 16;
    /** Holds the bitmaps, as long as this object lives. */
    private final Arena bitmaps = Arena.ofAuto();

    /** A zeroed struct in memory of its own. */
    public KvmMsrFilter() {
        super(allocate(SIZE));
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    /**
     * Sets range {@code i}, 0 to 15.
     *
     * @param rangeFlags READ, WRITE or both
     * @param base       the first register
     * @param count      how many registers
     * @param allowed    one bit per register from bit 0 of the first byte on; a set bit allows
     */
    public void range(int i, int rangeFlags, int base, int count, byte[] allowed) {
        if (count <= 0 || allowed.length < (count + 7) / 8) {
            throw new IllegalArgumentException(count + " registers, bitmap of " + allowed.length + " bytes");
        }
        long offset = element(RANGES_OFFSET, i, MAX_RANGES, RANGE_SIZE);
        MemorySegment bitmap = bitmaps.allocate(allowed.length, 8);
        MemorySegment.copy(MemorySegment.ofArray(allowed), 0, bitmap, 0, allowed.length);
        setInt(offset + RANGE_FLAGS_OFFSET, rangeFlags);
        setInt(offset + RANGE_NMSRS_OFFSET, count);
        setInt(offset + RANGE_BASE_OFFSET, base);
        setLong(offset + RANGE_BITMAP_OFFSET, bitmap.address());
    }
}

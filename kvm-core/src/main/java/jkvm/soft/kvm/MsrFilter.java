package jkvm.soft.kvm;

import java.util.Arrays;
import jkvm.abi.KvmMsrFilter;

/** Which model-specific registers a guest may read and write (KVM API 4.97). Does not change. */
final class MsrFilter {
    private record Range(int flags, int base, int count, byte[] allowed) {
        boolean holds(int index, int access) {
            return (flags & access) != 0 && Integer.compareUnsigned(index - base, count) < 0;
        }

        boolean allows(int index) {
            int bit = index - base;
            return (allowed[bit >>> 3] & 1 << (bit & 7)) != 0;
        }
    }

    private static final int MAX_COUNT = 0x600 * 8;

    private final boolean defaultAllow;
    private final Range[] ranges;

    private MsrFilter(boolean defaultAllow, Range[] ranges) {
        this.defaultAllow = defaultAllow;
        this.ranges = ranges;
    }

    /**
     * Reads the struct of KVM_X86_SET_MSR_FILTER; null where there are no ranges: no filter.
     *
     * @throws Refused for flags, ranges or bitmaps that KVM refuses, too
     */
    static MsrFilter read(long address, ProcessMemory memory) throws Refused {
        int flags = ProcessMemory.getInt(address + KvmMsrFilter.FLAGS_OFFSET);
        if ((flags & ~KvmMsrFilter.DEFAULT_DENY) != 0) {
            throw new Refused(NegatedErrno.EINVAL);
        }
        Range[] ranges = new Range[KvmMsrFilter.MAX_RANGES];
        int count = 0;
        for (int i = 0; i < KvmMsrFilter.MAX_RANGES; i++) {
            long entry = address + KvmMsrFilter.RANGES_OFFSET + i * KvmMsrFilter.RANGE_SIZE;
            if (ProcessMemory.getInt(entry + KvmMsrFilter.RANGE_NMSRS_OFFSET) != 0) {
                ranges[count++] = range(entry, memory);
            }
        }
        boolean deny = (flags & KvmMsrFilter.DEFAULT_DENY) != 0;
        if (deny && count == 0) {
            throw new Refused(NegatedErrno.EINVAL);
        }
        return count == 0 ? null : new MsrFilter(!deny, Arrays.copyOf(ranges, count));
    }

    private static Range range(long entry, ProcessMemory memory) throws Refused {
        int flags = ProcessMemory.getInt(entry + KvmMsrFilter.RANGE_FLAGS_OFFSET);
        int count = ProcessMemory.getInt(entry + KvmMsrFilter.RANGE_NMSRS_OFFSET);
        if (flags == 0 || (flags & ~(KvmMsrFilter.READ | KvmMsrFilter.WRITE)) != 0
                || Integer.compareUnsigned(count, MAX_COUNT) > 0) {
            throw new Refused(NegatedErrno.EINVAL);
        }
        long bitmap = ProcessMemory.getLong(entry + KvmMsrFilter.RANGE_BITMAP_OFFSET);
        byte[] allowed = new byte[(count + 7) / 8];
        if (!memory.isReadable(bitmap, allowed.length)) {
            throw new Refused(NegatedErrno.EFAULT);
        }
        for (int i = 0; i < allowed.length; i++) {
            allowed[i] = ProcessMemory.getByte(bitmap + i);
        }
        return new Range(flags, ProcessMemory.getInt(entry + KvmMsrFilter.RANGE_BASE_OFFSET), count, allowed);
    }

    /** True if the guest may. The x2APIC's registers are never filtered. */
    boolean allows(int index, boolean write) {
        if (index >= 0x800 && index <= 0x8FF) {
            return true;
        }
        int access = write ? KvmMsrFilter.WRITE : KvmMsrFilter.READ;
        for (Range range : ranges) {
            if (range.holds(index, access)) {
                return range.allows(index);
            }
        }
        return defaultAllow;
    }
}

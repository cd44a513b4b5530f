package jkvm.soft.kvm;

import jkvm.abi.KvmDirtyGfn;

/** Which pages a VM's guest wrote: bitmaps of slots (KVM API 4.8, 4.117), or a ring of each vCPU (KVM API 8.29). */
final class DirtyLog {
    /** Largest ring, in bytes. */
    static final int MAX_RING_SIZE = 65536 * (int) KvmDirtyGfn.SIZE;
    /** Bits of KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2. */
    static final int MANUAL = 1, INITIALLY_SET = 2;
    private static final int PAGES_PER_WORD = 64;

    private final SoftVm vm;
    private volatile int manual;
    private volatile int ringSize;

    DirtyLog(SoftVm vm) {
        this.vm = vm;
    }

    boolean isInitiallySet() {
        return (manual & INITIALLY_SET) != 0;
    }

    /** Bytes of each vCPU's ring; zero without rings. */
    int ringSize() {
        return ringSize;
    }

    /** KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2. */
    long enableManual(long mode) {
        if (mode != 0 && mode != MANUAL && mode != (MANUAL | INITIALLY_SET)) {
            return NegatedErrno.EINVAL;
        }
        manual = (int) mode;
        return 0;
    }

    /** KVM_CAP_DIRTY_LOG_RING. */
    long enableRings(long size) {
        if (size == 0 || (size & size - 1) != 0 || size < ProcessMemory.PAGE) {
            return NegatedErrno.EINVAL;
        }
        if (size > MAX_RING_SIZE) {
            return NegatedErrno.E2BIG;
        }
        if (ringSize != 0 || vm.hasVcpus()) {
            return NegatedErrno.EINVAL;
        }
        ringSize = (int) size;
        return 0;
    }

    private static boolean isNumber(int id) {
        return Integer.compareUnsigned(id, MemorySlots.MAX_SLOTS) < 0;
    }

    /** KVM_GET_DIRTY_LOG: copies the bitmap, and begins a new interval unless that is KVM_CLEAR_DIRTY_LOG's. */
    synchronized long get(int id, long bitmap) {
        if (ringSize != 0) {
            return NegatedErrno.ENXIO;
        }
        if (!isNumber(id)) {
            return NegatedErrno.EINVAL;
        }
        MemorySlot slot = vm.memory().byId(id);
        if (slot == null || slot.dirty == null) {
            return NegatedErrno.ENOENT;
        }
        long words = (slot.pages() + PAGES_PER_WORD - 1) / PAGES_PER_WORD;
        if (!vm.kvm.hostMemory().isWritable(bitmap, words * Long.BYTES)) {
            return NegatedErrno.EFAULT;
        }
        long any = 0;
        for (long i = 0; i < words; i++) {
            long word = manual != 0 ? slot.dirty.get(i * PAGES_PER_WORD) : slot.dirty.take(i * PAGES_PER_WORD, -1);
            ProcessMemory.setLong(bitmap + i * Long.BYTES, word);
            any |= word;
        }
        if (manual == 0 && any != 0) {
            flush();
        }
        return 0;
    }

    /** KVM_CLEAR_DIRTY_LOG: begins a new interval for the pages that have a bit set. */
    synchronized long clear(int id, long firstPage, int pageCount, long bitmap) {
        if (ringSize != 0) {
            return NegatedErrno.ENXIO;
        }
        if (!isNumber(id) || (firstPage & PAGES_PER_WORD - 1) != 0) {
            return NegatedErrno.EINVAL;
        }
        MemorySlot slot = vm.memory().byId(id);
        if (slot == null || slot.dirty == null) {
            return NegatedErrno.ENOENT;
        }
        long count = Integer.toUnsignedLong(pageCount);
        long left = slot.pages() - firstPage;
        if (firstPage < 0 || left < 0 || count > left || count < left && (count & PAGES_PER_WORD - 1) != 0) {
            return NegatedErrno.EINVAL;
        }
        long words = (count + PAGES_PER_WORD - 1) / PAGES_PER_WORD;
        if (!vm.kvm.hostMemory().isReadable(bitmap, words * Long.BYTES)) {
            return NegatedErrno.EFAULT;
        }
        long any = 0;
        for (long i = 0; i < words; i++) {
            any |= slot.dirty.take(firstPage + i * PAGES_PER_WORD, ProcessMemory.getLong(bitmap + i * Long.BYTES));
        }
        if (any != 0) {
            flush();
        }
        return 0;
    }

    /** Drops the vCPUs' translations, so that each later write is logged. Earlier writes are in the log. */
    private void flush() {
        vm.memory().begin();
        vm.memory().end();
    }

    /**
     * KVM_RESET_DIRTY_RINGS: frees the collected entries.
     *
     * @return how many, or a negated errno
     */
    synchronized long resetRings() {
        if (ringSize == 0) {
            return NegatedErrno.EINVAL;
        }
        vm.memory().begin();
        try {
            int count = 0;
            for (SoftVcpu vcpu : vm.vcpus()) {
                count += vcpu.dirtyRing().reset(vm.memory());
            }
            return count;
        } finally {
            vm.memory().end();
        }
    }
}

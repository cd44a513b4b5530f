package jkvm.soft.kvm;

import jkvm.abi.KvmDirtyGfn;

/**
 * A vCPU's end of its dirty ring, in memory that it shares with user space. Written on the vCPU's thread; reset while
 * the vCPU is outside the guest.
 */
final class DirtyRingWriter {
    /** Entries that are kept free for pages that a vCPU still writes before it exits. */
    private static final int RESERVED = 64;

    private final long address;
    private final int entries;
    private int next;
    private int oldest;

    /** @param size in bytes, a power of two */
    DirtyRingWriter(long address, int size) {
        this.address = address;
        this.entries = size / (int) KvmDirtyGfn.SIZE;
    }

    /** True if user space has to collect before the guest goes on. */
    boolean isSoftFull() {
        return next - oldest >= entries - RESERVED;
    }

    boolean isFull() {
        return next - oldest >= entries;
    }

    void add(int slotId, long page) {
        long entry = entry(next++);
        ProcessMemory.setInt(entry + KvmDirtyGfn.SLOT_OFFSET, slotId);
        ProcessMemory.setLong(entry + KvmDirtyGfn.OFFSET_OFFSET, page);
        ProcessMemory.setIntRelease(entry + KvmDirtyGfn.FLAGS_OFFSET, KvmDirtyGfn.DIRTY);
    }

    /**
     * Frees the entries that user space has collected, and lets their pages be logged again.
     *
     * @return how many
     */
    int reset(MemorySlots memory) {
        int count = 0;
        while (oldest != next) {
            long entry = entry(oldest);
            if ((ProcessMemory.getIntAcquire(entry + KvmDirtyGfn.FLAGS_OFFSET) & KvmDirtyGfn.RESET) == 0) {
                break;
            }
            // User space may have changed the entry: the slot may not exist, the page may lie beyond it.
            int id = ProcessMemory.getInt(entry + KvmDirtyGfn.SLOT_OFFSET);
            long page = ProcessMemory.getLong(entry + KvmDirtyGfn.OFFSET_OFFSET);
            MemorySlot slot = memory.byId(id);
            if (slot != null && slot.dirty != null && page >= 0 && page < slot.pages()) {
                slot.dirty.remove(page);
            }
            ProcessMemory.setIntRelease(entry + KvmDirtyGfn.FLAGS_OFFSET, 0);
            oldest++;
            count++;
        }
        return count;
    }

    private long entry(int index) {
        return address + (index & entries - 1) * KvmDirtyGfn.SIZE;
    }
}

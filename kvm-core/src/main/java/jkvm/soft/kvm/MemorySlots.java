package jkvm.soft.kvm;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.memory.MissingPages;

/**
 * The memory slots of a VM, and the changes to them. A change takes all vCPUs out of the guest first, waits until they
 * are, and lets them in again afterwards without the translations that they had: so no vCPU ever touches memory through
 * a slot that no longer exists, or pages that the process has given back.
 *
 * <p>Locking: a thread that changes slots holds {@link #lock}. It takes it with no other lock held and outside the
 * guest; a vCPU that enters the guest meanwhile waits for it.
 */
final class MemorySlots {
    /**
     * Slots of the one address space: the upper half of a slot's number, which would name system management mode's, is
     * zero here.
     */
    static final int MAX_SLOTS = 32764;
    /** Guest physical addresses that a slot may have. */
    static final int ADDRESS_BITS = 40;
    private static final long MAX_PAGES = (1L << 31) - 1;
    private static final long PAGE_OFFSET = ProcessMemory.PAGE - 1;
    private static final int FLAGS = KvmUserspaceMemoryRegion.LOG_DIRTY_PAGES | KvmUserspaceMemoryRegion.READONLY;

    private final ReentrantLock lock = new ReentrantLock();
    private final SoftVm vm;
    /** Sorted by address and never changed, only replaced. */
    private volatile MemorySlot[] slots = {};
    private volatile boolean everUsed;
    private volatile boolean stopping;
    /** Counts changes: a vCPU that knows an older number has to forget its translations. */
    private volatile int generation;
    /** Pages that the guest waits for; null for none. */
    private volatile MissingPages missing;

    MemorySlots(SoftVm vm) {
        this.vm = vm;
    }

    /** False until the first slot: KVM_RUN needs one to have been there. */
    boolean wasEverUsed() {
        return everUsed;
    }

    /** True while a vCPU must not enter the guest: see {@link #awaitChange()}. */
    boolean isChanging() {
        return stopping;
    }

    int generation() {
        return generation;
    }

    /** Waits until the change that is going on is complete. */
    @SuppressWarnings("LockNotBeforeTry")   // nothing is done under the lock
    void awaitChange() {
        lock.lock();
        lock.unlock();
    }

    /** The pages that the guest waits for; null for none. */
    MissingPages missing() {
        return missing;
    }

    /** The guest waits for these pages from now on; null for none any more. */
    void await(MissingPages pages) {
        begin();
        try {
            missing = pages;
        } finally {
            end();
        }
    }

    /** Begins a change: returns when no vCPU is inside the guest. {@link #end()} follows on the same thread. */
    void begin() {
        lock.lock();
        if (lock.getHoldCount() == 1) {
            stopping = true;
            vm.takeVcpusOut();
        }
    }

    void end() {
        if (lock.getHoldCount() == 1) {
            generation++;
            stopping = false;
        }
        lock.unlock();
    }

    /** The slot that holds an address, or null. */
    MemorySlot find(long gpa) {
        MemorySlot[] sorted = slots;
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            MemorySlot slot = sorted[middle];
            if (gpa < slot.start) {
                high = middle - 1;
            } else if (gpa - slot.start >= slot.size) {
                low = middle + 1;
            } else {
                return slot;
            }
        }
        return null;
    }

    /** The slot of a number; null if there is none. */
    MemorySlot byId(int id) {
        for (MemorySlot slot : slots) {
            if (slot.id == id) {
                return slot;
            }
        }
        return null;
    }

    /** True if a slot lies in this range of the process's memory. */
    boolean overlaps(long address, long length) {
        for (MemorySlot slot : slots) {
            if (address < slot.hostAddress + slot.size && slot.hostAddress < address + length) {
                return true;
            }
        }
        return false;
    }

    /** Forgets what is known about the process's memory in this range, as its mapping may change. During a change. */
    void forget(long address, long length) {
        for (MemorySlot slot : slots) {
            if (address < slot.hostAddress + slot.size && slot.hostAddress < address + length) {
                slot.forget(address, length);
            }
        }
    }

    /**
     * KVM_SET_USER_MEMORY_REGION: creates, moves, changes or deletes a slot.
     *
     * @return zero or a negated errno
     */
    long setRegion(int id, int flags, long gpa, long size, long hostAddress) {
        if ((flags & ~FLAGS) != 0 || ((gpa | size | hostAddress) & PAGE_OFFSET) != 0
                || Long.compareUnsigned(hostAddress, ProcessMemory.USER_END + ProcessMemory.PAGE) >= 0
                || Long.compareUnsigned(size, ProcessMemory.USER_END + ProcessMemory.PAGE - hostAddress) > 0
                || Integer.compareUnsigned(id, MAX_SLOTS) >= 0 || Long.compareUnsigned(gpa + size, gpa) < 0
                || size / ProcessMemory.PAGE > MAX_PAGES) {
            return NegatedErrno.EINVAL;
        }
        begin();
        try {
            MemorySlot old = byId(id);
            return size == 0 ? delete(old) : place(old, id, flags, gpa, size, hostAddress);
        } finally {
            end();
        }
    }

    private long delete(MemorySlot old) {
        if (old == null) {
            return NegatedErrno.EINVAL;
        }
        replace(old, null);
        return 0;
    }

    private long place(MemorySlot old, int id, int flags, long gpa, long size, long hostAddress) {
        if (old != null && (old.hostAddress != hostAddress || old.size != size
                || ((old.flags ^ flags) & KvmUserspaceMemoryRegion.READONLY) != 0)) {
            return NegatedErrno.EINVAL;
        }
        if (old != null && old.start == gpa && old.flags == flags) {
            return 0;
        }
        if (old == null || old.start != gpa) {
            for (MemorySlot other : slots) {
                if (other != old && gpa < other.end() && other.start < gpa + size) {
                    return NegatedErrno.EEXIST;
                }
            }
            if (gpa + size > 1L << ADDRESS_BITS || gpa < 0) {
                return NegatedErrno.EINVAL;
            }
        }
        MemorySlot slot = old == null ? MemorySlot.create(id, gpa, size, hostAddress, flags) : old.changed(gpa, flags);
        if (slot.dirty != null && (old == null || old.dirty == null) && vm.dirtyLog().isInitiallySet()) {
            slot.dirty.addAll(slot.pages());
        }
        replace(old, slot);
        everUsed = true;
        return 0;
    }

    private void replace(MemorySlot old, MemorySlot slot) {
        MemorySlot[] before = slots;
        MemorySlot[] after = new MemorySlot[before.length + (slot != null ? 1 : 0) - (old != null ? 1 : 0)];
        int count = 0;
        for (MemorySlot one : before) {
            if (one != old) {
                after[count++] = one;
            }
        }
        if (slot != null) {
            after[count] = slot;
        }
        Arrays.sort(after, (a, b) -> Long.compare(a.start, b.start));
        slots = after;
    }
}

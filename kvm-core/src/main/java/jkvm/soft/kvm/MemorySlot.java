package jkvm.soft.kvm;

import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.soft.mmu.Interruption;

/**
 * A memory slot: guest physical pages and the memory of this process that backs them (KVM API 4.35). Does not
 * change but for its sets of pages.
 */
final class MemorySlot {
    final int id;
    /** First guest physical address; size in bytes, not zero. */
    final long start, size;
    final long hostAddress;
    final int flags;
    /** Pages written since the last look; null where writes are not logged. */
    final PageSet dirty;
    /** Pages known to be readable and writable in this process, so that they are asked for once only. */
    private final PageSet readable, writable;

    private MemorySlot(int id, long start, long size, long hostAddress, int flags, PageSet dirty, PageSet readable,
            PageSet writable) {
        this.id = id;
        this.start = start;
        this.size = size;
        this.hostAddress = hostAddress;
        this.flags = flags;
        this.dirty = dirty;
        this.readable = readable;
        this.writable = writable;
    }

    static MemorySlot create(int id, long start, long size, long hostAddress, int flags) {
        long pages = size / ProcessMemory.PAGE;
        PageSet dirty = (flags & KvmUserspaceMemoryRegion.LOG_DIRTY_PAGES) == 0 ? null : new PageSet(pages);
        return new MemorySlot(id, start, size, hostAddress, flags, dirty, new PageSet(pages), new PageSet(pages));
    }

    /** The same memory at another place or with its log switched on or off; a log that stays on is kept. */
    MemorySlot changed(long newStart, int newFlags) {
        PageSet log = (newFlags & KvmUserspaceMemoryRegion.LOG_DIRTY_PAGES) == 0 ? null
                : dirty != null ? dirty : new PageSet(pages());
        return new MemorySlot(id, newStart, size, hostAddress, newFlags, log, readable, writable);
    }

    long pages() {
        return size / ProcessMemory.PAGE;
    }

    long end() {
        return start + size;
    }

    boolean isReadOnly() {
        return (flags & KvmUserspaceMemoryRegion.READONLY) != 0;
    }

    boolean contains(long gpa) {
        return gpa >= start && gpa - start < size;
    }

    /**
     * The host address of a page.
     *
     * @throws Interruption if the host has nothing readable there
     */
    long readablePage(long page, ProcessMemory host) {
        return checked(page, readable, false, host);
    }

    /**
     * The host address of a page.
     *
     * @throws Interruption if the host has nothing writable there
     */
    long writablePage(long page, ProcessMemory host) {
        return checked(page, writable, true, host);
    }

    private long checked(long page, PageSet known, boolean write, ProcessMemory host) {
        long address = hostAddress + page * ProcessMemory.PAGE;
        if (!known.contains(page)) {
            if (address >= ProcessMemory.USER_END || !host.isPageAccessible(address, write)) {
                throw Interruption.HOST_FAULT;
            }
            known.add(page);
            if (write) {
                readable.add(page);
            }
        }
        return address;
    }

    /** Forgets what is known about the process's memory in this range, as its mapping may change. */
    void forget(long address, long length) {
        long first = Math.max(0, address - hostAddress) / ProcessMemory.PAGE;
        long end = Math.min(size, address + length - hostAddress);
        if (first == 0 && end == size) {
            readable.removeAll();
            writable.removeAll();
            return;
        }
        for (long page = first; page * ProcessMemory.PAGE < end; page++) {
            readable.remove(page);
            writable.remove(page);
        }
    }
}

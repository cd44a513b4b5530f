package jkvm.vm;

import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.memory.DirtyTracking;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.memory.PageBitmap;

/**
 * The memory slots of a VM, and the log of the writes of its vCPUs to those that are guest RAM: while there is a
 * tracking these slots have the flag LOG_DIRTY_PAGES, also those that are set meanwhile.
 *
 * <p>Locking: its monitor guards all; nothing but KVM is called with it held.
 */
final class RamLog implements DirtyTracking.VcpuWrites {
    private static final int LOG = KvmUserspaceMemoryRegion.LOG_DIRTY_PAGES;

    private final Vm vm;
    private final List<Slot> slots = new ArrayList<>();
    /** Null while nobody tracks writes. */
    private GuestMemory memory;
    /** Written through slots that are gone. */
    private PageBitmap lost;

    RamLog(Vm vm) {
        this.vm = vm;
    }

    /** A slot as its owner has set it. */
    private static final class Slot {
        final int number;
        final int flags;
        final long guestAddress;
        final long size;
        final long hostAddress;
        /** Null while its log is not read here. */
        VmDirtyLog.Reader log;
        /** Of the memory's pages, the one that the slot begins with. */
        long firstPage;

        Slot(int number, int flags, long guestAddress, long size, long hostAddress) {
            this.number = number;
            this.flags = flags;
            this.guestAddress = guestAddress;
            this.size = size;
            this.hostAddress = hostAddress;
        }
    }

    /** Sets a slot; a size of zero removes it. */
    synchronized void set(int number, int flags, long guestAddress, long size, long hostAddress) {
        Slot old = slot(number);
        if (old != null && old.log != null) {
            collect(old, lost);
        }
        Slot slot = new Slot(number, flags, guestAddress, size, hostAddress);
        boolean logs = size > 0 && findMemory(slot);
        vm.setSlot(number, logs ? flags | LOG : flags, guestAddress, size, hostAddress);
        slots.remove(old);
        if (size > 0) {
            slots.add(slot);
        }
        if (logs) {
            slot.log = vm.dirtyLog().reader(number, size / PageBitmap.PAGE);
        }
    }

    private Slot slot(int number) {
        for (Slot slot : slots) {
            if (slot.number == number) {
                return slot;
            }
        }
        return null;
    }

    /** True for a slot of tracked memory that the guest can write to. */
    private boolean findMemory(Slot slot) {
        if (memory == null || (slot.flags & KvmUserspaceMemoryRegion.READONLY) != 0) {
            return false;
        }
        for (MemoryRegion region : memory.regions()) {
            long offset = slot.hostAddress - region.hostAddress();
            if (offset >= 0 && offset + slot.size <= region.size()) {
                slot.firstPage = lost.page(region.start() + offset);
                return true;
            }
        }
        return false;
    }

    @Override
    public synchronized void start(GuestMemory tracked) {
        memory = tracked;
        lost = new PageBitmap(tracked);
        // Setting a slot moves it to the end of the list.
        for (Slot slot : List.copyOf(slots)) {
            set(slot.number, slot.flags, slot.guestAddress, slot.size, slot.hostAddress);
        }
    }

    @Override
    public synchronized void stop() {
        memory = null;
        for (Slot slot : slots) {
            if (slot.log != null && !vm.isClosed()) {
                slot.log = null;
                vm.setSlot(slot.number, slot.flags, slot.guestAddress, slot.size, slot.hostAddress);
            }
        }
        lost = null;
    }

    @Override
    public synchronized void collect(PageBitmap into) {
        lost.moveTo(into);
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).log != null) {
                collect(slots.get(i), into);
            }
        }
    }

    private static void collect(Slot slot, PageBitmap into) {
        into.addBits(slot.firstPage, slot.log.read());
    }
}

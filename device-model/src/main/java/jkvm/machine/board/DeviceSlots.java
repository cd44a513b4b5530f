package jkvm.machine.board;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.bus.MemoryHandler;
import jkvm.device.board.DeviceMemory;
import jkvm.linux.LinuxException;
import jkvm.linux.Mapping;
import jkvm.vm.Vm;
import jkvm.vm.VmDirtyLog;

/**
 * The memory slots of devices. A range of plain memory becomes a slot while accesses would see all of it: one that lies
 * over RAM, a ROM, a chip of KVM, or below another device's registers stays with its handler, since KVM asks its slots
 * first. The slots follow each change of the address space. Any thread may call.
 *
 * <p>Its monitor is taken with that of the address space, or of a device, held; nothing but KVM is called under it.
 */
public final class DeviceSlots {
    private static final Logger LOG = System.getLogger(DeviceSlots.class.getName());
    /** After those of RAM and firmware. */
    private static final int FIRST_SLOT = 256;
    private static final long PAGE = DeviceMemory.PAGE_SIZE;

    private final Vm vm;
    private final List<Slot> slots = new ArrayList<>();
    private final List<Memory> memories = new ArrayList<>();
    private AddressSpace space;
    private List<AddressRange> fixed = List.of();

    public DeviceSlots(Vm vm) {
        this.vm = vm;
    }

    /** A place of a device's memory, and where it is mapped. */
    private static final class Slot {
        final int number;
        final MemoryHandler handler;
        /** Null while the handler takes the accesses. */
        AddressRange mapped;
        VmDirtyLog.Reader log;

        Slot(int number, MemoryHandler handler) {
            this.number = number;
            this.handler = handler;
        }
    }

    /** A device's memory with the pages that were written through slots that are gone. */
    private final class Memory implements DeviceMemory {
        private final MemorySegment segment;
        private final long[] lost;

        Memory(MemorySegment segment) {
            this.segment = segment;
            this.lost = new long[(int) (segment.byteSize() / PAGE / Long.SIZE) + 1];
        }

        @Override
        public MemorySegment memory() {
            return segment;
        }

        boolean contains(MemorySegment part) {
            return part.address() >= segment.address()
                    && part.address() + part.byteSize() <= segment.address() + segment.byteSize();
        }

        @Override
        public void collectWrites(long[] pages) {
            synchronized (DeviceSlots.this) {
                for (int i = 0; i < slots.size(); i++) {
                    collect(slots.get(i), this);
                }
                for (int i = 0; i < pages.length; i++) {
                    pages[i] |= lost[i];
                    lost[i] = 0;
                }
            }
        }
    }

    /**
     * Follows an address space.
     *
     * @param ranges where KVM has RAM, ROM and chips for good
     */
    void follow(AddressSpace memory, List<AddressRange> ranges) {
        space = memory;
        fixed = List.copyOf(ranges);
        memory.onChange(this::update);
        update();
    }

    /** Allocates memory for as long as the VM lives. */
    DeviceMemory allocate(String device, long size) {
        Memory memory = new Memory(Mapping.map(vm.syscalls(), vm.arena(), size,
                Mapping.MAP_PRIVATE | Mapping.MAP_ANONYMOUS | Mapping.MAP_NORESERVE, -1, 0, "memory of " + device));
        synchronized (this) {
            memories.add(memory);
        }
        return memory;
    }

    private synchronized void update() {
        List<AddressSpace.Plain> plain = space.plainRanges();
        for (AddressSpace.Plain range : plain) {
            if (slots.stream().noneMatch(slot -> slot.handler == range.handler())) {
                slots.add(new Slot(FIRST_SLOT + slots.size(), range.handler()));
            }
        }
        for (Slot slot : slots) {
            AddressRange target = place(slot, plain);
            if (slot.mapped != null && !slot.mapped.equals(target)) {
                unmap(slot);
            }
        }
        for (Slot slot : slots) {
            AddressRange target = place(slot, plain);
            if (slot.mapped == null && target != null) {
                map(slot, target);
            }
        }
    }

    /** Where the slot belongs now, null if nowhere. */
    private AddressRange place(Slot slot, List<AddressSpace.Plain> plain) {
        for (AddressSpace.Plain range : plain) {
            if (range.handler() == slot.handler) {
                return isFree(range.range()) && isOfPages(range.range(), slot.handler) ? range.range() : null;
            }
        }
        return null;
    }

    private boolean isFree(AddressRange range) {
        for (AddressRange taken : fixed) {
            if (range.start() < taken.end() && taken.start() < range.end()) {
                return false;
            }
        }
        return true;
    }

    private boolean isOfPages(AddressRange range, MemoryHandler handler) {
        return (range.start() | range.length() | handler.memory().address()) % PAGE == 0
                && memoryOf(handler) != null;
    }

    private Memory memoryOf(MemoryHandler handler) {
        for (Memory memory : memories) {
            if (memory.contains(handler.memory())) {
                return memory;
            }
        }
        return null;
    }

    private void map(Slot slot, AddressRange target) {
        try {
            vm.setMemoryRegion(slot.number, KvmUserspaceMemoryRegion.LOG_DIRTY_PAGES, target.start(), target.length(),
                    slot.handler.memory().address());
            slot.mapped = target;
            slot.log = vm.dirtyLog().reader(slot.number, target.length() / PAGE);
        } catch (LinuxException e) {
            LOG.log(Level.DEBUG, "device memory at 0x{0} stays with the device: {1}",
                    Long.toHexString(target.start()), e.getMessage());
        }
    }

    private void unmap(Slot slot) {
        collect(slot, memoryOf(slot.handler));
        vm.setMemoryRegion(slot.number, 0, slot.mapped.start(), 0, 0);
        slot.mapped = null;
        slot.log = null;
    }

    /** Takes the slot's log over into that of its memory. */
    private void collect(Slot slot, Memory memory) {
        if (slot.mapped == null || !memory.contains(slot.handler.memory())) {
            return;
        }
        MemorySegment bitmap = slot.log.read();
        long first = (slot.handler.memory().address() - memory.segment.address()) / PAGE;
        int shift = (int) (first % Long.SIZE);
        for (int i = 0; i < bitmap.byteSize() / Long.BYTES; i++) {
            long word = bitmap.getAtIndex(ValueLayout.JAVA_LONG, i);
            int to = (int) (first / Long.SIZE) + i;
            if (word != 0) {
                memory.lost[to] |= word << shift;
                if (shift != 0) {
                    memory.lost[to + 1] |= word >>> Long.SIZE - shift;
                }
            }
        }
    }
}

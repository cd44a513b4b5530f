package jkvm.machine.board;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.boot.RawFile;
import jkvm.bus.AddressRange;
import jkvm.device.platform.ShadowMemory;
import jkvm.linux.Mapping;
import jkvm.machine.facts.MemoryRange;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.tables.MemoryMap;
import jkvm.vm.Vm;

/**
 * The firmware's ROM and the guest's memory as a machine with firmware sees it: RAM with the chipset's holes, and the
 * ROM below 4 GiB and below 1 MiB. Where KVM has no read-only memory the guest can write to its ROM, until the next
 * reset.
 */
public final class Firmware implements ShadowMemory.Mapper {
    private static final long FOUR_GIB = 1L << 32;
    private static final long MIB = 1 << 20;
    private static final int LOW_SLOT = 0;
    private static final int EXTENDED_SLOT = 1;
    private static final int ROM_SLOT = 2;
    private static final int FIRST_SHADOW_SLOT = 3;
    private static final int FIRST_HIGH_SLOT = FIRST_SHADOW_SLOT + ShadowMemory.AREAS;
    private static final int ALL_ENABLED = 0x33;

    private final Vm vm;
    private final GuestMemory memory;
    private final byte[] image;
    private final MemorySegment rom;
    private final ShadowMemory shadow;
    private final boolean[] mapped = new boolean[ShadowMemory.AREAS];
    private final int readOnly;

    /** @param image of the ROM, as {@link RawFile#readRom} gives it; the guest has 1 MiB of memory at least */
    public Firmware(byte[] image, Vm vm, GuestMemory memory) {
        this.vm = vm;
        this.memory = memory;
        this.image = image;
        rom = Mapping.map(vm.syscalls(), vm.arena(), image.length, Mapping.MAP_PRIVATE | Mapping.MAP_ANONYMOUS, -1, 0,
                "the firmware's ROM");
        readOnly = vm.checkExtension(KvmCap.READONLY_MEM) > 0 ? KvmUserspaceMemoryRegion.READONLY : 0;
        shadow = new ShadowMemory(memory, rom, this);
        restore();
    }

    /** Size and checksum, by which one differs from another. */
    String description() {
        CRC32C sum = new CRC32C();
        sum.update(image);
        return "%d bytes with checksum %08x".formatted(image.length, sum.getValue());
    }

    /** The memory that the guest sees from 0xC0000 to 1 MiB. */
    ShadowMemory shadow() {
        return shadow;
    }

    /**
     * Gives the guest its memory and the ROM, in place of {@link Vm#setMemory}.
     *
     * @param hasPam true with a PCI host bridge
     */
    public void mapMemory(boolean hasPam) {
        long lowSize = MemoryMap.CONVENTIONAL_END;
        vm.setMemoryRegion(LOW_SLOT, 0, 0, lowSize, memory.slice(0, lowSize).address());
        if (memory.lowEnd() > MIB) {
            long size = memory.lowEnd() - MIB;
            vm.setMemoryRegion(EXTENDED_SLOT, 0, MIB, size, memory.slice(MIB, size).address());
        }
        int slot = FIRST_HIGH_SLOT;
        for (MemoryRegion region : memory.regions().subList(1, memory.regions().size())) {
            vm.setMemoryRegion(slot++, 0, region.start(), region.size(), region.hostAddress());
        }
        vm.setMemoryRegion(ROM_SLOT, readOnly, FOUR_GIB - image.length, image.length, rom.address());
        for (int i = 0; i < ShadowMemory.PAM_REGISTERS; i++) {
            shadow.setPam(i, hasPam ? 0 : ALL_ENABLED);
        }
    }

    /** RAM and ROM as {@link #mapMemory} lays them out, without the memory that is shadowed. */
    public List<MemoryRange> layout() {
        List<MemoryRange> ranges = new ArrayList<>();
        ranges.add(ram(0, MemoryMap.CONVENTIONAL_END));
        if (memory.lowEnd() > MIB) {
            ranges.add(ram(MIB, memory.lowEnd()));
        }
        for (MemoryRegion region : memory.regions().subList(1, memory.regions().size())) {
            ranges.add(ram(region.start(), region.end()));
        }
        ranges.add(new MemoryRange(new AddressRange(FOUR_GIB - image.length, image.length), MemoryRange.Kind.ROM, ""));
        return ranges;
    }

    private static MemoryRange ram(long start, long end) {
        return new MemoryRange(new AddressRange(start, end - start), MemoryRange.Kind.RAM, "");
    }

    /** The ROM as it was made; the copy below 1 MiB too, for machines that cannot shadow. No vCPU runs. */
    void restore() {
        rom.copyFrom(MemorySegment.ofArray(image));
        int window = Math.min(image.length, ShadowMemory.ROM_WINDOW);
        memory.write(MIB - window, image, image.length - window, window);
    }

    /** Deletes first: KVM changes neither the memory nor the protection of a slot that exists. */
    @Override
    public void map(int area, long start, MemorySegment segment, boolean writable) {
        unmap(area, start);
        int flags = writable ? 0 : readOnly;
        vm.setMemoryRegion(FIRST_SHADOW_SLOT + area, flags, start, segment.byteSize(), segment.address());
        mapped[area] = true;
    }

    @Override
    public void unmap(int area, long start) {
        if (mapped[area]) {
            vm.setMemoryRegion(FIRST_SHADOW_SLOT + area, 0, start, 0, 0);
            mapped[area] = false;
        }
    }
}

package jkvm.tables;

import java.util.ArrayList;
import java.util.List;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.vm.KvmLayout;

/**
 * The guest's memory map as a PC's firmware reports it (ACPI 6.4 section 15, "E820"): ascending, without overlaps.
 * Immutable.
 *
 * @param entries in ascending order of address
 */
public record MemoryMap(List<Entry> entries) {
    /** RAM that the guest may use. */
    public static final int USABLE = 1;
    /** Not to be used. */
    public static final int RESERVED = 2;

    /** Where the extended BIOS data area begins: the last KiB of conventional memory. */
    public static final long EBDA_START = 0x9FC00;
    public static final long CONVENTIONAL_END = 0xA0000;
    /**
     * Where the firmware control structure (FACS) is without firmware of the user's: guests write to it, so that it is
     * not beside the other tables, which are read-only under a BIOS, but at the end of the extended BIOS data area.
     */
    public static final long CONTROL_STRUCTURE = CONVENTIONAL_END - 64;
    /** Where firmware tables lie. */
    public static final long FIRMWARE_START = 0xF0000;
    public static final long FIRMWARE_END = 0x100000;

    /**
     * A range of addresses.
     *
     * @param start  guest physical address
     * @param length in bytes
     * @param type   {@link #USABLE} or {@link #RESERVED}
     */
    public record Entry(long start, long length, int type) {
        /** First address after it. */
        public long end() {
            return start + length;
        }
    }

    public MemoryMap {
        entries = List.copyOf(entries);
    }

    /** The map of a PC with this memory. */
    public static MemoryMap forPc(GuestMemory memory) {
        List<Entry> entries = new ArrayList<>();
        long low = memory.lowEnd();
        add(entries, 0, Math.min(low, EBDA_START), USABLE);
        add(entries, EBDA_START, CONVENTIONAL_END, RESERVED);
        add(entries, FIRMWARE_START, FIRMWARE_END, RESERVED);
        add(entries, FIRMWARE_END, low, USABLE);
        add(entries, KvmLayout.IDENTITY_MAP_ADDRESS, KvmLayout.END, RESERVED);
        List<MemoryRegion> regions = memory.regions();
        for (MemoryRegion region : regions.subList(1, regions.size())) {
            add(entries, region.start(), region.end(), USABLE);
        }
        return new MemoryMap(entries);
    }

    private static void add(List<Entry> entries, long start, long end, int type) {
        if (end > start) {
            entries.add(new Entry(start, end - start, type));
        }
    }

    /** True where all of {@code [start, start + length)} is usable RAM; any values may be given. */
    public boolean isUsable(long start, long length) {
        for (Entry entry : entries) {
            long offset = start - entry.start;
            if (entry.type == USABLE && offset >= 0 && offset <= entry.length && length >= 0
                    && length <= entry.length - offset) {
                return true;
            }
        }
        return false;
    }

    /** First address after the usable RAM that begins at 1 MiB, or 1 MiB if there is none. */
    public long lowEnd() {
        for (Entry entry : entries) {
            if (entry.type == USABLE && entry.start == FIRMWARE_END) {
                return entry.end();
            }
        }
        return FIRMWARE_END;
    }
}

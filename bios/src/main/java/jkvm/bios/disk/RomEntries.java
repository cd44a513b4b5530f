package jkvm.bios.disk;

import java.util.ArrayList;
import java.util.List;
import jkvm.bios.BiosData;

/** The entries of ROMs in guest memory, as they were found before the machine booted. */
final class RomEntries {
    private static final int MAX_ENTRIES = 8;
    private static final int SIZE = 10;
    private static final int KIND_OFFSET = 0;
    private static final int PRIORITY_OFFSET = 2;
    private static final int SEGMENT_OFFSET = 4;
    private static final int ENTRY_OFFSET = 6;
    private static final int NAME_OFFSET = 8;
    /** The bytes of the area, with the number of entries before them. */
    static final int AREA_SIZE = DiskArea.ROM_ENTRIES - DiskArea.ROM_COUNT + MAX_ENTRIES * SIZE;

    private RomEntries() {
    }

    /** Adds one, unless there are many. */
    static void add(BiosData data, BootEntry.Rom rom) {
        int count = count(data);
        if (count == MAX_ENTRIES) {
            return;
        }
        int at = DiskArea.ROM_ENTRIES + count * SIZE;
        data.writeWord(at + KIND_OFFSET, rom.boots() ? 1 : 0);
        data.writeWord(at + PRIORITY_OFFSET, rom.priority());
        data.writeWord(at + SEGMENT_OFFSET, rom.segment());
        data.writeWord(at + ENTRY_OFFSET, rom.entry());
        data.writeWord(at + NAME_OFFSET, rom.name());
        data.writeByte(DiskArea.ROM_COUNT, count + 1);
    }

    /** All entries. */
    static List<BootEntry.Rom> all(BiosData data) {
        List<BootEntry.Rom> entries = new ArrayList<>();
        for (int i = 0; i < count(data); i++) {
            int at = DiskArea.ROM_ENTRIES + i * SIZE;
            entries.add(new BootEntry.Rom(data.readWord(at + KIND_OFFSET) != 0, data.readWord(at + SEGMENT_OFFSET),
                    data.readWord(at + ENTRY_OFFSET), data.readWord(at + NAME_OFFSET),
                    (short) data.readWord(at + PRIORITY_OFFSET)));
        }
        return entries;
    }

    private static int count(BiosData data) {
        return Math.min(data.readByte(DiskArea.ROM_COUNT), MAX_ENTRIES);
    }
}

package jkvm.bios.disk;

import java.util.ArrayList;
import java.util.List;
import jkvm.bios.SegmentedMemory;

/**
 * The header of an option ROM in guest memory, and its "plug and play" expansion headers (BIOS boot specification 1.01,
 * appendix A). The ROM's own code may have written anything there.
 */
final class RomHeader {
    /** Where a ROM's code begins. */
    static final int ENTRY = 3;

    private static final int SIGNATURE = 0xAA55;
    private static final int SIZE_OFFSET = 2;
    private static final int PARAGRAPHS_OF_A_UNIT = 32;
    private static final int PLUG_AND_PLAY_POINTER = 0x1A;
    /** "$PnP". */
    private static final int PLUG_AND_PLAY = 0x506E5024;
    private static final int NEXT_OFFSET = 0x06;
    private static final int NAME_OFFSET = 0x10;
    private static final int CONNECTION_OFFSET = 0x16;
    private static final int EXECUTION_OFFSET = 0x1A;
    private static final int MAX_HEADERS = 8;

    private RomHeader() {
    }

    /** The ROM's size; 0 if there is none. */
    static int paragraphs(SegmentedMemory memory, int segment) {
        return memory.readWord(segment, 0) == SIGNATURE
                ? memory.readByte(segment, SIZE_OFFSET) * PARAGRAPHS_OF_A_UNIT : 0;
    }

    private static int header(SegmentedMemory memory, int segment, int offset) {
        return offset != 0 && memory.readInt(segment, offset) == PLUG_AND_PLAY ? offset : 0;
    }

    /** True if the ROM knows "plug and play": then its code begins before the boot, else as a boot connection. */
    static boolean hasPlugAndPlay(SegmentedMemory memory, int segment) {
        return header(memory, segment, memory.readWord(segment, PLUG_AND_PLAY_POINTER)) != 0;
    }

    /** What the ROM adds to the boot order. */
    static List<BootEntry.Rom> entries(SegmentedMemory memory, int segment, int priority) {
        int header = header(memory, segment, memory.readWord(segment, PLUG_AND_PLAY_POINTER));
        if (header == 0) {
            return List.of(new BootEntry.Rom(false, segment, ENTRY, 0, priority));
        }
        int name = memory.readWord(segment, header + NAME_OFFSET);
        int execution = memory.readWord(segment, header + EXECUTION_OFFSET);
        if (execution != 0) {
            return List.of(new BootEntry.Rom(true, segment, execution, name, priority));
        }
        List<BootEntry.Rom> entries = new ArrayList<>();
        for (int i = 0; i < MAX_HEADERS && header != 0; i++) {
            int connection = memory.readWord(segment, header + CONNECTION_OFFSET);
            if (connection == 0) {
                break;
            }
            entries.add(new BootEntry.Rom(false, segment, connection, memory.readWord(segment, header + NAME_OFFSET),
                    priority));
            header = header(memory, segment, memory.readWord(segment, header + NEXT_OFFSET));
        }
        return entries;
    }

    /** Text that ends with a zero, of at most so many characters; control characters are dropped. */
    static String text(SegmentedMemory memory, int segment, int offset, int max) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < max; i++) {
            int letter = memory.readByte(segment, offset + i);
            if (letter == 0) {
                break;
            }
            if (letter >= ' ' && letter <= '~') {
                text.append((char) letter);
            }
        }
        return text.toString();
    }
}

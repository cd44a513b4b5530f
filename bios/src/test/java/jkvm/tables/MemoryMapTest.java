package jkvm.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.junit.jupiter.api.Test;

class MemoryMapTest {
    private static final int MIB = 1 << 20;

    private final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(2 * MIB)),
            new MemoryRegion(GuestMemory.HOLE_END, Arena.ofAuto().allocate(MIB))));
    private final MemoryMap map = MemoryMap.forPc(memory);

    @Test
    void shouldReportRamAroundTheHoleInAscendingOrder() {
        assertEquals(List.of(new MemoryMap.Entry(0, 0x9FC00, 1), new MemoryMap.Entry(0x9FC00, 0x400, 2),
                new MemoryMap.Entry(0xF0000, 0x10000, 2), new MemoryMap.Entry(MIB, MIB, 1),
                new MemoryMap.Entry(0xFEFFC000L, 0x4000, 2), new MemoryMap.Entry(1L << 32, MIB, 1)), map.entries());
        assertEquals(2 * MIB, map.lowEnd());
    }

    @Test
    void shouldTellUsableRangesWhateverIsAsked() {
        assertTrue(map.isUsable(MIB, MIB));
        assertTrue(map.isUsable(1L << 32, MIB));
        assertFalse(map.isUsable(MIB, MIB + 1));
        assertFalse(map.isUsable(0x9FBFF, 2));
        assertFalse(map.isUsable(0xA0000, 1));
        assertFalse(map.isUsable(MIB, -1));
        assertFalse(map.isUsable(-1, 2));
        assertFalse(map.isUsable(MIB, Long.MAX_VALUE));
    }
}

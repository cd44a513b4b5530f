package jkvm.control.hmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import jkvm.abi.KvmSregs;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MappingCommandsTest {
    private static final int SIZE = 1 << 20;
    private static final long PAGING = 1L << 31, PSE = 1 << 4, PAE = 1 << 5, LONG_MODE = 1 << 10;

    private final Arena arena = Arena.ofConfined();
    private final GuestMemory memory = GuestMemory.ofPc(arena.allocate(SIZE, 4096));
    private final KvmSregs sregs = new KvmSregs();

    @AfterEach
    void close() {
        arena.close();
    }

    private MappingCommands.Walk walk(long cr4, long efer) {
        sregs.cr0(PAGING);
        sregs.cr3(0x1000);
        sregs.cr4(cr4);
        sregs.efer(efer);
        return new MappingCommands.Walk(memory, sregs);
    }

    @Test
    void shouldShowPagesOfAllSizesInLongMode() {
        // given
        memory.writeLong(0x1000, 0x2007);
        memory.writeLong(0x1000 + 511 * 8, 0x2003);
        memory.writeLong(0x2000, 0x3007);
        memory.writeLong(0x2008, 0x4000_0083L);
        memory.writeLong(0x3000, 0x4007);
        memory.writeLong(0x3008, 0x8000_0000_0060_01e7L);
        memory.writeLong(0x4000, 0x5025);
        memory.writeLong(0x4008, 0x6063);
        // when
        String[] pages = walk(PAE, LONG_MODE).pages().split("\n");
        String[] ranges = walk(PAE, LONG_MODE).ranges().split("\n");
        // then
        assertEquals(8, pages.length);
        assertEquals("0000000000000000: 0000000000005000 ----A--U-", pages[0]);
        assertEquals("0000000000001000: 0000000000006000 ---DA---W", pages[1]);
        assertEquals("0000000000200000: 0000000000600000 XGPDA--UW", pages[2]);
        assertEquals("0000000040000000: 0000000040000000 --P-----W", pages[3]);
        assertEquals("ffffff8000000000: 0000000000005000 ----A--U-", pages[4]);
        assertEquals("0000000000000000-0000000000001000 0000000000001000 ur-", ranges[0]);
        assertEquals("0000000000001000-0000000000002000 0000000000001000 -rw", ranges[1]);
        assertEquals("0000000000200000-0000000000400000 0000000000200000 urw", ranges[2]);
        assertEquals("ffffff8000000000-ffffff8000001000 0000000000001000 -r-", ranges[4]);
    }

    @Test
    void shouldShowPagesWithEntriesOf32Bits() {
        memory.writeInt(0x1000, 0x2007);
        memory.writeInt(0x1004, 0x40_0087);
        memory.writeInt(0x2000 + 4 * 0x3ff, 0x9007);
        assertEquals("00000000003ff000: 0000000000009000 -------UW\n0000000000400000: 0000000000400000 --P----UW\n",
                walk(PSE, 0).pages());
        assertEquals("00000000003ff000-0000000000800000 0000000000401000 urw\n", walk(PSE, 0).ranges());
    }

    @Test
    void shouldTakeNoRightsFromTheTopTableOfPae() {
        memory.writeLong(0x1018, 0x2001);
        memory.writeLong(0x2000, 0x60_0087);
        assertEquals("00000000c0000000-00000000c0200000 0000000000200000 urw\n", walk(PAE, 0).ranges());
    }

    @Test
    void shouldEndWhereTablesLeadRoundInCircles() {
        for (int i = 0; i < 512; i++) {
            memory.writeLong(0x1000 + 8 * i, 0x1007);
        }
        assertTrue(walk(PAE, LONG_MODE).pages().endsWith("(the rest is left out)\n"));
        assertTrue(walk(PAE, LONG_MODE).ranges().endsWith("(the rest is left out)\n"));
    }
}

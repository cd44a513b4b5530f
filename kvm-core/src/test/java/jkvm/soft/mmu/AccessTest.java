package jkvm.soft.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccessTest {
    private static final long PG = 1L << 31;
    private static final long DIRECTORY = 0x10000, TABLE = 0x11000, MMIO = 0xE0000000L;
    private static final int P = 1, RW = 2, US = 4;

    private final FlatMemory memory = new FlatMemory();
    private final GuestException fault = new GuestException();
    private final Mmu mmu = new Mmu(memory, fault);

    @AfterEach
    void close() {
        memory.close();
    }

    /** 32-bit paging: linear pages 0, 1, 2 at the physical addresses given. */
    private void map(long... pages) {
        memory.put32(DIRECTORY, TABLE | P | RW | US);
        for (int i = 0; i < pages.length; i++) {
            memory.put32(TABLE + 4 * i, pages[i] | US);
        }
        mmu.configure(PG | 1 << 16, DIRECTORY, 0, 0);
    }

    @Test
    void shouldAccessTwoPagesAtOnce() {
        map(0x200000 | P | RW, 0x100000 | P | RW);

        mmu.store64(0xFFD, 0x8877665544332211L);

        assertEquals(0x8877665544332211L, mmu.load64(0xFFD));
        assertEquals(0x332211, memory.get32(0x200FFD) & 0xFFFFFF);
        assertEquals(0x77665544, memory.get32(0x100000));
    }

    @Test
    void shouldWriteNothingIfTheSecondPageFaults() {
        map(0x200000 | P | RW, 0x100000 | P);

        GuestException e = assertThrows(GuestException.class, () -> mmu.store64(0xFFD, -1));

        assertEquals(3, e.error);
        assertEquals(0x1000, e.payload);
        assertEquals(0, memory.get64(0x200FF8));
    }

    @Test
    void shouldWrapAtFourGigabytes() {
        memory.put32(DIRECTORY, TABLE | P | RW);
        memory.put32(DIRECTORY + 0xFFC, TABLE | P | RW);
        memory.put32(TABLE, 0x100000 | P | RW);
        memory.put32(TABLE + 0xFFC, 0x200000 | P | RW);
        mmu.configure(PG, DIRECTORY, 0, 0);

        mmu.store32(0xFFFFFFFEL, 0x44332211);

        assertEquals(0x4433, memory.get32(0x100000));
    }

    @Test
    void shouldSplitMmioAtThePageEnd() {
        map(0x200000 | P | RW, MMIO | P | RW);
        memory.answer = 0xBBAAL;

        mmu.store32(0xFFE, 0x44332211);
        assertEquals(0xBBAA2211L, mmu.load32(0xFFE));

        assertEquals(List.of("write e0000000 2 4433", "read e0000000 2"), memory.accesses);
    }

    @Test
    void shouldAskForExecutionAloneBeforeAWriteThatExits() {
        map(0x200000 | P | RW, MMIO | P | RW);
        memory.exits = true;

        assertSame(Interruption.ALONE, assertThrows(Interruption.class, () -> mmu.store32(0xFFE, -1)));
        assertEquals(0, memory.get64(0x200FF8));
        mmu.single = true;
        mmu.store32(0xFFE, -1);

        assertEquals(List.of("write e0000000 2 ffff"), memory.accesses);
    }

    @Test
    void shouldReadRomAndHandItsWritesToTheBus() {
        memory.put64(FlatMemory.ROM, 5);

        assertEquals(5, mmu.load64(FlatMemory.ROM));
        mmu.store16(FlatMemory.ROM + 2, 7);

        assertEquals(List.of("write 3ff002 2 7"), memory.accesses);
        assertEquals(5, memory.get64(FlatMemory.ROM));
    }

    @Test
    void shouldExchangeAtomicallyAtAllSizesAndAlignments() {
        for (int size = 1; size <= 8; size *= 2) {
            for (long address = 0xFF8; address <= 0x1008; address++) {
                memory.put64(0xFF0, -1);
                mmu.store(address, size, 0x12);
                assertEquals(0x12, mmu.compareAndExchange(address, size, 0x13, 0x14));
                assertEquals(0x12, mmu.compareAndExchange(address, size, 0x12, 0x77));
                assertEquals(0x77, mmu.load(address, size));
            }
        }
        assertEquals(0, mmu.load8(0x1010));
    }

    @Test
    void shouldFaultAnExchangeThatMayNotWriteEvenIfItDiffers() {
        map(0x200000 | P);

        GuestException e = assertThrows(GuestException.class, () -> mmu.compareAndExchange(0, 4, 1, 2));

        assertEquals(3, e.error);
    }

    @Test
    void shouldExchangeSixteenBytes() {
        memory.put64(0x1000, 1);
        memory.put64(0x1008, 2);

        assertTrue(mmu.compareAndSet128(0x1000, 1, 2, 3, 4));

        assertEquals(3, memory.get64(0x1000));
        assertEquals(4, memory.get64(0x1008));
    }

    @Test
    void shouldCheckAlignmentInTheContextForIt() {
        mmu.context = Mmu.USER_ALIGNED;

        mmu.load32(0x1004);
        GuestException e = assertThrows(GuestException.class, () -> mmu.load32(0x1002));

        assertEquals(GuestException.AC, e.vector);
        assertEquals(0, e.error);
    }

    @Test
    void shouldAskBeforeDecodedCodeIsOverwritten() {
        List<String> told = new ArrayList<>();
        mmu.store8(0x5000, 1);
        mmu.watchCode(new CodeWatch() {
            @Override
            public boolean watches(long hostPage) {
                return hostPage == memory.host(0x5000);
            }

            @Override
            public boolean isCode(long hostAddress, int size) {
                return hostAddress <= memory.host(0x5010) && hostAddress + size > memory.host(0x5010);
            }

            @Override
            public void codeWritten(long hostAddress, int size) {
                told.add("%x %d".formatted(hostAddress - memory.host(0), size));
            }
        });
        mmu.protectCode(memory.host(0x5000));

        mmu.store32(0x5000, 1);
        assertSame(Interruption.ALONE, assertThrows(Interruption.class, () -> mmu.store32(0x500E, -1)));
        assertSame(Interruption.ALONE,
                assertThrows(Interruption.class, () -> mmu.compareAndExchange(0x5010, 4, 0, 1)));
        mmu.single = true;
        mmu.store32(0x500E, -1);

        assertEquals(List.of("500e 4"), told);
        assertEquals(-1, memory.get32(0x500E));
    }
}

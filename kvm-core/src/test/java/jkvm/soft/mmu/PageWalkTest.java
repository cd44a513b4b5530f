package jkvm.soft.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PageWalkTest {
    private static final long PG = 1L << 31, WP = 1 << 16, PSE = 16, PAE = 32, PGE = 128, LA57 = 1 << 12,
            SMEP = 1 << 20, SMAP = 1 << 21, LMA = 1 << 10, NXE = 1 << 11;
    private static final int P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100;
    private static final long NX = 1L << 63;
    /** Where the tables of each level lie: the root first. */
    private static final long ROOT = 0x10000, LEVEL_4 = 0x11000, LEVEL_3 = 0x12000, LEVEL_2 = 0x13000,
            LEVEL_1 = 0x14000, SECOND_LEVEL_1 = 0x15000;
    private static final long PAGE = 0x200000;

    private final FlatMemory memory = new FlatMemory();
    private final GuestException fault = new GuestException();
    private final Mmu mmu = new Mmu(memory, fault);

    @AfterEach
    void close() {
        memory.close();
    }

    private void expectPageFault(int error, long address, Runnable access) {
        GuestException e = assertThrows(GuestException.class, access::run);
        assertEquals(GuestException.PF, e.vector);
        assertEquals(error, e.error);
        assertEquals(address, e.payload);
    }

    /** 32-bit paging: linear 0x00400000 is a page, 0x00800000 a large one. */
    private void legacy(long rights, long moreCr0) {
        memory.put32(ROOT + 4, LEVEL_1 | P | RW | US);
        memory.put32(LEVEL_1, PAGE | rights);
        memory.put32(ROOT + 8, PS | rights);
        mmu.configure(PG | moreCr0, ROOT, PSE, 0);
    }

    /** 4-level paging: linear 0 is a page, 0x200000 and 0x40000000 large ones. */
    private void fourLevel(long rights, long cr0, long cr4, long efer) {
        memory.put64(ROOT, LEVEL_3 | P | RW | US);
        memory.put64(LEVEL_3, LEVEL_2 | P | RW | US);
        memory.put64(LEVEL_3 + 8, PS | rights);
        memory.put64(LEVEL_2, LEVEL_1 | P | RW | US);
        memory.put64(LEVEL_2 + 8, PAGE | PS | rights);
        memory.put64(LEVEL_1, PAGE | rights);
        mmu.configure(PG | cr0, ROOT, PAE | cr4, LMA | efer);
    }

    @Test
    void shouldJudgeAFaultByTheTablesAsTheyAreNow() {
        fourLevel(P | RW, 0, 0, 0);
        mmu.load8(0);
        memory.put64(LEVEL_2, SECOND_LEVEL_1 | P | RW);
        memory.put64(SECOND_LEVEL_1 + 8, PAGE | P | RW);
        memory.put32(PAGE, 0x55);

        assertEquals(0x55, mmu.load8(0x1000), "the table that was known does not map this page");
    }

    @Test
    void shouldForgetWhereTablesAreWithTheFlushOfAnyPage() {
        fourLevel(P | RW, 0, 0, 0);
        memory.put64(LEVEL_1 + 8, LEVEL_1 | P | RW);
        mmu.load8(0);
        memory.put64(LEVEL_2, SECOND_LEVEL_1 | P | RW);
        memory.put64(SECOND_LEVEL_1 + 8, PAGE | P | RW);
        memory.put32(PAGE, 0x55);

        mmu.invalidatePage(0x5000);

        assertEquals(0x55, mmu.load8(0x1000));
    }

    @Test
    void shouldKeepTheRightsThatTheEntriesAboveAKnownTableLeave() {
        fourLevel(P | RW | US, WP, 0, 0);
        memory.put64(LEVEL_2, LEVEL_1 | P | US);
        memory.put64(LEVEL_1 + 8, PAGE | P | RW | US);
        mmu.load8(0);

        expectPageFault(3, 0x1000, () -> mmu.store8(0x1000, 1));
        mmu.context = Mmu.USER;
        assertEquals(0, mmu.load8(0x1000));
    }

    @Test
    void shouldUseLinearAddressesAsPhysicalOnesWithoutPaging() {
        memory.put64(0x1234, 0x1122334455667788L);

        assertEquals(0x55667788L, mmu.load32(0x1234));
        assertEquals(0x88, mmu.load8(0x1234));
    }

    @Test
    void shouldTranslateThirtyTwoBitPaging() {
        legacy(P | RW, 0);
        memory.put32(PAGE + 0x123, 0xCAFE);

        assertEquals(0xCAFE, mmu.load16(0x400123));
        assertEquals(0xCAFE, mmu.load16(0x800000 + PAGE + 0x123));
        assertEquals(A, memory.get32(ROOT + 4) & (A | D));
        assertEquals(A, memory.get32(LEVEL_1) & (A | D));
    }

    @Test
    void shouldTakeUpperAddressBitsOfALargeThirtyTwoBitPage() {
        legacy(P | RW | 1 << 13, 0);

        mmu.load32(0x800010);

        assertEquals("read 100000010 4", memory.accesses.getFirst());
    }

    @Test
    void shouldFaultOnAReservedBitOfALargeThirtyTwoBitPage() {
        legacy(P | RW | 1 << 21, 0);

        expectPageFault(9, 0x800000, () -> mmu.load8(0x800000));
    }

    @Test
    void shouldIgnoreTheSizeBitWithoutPageSizeExtensions() {
        memory.put32(ROOT + 4, LEVEL_1 | P | RW | US | PS);
        memory.put32(LEVEL_1, PAGE | P);
        mmu.configure(PG, ROOT, 0, 0);
        memory.put32(PAGE, 7);

        assertEquals(7, mmu.load32(0x400000));
    }

    @Test
    void shouldTranslatePaePaging() {
        memory.put64(ROOT + 0x20 + 8, LEVEL_2 | P);
        memory.put64(LEVEL_2, LEVEL_1 | P | RW);
        memory.put64(LEVEL_1 + 8, PAGE | P | RW);
        memory.put64(LEVEL_2 + 8, PAGE | PS | P | RW);
        mmu.configure(PG, ROOT + 0x20, PAE, NXE);
        memory.put64(PAGE + 8, 0x99);

        assertEquals(0x99, mmu.load64(0x40001008L));
        assertEquals(0x99, mmu.load64(0x40200008L));
        expectPageFault(0, 0, () -> mmu.load8(0));
    }

    @Test
    void shouldKeepPaesPointerEntriesUntilTheNextLoadOfTheRoot() {
        memory.put64(ROOT, LEVEL_2 | P);
        memory.put64(LEVEL_2, PAGE | PS | P);
        mmu.configure(PG, ROOT, PAE, 0);
        mmu.load8(0);
        memory.put64(ROOT, 0);
        mmu.flushAll();

        mmu.load8(0);
        mmu.changeRoot(ROOT);

        expectPageFault(0, 0, () -> mmu.load8(0));
    }

    @Test
    void shouldRefuseReservedBitsInPaesPointerEntries() {
        mmu.configure(PG, ROOT, PAE, 0);
        memory.put64(ROOT + 8, LEVEL_2 | P | RW);
        assertFalse(mmu.loadPdptes(ROOT));

        memory.put64(ROOT + 8, LEVEL_2 | RW);
        assertTrue(mmu.loadPdptes(ROOT));
    }

    @Test
    void shouldTranslateFourLevels() {
        fourLevel(P | RW, 0, 0, 0);
        memory.put64(PAGE + 0x10, 0x77);

        assertEquals(0x77, mmu.load64(0x10));
        assertEquals(0x77, mmu.load64(0x200010));
        assertEquals(0x77, mmu.load64(0x40000000L + PAGE + 0x10));
    }

    @Test
    void shouldTranslateFiveLevels() {
        memory.put64(ROOT + 8 * 0x1FF, LEVEL_4 | P | RW);
        memory.put64(LEVEL_4, LEVEL_3 | P | RW);
        memory.put64(LEVEL_3, PS | P | RW);
        mmu.configure(PG, ROOT, PAE | LA57, LMA);
        memory.put64(PAGE, 0x66);

        assertEquals(0x66, mmu.load64(0xFFFF_0000_0000_0000L + PAGE));
        GuestException e = assertThrows(GuestException.class, () -> mmu.load64(1L << 56));
        assertEquals(GuestException.GP, e.vector);
        assertTrue(e.notCanonical);
    }

    @Test
    void shouldRaiseGeneralProtectionForAnAddressThatIsNotCanonical() {
        fourLevel(P | RW, 0, 0, 0);

        for (long address : new long[] {1L << 47, -1L << 48, 0x7FFF_FFFF_FFFFL + 1}) {
            GuestException e = assertThrows(GuestException.class, () -> mmu.store8(address, 1));
            assertEquals(GuestException.GP, e.vector);
            assertTrue(e.notCanonical);
        }
    }

    @Test
    void shouldSetTheDirtyBitAtTheFirstWriteOnly() {
        fourLevel(P | RW | US, 0, 0, 0);

        mmu.load32(0);
        assertEquals(A, memory.get64(LEVEL_1) & (A | D));
        mmu.store32(0, 5);

        assertEquals(A | D, memory.get64(LEVEL_1) & (A | D));
        assertEquals(A, memory.get64(LEVEL_2) & (A | D));
        assertEquals(5, memory.get32(PAGE));
    }

    @Test
    void shouldSetNoBitForAnAccessThatFaults() {
        fourLevel(P, WP, 0, 0);

        expectPageFault(3, 8, () -> mmu.store32(8, 5));

        assertEquals(0, memory.get64(LEVEL_1) & (A | D));
    }

    @Test
    void shouldLetTheSupervisorWriteReadOnlyPagesUnlessWriteProtectIsSet() {
        fourLevel(P, 0, 0, 0);
        mmu.store32(0, 5);
        assertEquals(5, memory.get32(PAGE));

        fourLevel(P, WP, 0, 0);
        expectPageFault(3, 0, () -> mmu.store32(0, 6));
    }

    @Test
    void shouldKeepTheUserFromSupervisorAndReadOnlyPages() {
        fourLevel(P | RW, 0, 0, 0);
        mmu.context = Mmu.USER;
        expectPageFault(5, 0, () -> mmu.load8(0));
        expectPageFault(7, 0, () -> mmu.store8(0, 1));
        expectPageFault(5, 0, () -> mmu.executablePage(0));

        fourLevel(P | US, 0, 0, 0);
        assertEquals(0, mmu.load8(0));
        expectPageFault(7, 0, () -> mmu.store8(0, 1));
        expectPageFault(4, 0x1000, () -> mmu.load8(0x1000));
    }

    @Test
    void shouldKeepEachContextApart() {
        fourLevel(P | RW, 0, 0, 0);
        mmu.load8(0);
        mmu.context = Mmu.USER;

        expectPageFault(5, 0, () -> mmu.load8(0));
        assertEquals(0, mmu.system.load(0, 1));
        assertEquals(Mmu.USER, mmu.context);
    }

    @Test
    void shouldRefuseToExecuteWhatIsMarkedSo() {
        fourLevel(P | RW | US | NX, 0, 0, NXE);
        expectPageFault(0x11, 0, () -> mmu.executablePage(0));
        assertEquals(0, mmu.load8(0));

        fourLevel(P | RW | US | NX, 0, 0, 0);
        expectPageFault(9, 0, () -> mmu.load8(0));
    }

    @Test
    void shouldKeepTheSupervisorFromUserPages() {
        fourLevel(P | RW | US, 0, SMEP | SMAP, 0);

        expectPageFault(0x11, 0, () -> mmu.executablePage(0));
        expectPageFault(1, 0, () -> mmu.load8(0));
        expectPageFault(3, 0, () -> mmu.store8(0, 1));
        mmu.context = Mmu.SUPERVISOR_OVER_USER;
        assertEquals(0, mmu.load8(0));
        expectPageFault(1, 0, () -> mmu.system.load(0, 8));
    }

    @Test
    void shouldFaultOnReservedBitsOfEachLevel() {
        for (long bit : new long[] {1L << 40, 1L << 51}) {
            fourLevel(P | RW | bit, 0, 0, 0);
            expectPageFault(9, 0, () -> mmu.load8(0));
            expectPageFault(9, 0x200000, () -> mmu.load8(0x200000));
            expectPageFault(0xB, 0x40000000L, () -> mmu.store8(0x40000000L, 1));
        }
        fourLevel(P | RW, 0, 0, 0);
        memory.put64(LEVEL_2 + 8, PAGE | PS | P | 1 << 13);
        expectPageFault(9, 0x200000, () -> mmu.load8(0x200000));
        memory.put64(LEVEL_3 + 8, PS | P | 1 << 21);
        expectPageFault(9, 0x40000000L, () -> mmu.load8(0x40000000L));
        memory.put64(ROOT, LEVEL_3 | P | PS);
        expectPageFault(9, 0x5000, () -> mmu.load8(0x5000));
        memory.put64(ROOT, LEVEL_3 | 1L << 45);
        expectPageFault(0, 0x5000, () -> mmu.load8(0x5000));
    }

    @Test
    void shouldKeepGlobalPagesAtALoadOfTheRoot() {
        fourLevel(P | RW | G, 0, PGE, 0);
        memory.put64(LEVEL_1 + 8, PAGE | P);
        mmu.load8(0);
        mmu.load8(0x1000);
        memory.put64(LEVEL_1, 0);
        memory.put64(LEVEL_1 + 8, 0);

        mmu.changeRoot(ROOT);

        assertEquals(0, mmu.load8(0));
        expectPageFault(0, 0x1000, () -> mmu.load8(0x1000));
        mmu.invalidatePage(0);
        expectPageFault(0, 0, () -> mmu.load8(0));
    }

    @Test
    void shouldForgetAllOfALargePageWhenOneOfItsAddressesIsInvalidated() {
        fourLevel(P | RW, 0, 0, 0);
        mmu.load8(0x201000);
        mmu.executablePage(0x203000);
        memory.put64(LEVEL_2 + 8, 0);
        assertEquals(0, mmu.load8(0x201000));

        mmu.invalidatePage(0x3FF000);

        expectPageFault(0, 0x201000, () -> mmu.load8(0x201000));
        expectPageFault(0, 0x203000, () -> mmu.executablePage(0x203000));
    }

    @Test
    @DisplayName("page tables that point at themselves end the walk after all levels")
    void shouldEndAWalkThroughTablesThatLoop() {
        memory.put64(ROOT, ROOT | P | RW | US);
        mmu.configure(PG, ROOT, PAE, LMA);

        mmu.store64(0x18, 0x55);

        assertEquals(0x55, memory.get64(ROOT + 0x18));
    }

    @Test
    @DisplayName("page tables in MMIO or nowhere interrupt the instruction")
    void shouldInterruptAWalkThroughTablesOutsideOfMemory() {
        mmu.configure(PG, 0xFF_FFFF_F000L, PAE, LMA);
        assertSame(Interruption.PAGE_TABLE, assertThrows(Interruption.class, () -> mmu.load8(0)));
        assertEquals(-1, mmu.translate(0));

        memory.put64(ROOT, 0xFEE00000L | P);
        mmu.configure(PG, ROOT, PAE, LMA);
        assertSame(Interruption.PAGE_TABLE, assertThrows(Interruption.class, () -> mmu.executablePage(0)));

        memory.put32(ROOT, 0xFEE00000L | P);
        mmu.configure(PG, ROOT, 0, 0);
        assertSame(Interruption.PAGE_TABLE, assertThrows(Interruption.class, () -> mmu.store8(0, 1)));
        assertTrue(memory.accesses.isEmpty());
    }

    @Test
    @DisplayName("page tables in ROM are walked and stay as they are")
    void shouldWalkTablesInReadOnlyMemory() {
        fourLevel(P | RW, 0, 0, 0);
        memory.put64(LEVEL_2, FlatMemory.ROM | P | RW);
        memory.put64(FlatMemory.ROM, PAGE | P | RW);

        mmu.store32(0, 9);

        assertEquals(9, memory.get32(PAGE));
        assertEquals(PAGE | P | RW, memory.get64(FlatMemory.ROM));
    }

    @Test
    @DisplayName("random tables give a translation or a fault, never another exception")
    void shouldSurviveRandomTables() {
        java.util.Random random = new java.util.Random(61);
        int faults = 0;
        for (int round = 0; round < 20_000; round++) {
            if (round % 100 == 0) {
                for (long at = ROOT; at < ROOT + 0x5000; at += 8) {
                    long target = ROOT + random.nextInt(5) * 0x1000L;
                    memory.put64(at, target | random.nextInt(0x1000) | P | (random.nextInt(4) == 0
                            ? random.nextLong() : 0));
                }
            }
            long cr4 = (random.nextBoolean() ? PAE : 0) | random.nextInt(4) * SMEP | (random.nextBoolean() ? PSE : 0);
            boolean longMode = (cr4 & PAE) != 0 && random.nextBoolean();
            mmu.configure(PG | random.nextInt(2) * WP, ROOT, cr4 | (longMode ? random.nextInt(2) * LA57 : 0),
                    (longMode ? LMA : 0) | random.nextInt(2) * NXE);
            mmu.context = random.nextInt(3) * Mmu.ENTRIES;
            long linear = longMode ? random.nextLong() >> 16 >>> random.nextInt(40) : random.nextLong() >>> 32;
            try {
                mmu.store(linear, 1 << random.nextInt(4), random.nextLong());
                mmu.load(linear, 1 << random.nextInt(4));
                mmu.executablePage(linear);
            } catch (GuestException | Interruption e) {
                faults++;
            }
        }
        assertTrue(faults > 1000, "faults: " + faults);
    }
}

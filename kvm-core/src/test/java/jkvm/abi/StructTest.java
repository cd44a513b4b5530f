package jkvm.abi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class StructTest {

    @Test
    void shouldGiveUnsignedBytesAndWordsBack() {
        KvmVcpuEvents events = new KvmVcpuEvents();
        events.interruptNr(0xff);
        events.interruptInjected(true);
        KvmFpu fpu = new KvmFpu();
        fpu.fcw(0xffff);

        assertEquals(0xff, events.interruptNr());
        assertTrue(events.isInterruptInjected());
        assertEquals(0xffff, fpu.fcw());
    }

    @Test
    void shouldRefuseElementsThatAnArrayDoesNotHave() {
        KvmDebugRegs debug = new KvmDebugRegs();
        debug.dr6(7);

        assertThrows(IndexOutOfBoundsException.class, () -> debug.db(4));
        assertThrows(IndexOutOfBoundsException.class, () -> debug.db(-1, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> new KvmMsrs(2).data(2));
        assertThrows(IndexOutOfBoundsException.class, () -> new KvmPitState2().channel(3));
        assertEquals(7, debug.dr6());
    }

    @Test
    void shouldFindCpuidLeavesByFunctionAndSignificantIndex() {
        KvmCpuid2 cpuid = new KvmCpuid2(2);
        cpuid.entry(0).function(1);
        cpuid.entry(0).eax(0x11);
        cpuid.entry(1).function(4);
        cpuid.entry(1).index(2);
        cpuid.entry(1).flags(KvmCpuidEntry2.SIGNIFICANT_INDEX);

        assertEquals(0x11, cpuid.find(1, 99).eax());
        assertNull(cpuid.find(4, 1));
        assertEquals(2, cpuid.find(4, 2).index());
    }

    @Test
    void shouldCopyCpuidWithRoomForMore() {
        KvmCpuid2 cpuid = new KvmCpuid2(1);
        cpuid.entry(0).ebx(5);

        KvmCpuid2 copy = cpuid.copy(1);
        copy.entry(0).ebx(6);
        copy.add(0x4000_0000).eax(7);

        assertEquals(5, cpuid.entry(0).ebx());
        assertEquals(2, copy.nent());
        assertEquals(7, copy.find(0x4000_0000, 0).eax());
        assertThrows(IndexOutOfBoundsException.class, () -> copy.add(1));
    }

    @Test
    void shouldFindTheValueOfAnMsr() {
        KvmMsrs msrs = KvmMsrs.of(0x174, 0xC000_0080);
        msrs.data(1, 0x500);

        assertEquals(0x500, msrs.valueOf(0xC000_0080));
        assertEquals(0, msrs.valueOf(0x10));
    }

    @Test
    void shouldRouteAPcsInterruptsAndMessages() {
        KvmIrqRouting routing = KvmIrqRouting.pc(1);
        routing.addMsi(24, 0x1_FEE0_0000L, 0x31);

        assertEquals(41, routing.nr());
        long last = KvmIrqRouting.ENTRIES_OFFSET + 40 * KvmIrqRouting.ENTRY_SIZE;
        assertArrayEquals(new int[] {24, KvmIrqRouting.TYPE_MSI, 0, 0, 0xFEE0_0000, 1, 0x31},
                routing.segment().asSlice(last, 28).toArray(ValueLayout.JAVA_INT));
        assertThrows(IndexOutOfBoundsException.class, () -> routing.addIrqchip(25, KvmIrqchip.IOAPIC, 1));
    }

    @Test
    void shouldPointAFilterRangeAtItsBitmap() {
        KvmMsrFilter filter = new KvmMsrFilter();
        filter.range(15, KvmMsrFilter.READ, 0x174, 9, new byte[] {1, 1});

        assertNotEquals(0, filter.segment().get(ValueLayout.JAVA_LONG, 8 + 15 * 24 + 16));
        assertThrows(IllegalArgumentException.class, () -> filter.range(0, 1, 0x174, 9, new byte[1]));
        assertThrows(IndexOutOfBoundsException.class, () -> filter.range(16, 1, 0x174, 1, new byte[1]));
    }

    @Test
    void shouldNameEveryExitReasonOfX86() {
        assertEquals("X86_RDMSR", KvmExit.name(KvmExit.X86_RDMSR));
        assertEquals("77", KvmExit.name(77));
    }
}

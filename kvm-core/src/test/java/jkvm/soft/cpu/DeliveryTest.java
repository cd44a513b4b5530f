package jkvm.soft.cpu;

import static jkvm.soft.cpu.DescriptorFixture.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.soft.mmu.GuestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DeliveryTest {
    private final DescriptorFixture f = new DescriptorFixture();
    private final Cpu cpu = f.cpu;

    @AfterEach
    void close() {
        f.close();
    }

    private int raise(int vector, int error) {
        cpu.fault.of(vector, error);
        return Delivery.exception(cpu);
    }

    @Test
    void shouldUseTheVectorTableInRealMode() {
        f.machine.real();
        cpu.idtBase = 0;
        cpu.idtLimit = 0x3FF;
        f.put32(4 * 0x21, 0x12345678);
        cpu.rip = 0x777;
        cpu.r[Cpu.RSP] = 0xFFFF0100L;
        Flags.setAll(cpu, 0x302 | Cpu.CF);

        assertEquals(ExitCause.NONE, Delivery.interrupt(cpu, 0x21));

        assertEquals(0x5678, cpu.rip);
        assertEquals(0x1234, f.selector(Segment.CS));
        assertEquals(0x12340, cpu.segments[Segment.CS].base);
        assertEquals(0xFFFF00FAL, cpu.r[Cpu.RSP]);
        assertEquals(0x777, f.get16(0xFA));
        assertEquals(0x303, f.get16(0xFE));
        assertEquals(0x3, Flags.all(cpu));
    }

    @Test
    void shouldRaiseGeneralProtectionBeyondTheVectorTable() {
        f.machine.real();
        cpu.idtBase = 0;
        cpu.idtLimit = 0x3F;
        f.put32(4 * 13, 0x00008888);
        cpu.r[Cpu.RSP] = 0x100;

        assertEquals(ExitCause.NONE, Delivery.interrupt(cpu, 0x21));
        assertEquals(0x8888, cpu.rip);

        cpu.idtLimit = 0x10;
        assertEquals(ExitCause.SHUTDOWN, Delivery.interrupt(cpu, 0x21));
    }

    @Test
    void shouldPushAnErrorCodeAtTheSameLevel() {
        f.kernel();
        f.gate(13, CODE_0, HANDLER, INTERRUPT_GATE);

        assertEquals(ExitCause.NONE, raise(13, 0x58));

        long stack = cpu.r[Cpu.RSP];
        assertEquals(STACK_0 - 0x100 - 16, stack);
        assertEquals(0x58, f.get32(stack));
        assertEquals(START, f.get32(stack + 4));
        assertEquals(CODE_0, f.get32(stack + 8));
        assertEquals(0x202 | Cpu.RF, f.get32(stack + 12));
        assertEquals(HANDLER, cpu.rip);
        assertEquals(2, Flags.all(cpu));
    }

    @Test
    void shouldSwitchToTheInnerStack() {
        f.user();
        f.gate(0x80, CODE_0, HANDLER, TRAP_GATE | 0x60);

        Delivery.software(cpu, 0x80, true, START + 2);

        long stack = cpu.r[Cpu.RSP];
        assertEquals(STACK_0 - 20, stack);
        assertEquals(START + 2, f.get32(stack));
        assertEquals(CODE_3, f.get32(stack + 4));
        assertEquals(0x202, f.get32(stack + 8));
        assertEquals(STACK_3, f.get32(stack + 12));
        assertEquals(DATA_3, f.get32(stack + 16));
        assertEquals(0, cpu.cpl);
        assertEquals(DATA_0, f.selector(Segment.SS));
        assertEquals(0x202, Flags.all(cpu));
    }

    @Test
    void shouldStayAtTheCallersLevelInAConformingSegment() {
        f.user();
        f.gate(0x30, CONFORMING, HANDLER, INTERRUPT_GATE);

        Delivery.interrupt(cpu, 0x30);

        assertEquals(3, cpu.cpl);
        assertEquals(CONFORMING | 3, f.selector(Segment.CS));
        assertEquals(STACK_3 - 12, cpu.r[Cpu.RSP]);
    }

    @Test
    void shouldPushTheSegmentsOfVirtual8086Mode() {
        f.vm86();
        f.gate(0x30, CODE_0, HANDLER, INTERRUPT_GATE);

        Delivery.interrupt(cpu, 0x30);

        long stack = cpu.r[Cpu.RSP];
        assertEquals(STACK_0 - 36, stack);
        assertEquals(0x123, f.get32(stack));
        assertEquals(0x200, f.get32(stack + 4));
        assertEquals(0x202 | Cpu.VM, f.get32(stack + 8));
        assertEquals(0x456, f.get32(stack + 12));
        assertEquals(0x300, f.get32(stack + 16));
        assertEquals(0x100, f.get32(stack + 20));
        assertEquals(0x400, f.get32(stack + 24));
        assertEquals(0x600, f.get32(stack + 32));
        assertTrue(cpu.segments[Segment.DS].unusable);
        assertEquals(0, cpu.systemFlags & Cpu.VM);
    }

    @Test
    void shouldGiveInterruptsOfAVirtual8086ProgramBackToIt() {
        f.vm86();
        cpu.cr4 |= Cpu.CR4_VME;
        cpu.segments[Segment.TR].limit = 0x200;
        f.put16(TSS + 0x66, 0x88);
        f.put32(4 * 0x21, 0x0500_0010);

        assertTrue(Gates.redirect(cpu, 0x21, 0x125));

        assertEquals(0x10, cpu.rip);
        assertEquals(0x500, f.selector(Segment.CS));
        assertEquals(0x125, f.get16(0x3000 + 0x450));
        assertEquals(Cpu.IOPL | 2, f.get16(0x3000 + 0x454));
    }

    @Test
    void shouldUseTheInterruptStackAndAlignItInLongMode() {
        f.longMode();
        f.put64(TSS + 0x24, 0x28008);
        f.longGate(14, CODE_64, HANDLER, INTERRUPT_GATE, 1);
        f.longGate(13, CODE_64, HANDLER + 8, INTERRUPT_GATE, 0);
        cpu.fault.of(GuestException.PF, 2, 0xABCD000);

        Delivery.exception(cpu);

        long stack = cpu.r[Cpu.RSP];
        assertEquals(0x28000 - 48, stack);
        assertEquals(2, f.get64(stack));
        assertEquals(START, f.get64(stack + 8));
        assertEquals(CODE_64, f.get64(stack + 16));
        assertEquals(STACK_0 - 0x103, f.get64(stack + 32));
        assertEquals(0xABCD000, cpu.cr2);
        raise(13, 0);
        assertEquals(stack - 48, cpu.r[Cpu.RSP]);
    }

    @Test
    void shouldMakeTheStackSegmentNullOnTheWayInInLongMode() {
        f.longMode();
        cpu.segments[Segment.CS].set(CODE_64_USER, 0, 0xFFFFFFFFL, 0xA0FB);
        cpu.segments[Segment.SS].set(DATA_3, 0, 0xFFFFFFFFL, 0xC0F3);
        cpu.cpl = 3;
        CpuMode.refresh(cpu);
        f.machine.ram.set(java.lang.foreign.ValueLayout.JAVA_LONG, 0x72000, 0x87);
        f.longGate(0x30, CODE_64, HANDLER, INTERRUPT_GATE, 0);

        assertEquals(ExitCause.NONE, Delivery.interrupt(cpu, 0x30));

        assertEquals(0, cpu.cpl);
        assertEquals(0, f.selector(Segment.SS));
        assertEquals(STACK_0 - 40, cpu.r[Cpu.RSP]);
        InterruptReturn.execute(cpu, 8, 0);
        assertEquals(3, cpu.cpl);
        assertEquals(DATA_3, f.selector(Segment.SS));
        assertEquals(START, cpu.rip);
    }

    @Test
    @DisplayName("gates of each wrong kind fault with their number")
    void shouldRefuseWrongGates() {
        f.user();
        f.gate(0x40, CODE_0, HANDLER, INTERRUPT_GATE);
        expect(13, 0x40 * 8 + 2, () -> Delivery.software(cpu, 0x40, true, 0));
        f.gate(0x40, CODE_0, HANDLER, 0x6E);
        expect(11, 0x40 * 8 + 2, () -> Delivery.software(cpu, 0x40, true, 0));
        f.gate(0x40, CODE_0, HANDLER, 0xEC);
        expect(13, 0x40 * 8 + 2, () -> Delivery.software(cpu, 0x40, true, 0));
        f.gate(0x40, 0, HANDLER, 0xEE);
        expect(13, 0, () -> Delivery.software(cpu, 0x40, true, 0));
        f.gate(0x40, 0xFF8, HANDLER, 0xEE);
        expect(13, 0xFF8, () -> Delivery.software(cpu, 0x40, true, 0));
        f.gate(0x40, DATA_0, HANDLER, 0xEE);
        expect(13, DATA_0, () -> Delivery.software(cpu, 0x40, true, 0));
        f.gate(0x40, ABSENT, HANDLER, 0xEE);
        expect(11, ABSENT, () -> Delivery.software(cpu, 0x40, true, 0));
        cpu.idtLimit = 0xFF;
        expect(13, 0x40 * 8 + 2, () -> Delivery.software(cpu, 0x40, true, 0));
        assertEquals(3, cpu.cpl);
        assertEquals(START, cpu.rip);
        assertEquals(STACK_3, cpu.r[Cpu.RSP]);
    }

    @Test
    @DisplayName("inner stacks of each wrong kind fault as invalid TSS")
    void shouldRefuseWrongInnerStacks() {
        f.user();
        f.gate(0x40, CODE_0, HANDLER, 0xEE);
        f.put32(TSS + 8, 0);
        expect(10, 0, () -> Delivery.software(cpu, 0x40, true, 0));
        f.put32(TSS + 8, DATA_3);
        expect(10, DATA_3 & ~3, () -> Delivery.software(cpu, 0x40, true, 0));
        f.put32(TSS + 8, CODE_0);
        expect(10, CODE_0, () -> Delivery.software(cpu, 0x40, true, 0));
        f.put32(TSS + 8, ABSENT_DATA);
        expect(12, ABSENT_DATA, () -> Delivery.software(cpu, 0x40, true, 0));
        cpu.segments[Segment.TR].limit = 5;
        expect(10, TASK, () -> Delivery.software(cpu, 0x40, true, 0));
    }

    @Test
    @DisplayName("a stack without room in a fault's delivery ends in a double fault, then in shutdown")
    void shouldShutDownWithoutAStack() {
        f.kernel();
        f.gate(13, CODE_0, HANDLER, INTERRUPT_GATE);
        f.gate(12, CODE_0, HANDLER, INTERRUPT_GATE);
        f.gate(8, OTHER_TASK, 0, TASK_GATE);
        cpu.segments[Segment.SS].limit = 0x1000;
        f.put32(OTHER_TSS + 0x20, HANDLER + 0x88);
        f.put32(OTHER_TSS + 0x38, 0x28000);
        for (int i = 0; i < 6; i++) {
            f.put32(OTHER_TSS + 0x48 + 4 * i, i == 1 ? CODE_0 : DATA_0);
        }

        assertEquals(ExitCause.NONE, raise(13, 0));

        assertEquals(HANDLER + 0x88, cpu.rip);
        assertEquals(0x28000 - 4, cpu.r[Cpu.RSP]);
        assertEquals(0, f.get32(0x28000 - 4));
        f.gate(8, CODE_0, HANDLER, INTERRUPT_GATE);
        cpu.segments[Segment.SS].limit = 0x1000;
        assertEquals(ExitCause.SHUTDOWN, raise(13, 0));
    }

    @Test
    void shouldMakeADoubleFaultOfTwoPageFaultsOnly() {
        f.kernel();
        f.gate(8, CODE_0, HANDLER, INTERRUPT_GATE);
        f.gate(13, CODE_0, HANDLER + 0xD, INTERRUPT_GATE);
        f.gate(11, CODE_0, HANDLER + 0xB, INTERRUPT_GATE);

        // #PF has an absent gate: #NP in a page fault's delivery is a double fault.
        raise(GuestException.PF, 0);
        assertEquals(HANDLER, cpu.rip);
        // #UD has an absent gate: benign, so its #NP is delivered for itself.
        f.kernel();
        f.gate(6, CODE_0, HANDLER, 0x0E);
        raise(GuestException.UD, GuestException.NO_ERROR);
        assertEquals(HANDLER + 0xB, cpu.rip);
        assertEquals(6 * 8 + 3, f.get32(cpu.r[Cpu.RSP]));
    }

    @Test
    void shouldBlockNmisUntilTheReturn() {
        f.kernel();
        f.gate(2, CODE_0, HANDLER, INTERRUPT_GATE);

        Delivery.nmi(cpu);
        assertTrue(cpu.nmiBlocked);
        InterruptReturn.execute(cpu, 4, 0);

        assertFalse(cpu.nmiBlocked);
        assertEquals(START, cpu.rip);
        assertEquals(0x202, Flags.all(cpu));
    }

    @Test
    void shouldNoteDebugConditionsForTheHandler() {
        f.kernel();
        f.gate(1, CODE_0, HANDLER, INTERRUPT_GATE);
        cpu.dr[6] = 0xFFFF0FF3L;
        cpu.dr[7] = 0x2400;
        cpu.fault.of(GuestException.DB, GuestException.NO_ERROR, 1 << 14);

        Delivery.exception(cpu);

        assertEquals(0xFFFF4FF0L, cpu.dr[6]);
        assertEquals(0x400, cpu.dr[7]);
    }
}

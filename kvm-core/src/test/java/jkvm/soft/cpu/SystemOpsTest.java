package jkvm.soft.cpu;

import static jkvm.soft.cpu.DescriptorFixture.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.soft.mmu.GuestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SystemOpsTest {
    private final DescriptorFixture f = new DescriptorFixture();
    private final Cpu cpu = f.cpu;

    @AfterEach
    void close() {
        f.close();
    }

    /**
     * Executes one instruction at {@link DescriptorFixture#START}.
     *
     * @return true if it did not fault
     */
    private boolean step(int... bytes) {
        for (int vector = 0; vector < 32; vector++) {
            if (Segments.isLongMode(cpu)) {
                f.longGate(vector, CODE_64, HANDLER + vector, INTERRUPT_GATE, 0);
            } else {
                f.gate(vector, CODE_0, HANDLER + vector, INTERRUPT_GATE);
            }
        }
        f.machine.code(START, bytes);
        assertEquals(ExitCause.NONE, f.machine.processor.step());
        return cpu.rip < HANDLER || cpu.rip >= HANDLER + 32;
    }

    /**
     * Executes one instruction that must fault.
     *
     * @return the vector
     */
    private int fault(int... bytes) {
        assertFalse(step(bytes));
        return (int) cpu.rip - HANDLER;
    }

    @Test
    void shouldGoThroughTheModes() {
        f.kernel();
        cpu.cr4 = Cpu.CR4_PAE;
        ControlRegisters.reload(cpu);
        f.machine.long64();
        f.kernel();
        cpu.cr0 = Cpu.CR0_ET | Cpu.CR0_PE;
        cpu.efer = Cpu.EFER_LME;
        ControlRegisters.reload(cpu);

        // mov cr0, eax; then a far jump into 64-bit code
        cpu.r[Cpu.RAX] = Cpu.CR0_PE | Cpu.CR0_PG;
        assertTrue(step(0x0F, 0x22, 0xC0));
        assertEquals(Cpu.EFER_LME | Cpu.EFER_LMA, cpu.efer);
        assertTrue(step(0xEA, 0x00, 0x00, 0x05, 0x00, CODE_64, 0x00));

        assertEquals(0x50000, cpu.rip);
        CpuMode.refresh(cpu);
        assertTrue(CpuMode.is64(cpu));
        cpu.r[Cpu.RAX] = Cpu.CR0_PE;
        assertEquals(GuestException.GP, fault(0x0F, 0x22, 0xC0));
    }

    @Test
    void shouldRefuseControlRegistersThatContradictThemselves() {
        f.kernel();

        expect(13, 0, () -> ControlRegisters.writeCr0(cpu, Cpu.CR0_PG));
        expect(13, 0, () -> ControlRegisters.writeCr0(cpu, Cpu.CR0_PE | Cpu.CR0_NW));
        expect(13, 0, () -> ControlRegisters.writeCr0(cpu, Cpu.CR0_PE | 1L << 32));
        expect(13, 0, () -> ControlRegisters.writeCr4(cpu, 1L << 31));
        expect(13, 0, () -> ControlRegisters.writeCr4(cpu, Cpu.CR4_PCIDE));
        cpu.features = 0;
        expect(13, 0, () -> ControlRegisters.writeCr4(cpu, Cpu.CR4_SMEP));
        assertFalse(ControlRegisters.writeEfer(cpu, Cpu.EFER_LME));
        cpu.features = Feature.ALL;
        f.machine.long64();
        expect(13, 0, () -> ControlRegisters.writeCr4(cpu, 0));
        expect(13, 0, () -> ControlRegisters.writeCr3(cpu, 1L << 40));
        assertFalse(ControlRegisters.writeEfer(cpu, 0));
        assertFalse(ControlRegisters.writeEfer(cpu, 1L << 5));
    }

    @Test
    void shouldFlushWhenTheRootChanges() {
        f.longMode();
        f.put64(0x80000, 0x71007);
        cpu.mmu.load8(0);
        f.put64(0x72000, 0);
        cpu.mmu.load8(0);
        cpu.r[Cpu.RAX] = 0x80000;

        f.machine.code(0x240000, 0x0F, 0x22, 0xD8);
        f.machine.processor.step();

        assertEquals(0x80000, cpu.cr3);
        assertThrows(GuestException.class, () -> cpu.mmu.load8(0));
    }

    @Test
    void shouldKeepLimitsOfProtectedModeInRealMode() {
        f.kernel();
        Segments.load(cpu, Segment.DS, DATA_0);
        ControlRegisters.writeCr0(cpu, 0);
        CpuMode.refresh(cpu);

        Segments.load(cpu, Segment.DS, 0x1234);

        assertEquals(0x12340, cpu.segments[Segment.DS].base);
        assertEquals(0xFFFFFFFFL, cpu.segments[Segment.DS].limit);
        assertEquals(0x112340, Segments.linear(cpu, Segment.DS, 0x100000, 4, true));
    }

    @Test
    void shouldCheckLimitsInRealMode() {
        f.machine.real();

        expect(13, 0, () -> Segments.linear(cpu, Segment.DS, 0xFFFF, 2, false));
        expect(12, 0, () -> Segments.linear(cpu, Segment.SS, 0xFFFD, 4, true));
        assertEquals(0xFFFF, Segments.linear(cpu, Segment.DS, 0xFFFF, 1, false));
    }

    @Test
    void shouldTurnTheLimitOfAnExpandDownSegmentAround() {
        f.kernel();
        f.descriptor(DATA_1, 0x1000, 0x0FFF, 0x4096);
        Segments.load(cpu, Segment.ES, DATA_1 & ~3);

        expect(13, 0, () -> Segments.linear(cpu, Segment.ES, 0xFFF, 1, false));
        assertEquals(0x2000, Segments.linear(cpu, Segment.ES, 0x1000, 4, true));
        expect(13, 0, () -> Segments.linear(cpu, Segment.ES, 0xFFFFFFFDL, 4, true));
    }

    @Test
    void shouldCheckTypeAndPrivilegeOfSegmentLoads() {
        f.user();
        expect(13, DATA_0, () -> Segments.load(cpu, Segment.DS, DATA_0 | 3));
        expect(13, 0, () -> Segments.load(cpu, Segment.SS, 0));
        expect(13, DATA_3 & ~3, () -> Segments.load(cpu, Segment.SS, DATA_3 & ~3));
        f.kernel();
        expect(11, ABSENT_DATA, () -> Segments.load(cpu, Segment.DS, ABSENT_DATA));
        expect(12, ABSENT_DATA, () -> Segments.load(cpu, Segment.SS, ABSENT_DATA));
        expect(13, CODE_0, () -> Segments.load(cpu, Segment.SS, CODE_0));
        expect(13, TASK, () -> Segments.load(cpu, Segment.ES, TASK));
        Segments.load(cpu, Segment.DS, 0);
        expect(13, 0, () -> Segments.linear(cpu, Segment.DS, 0, 1, false));
        Segments.load(cpu, Segment.DS, CODE_0);
        expect(13, 0, () -> Segments.linear(cpu, Segment.DS, 0, 1, true));
        assertEquals(0x9B, f.get64(GDT + CODE_0) >>> 40 & 0xFF);
    }

    @Test
    void shouldReadSelectorsOfTheLocalTable() {
        f.kernel();
        f.put64(0x1808, f.get64(GDT + DATA_0));
        expect(13, 0x0C, () -> Segments.load(cpu, Segment.DS, 0x0C));

        Segments.loadLdt(cpu, LOCAL);
        Segments.load(cpu, Segment.DS, 0x0C);

        assertEquals(0x0C, f.selector(Segment.DS));
        expect(13, 0x1C, () -> Segments.load(cpu, Segment.DS, 0x1C));
    }

    @Test
    void shouldKeepPrivilegedInstructionsFromTheUser() {
        int[][] instructions = {{0xF4}, {0x0F, 0x22, 0xC0}, {0x0F, 0x20, 0xC0}, {0x0F, 0x06}, {0x0F, 0x01, 0x10},
            {0x0F, 0x01, 0x18}, {0x0F, 0x00, 0xD0}, {0x0F, 0x00, 0xD8}, {0x0F, 0x01, 0xF0}, {0x0F, 0x01, 0x38},
            {0x0F, 0x30}, {0x0F, 0x32}, {0x0F, 0x08}, {0x0F, 0x09}, {0xFA}, {0xFB}, {0x0F, 0x21, 0xC0},
            {0x0F, 0x23, 0xC0}, {0x0F, 0x33}};
        for (int[] instruction : instructions) {
            f.user();
            cpu.r[Cpu.RCX] = 5;
            assertEquals(GuestException.GP, fault(instruction));
        }
    }

    @Test
    void shouldHideSystemRegistersFromTheUserWithUmip() {
        cpu.cr4 |= Cpu.CR4_UMIP;
        int[][] instructions = {{0x0F, 0x01, 0x00}, {0x0F, 0x01, 0x08}, {0x0F, 0x00, 0xC0}, {0x0F, 0x00, 0xC8},
            {0x0F, 0x01, 0xE0}};
        for (int[] instruction : instructions) {
            f.user();
            cpu.r[Cpu.RAX] = 0x50000;
            assertEquals(GuestException.GP, fault(instruction));
        }
        f.kernel();
        assertTrue(step(0x0F, 0x01, 0xE0));
        assertEquals(cpu.cr0, cpu.r[Cpu.RAX]);
    }

    @Test
    void shouldLoadAndStoreDescriptorTables() {
        f.kernel();
        f.put32(0x50000, 0x1000_0123);
        f.put16(0x50004, 0xAB00);
        cpu.r[Cpu.RAX] = 0x50000;
        assertTrue(step(0x0F, 0x01, 0x18));
        assertEquals(0x123, cpu.idtLimit);
        assertEquals(0xAB001000L, cpu.idtBase);
        cpu.idtBase = IDT;
        cpu.r[Cpu.RAX] = 0x50010;

        assertTrue(step(0x0F, 0x01, 0x08));

        assertEquals(0x123, f.get16(0x50010));
        assertEquals(IDT, f.get32(0x50012));
    }

    @Test
    void shouldTellRightsAndLimits() {
        f.kernel();
        cpu.r[Cpu.RBX] = DATA_3;
        assertTrue(step(0x0F, 0x02, 0xC3));
        assertEquals(0xCFF200, cpu.r[Cpu.RAX]);
        assertTrue((Flags.all(cpu) & Cpu.ZF) != 0);
        assertTrue(step(0x0F, 0x03, 0xC3));
        assertEquals(0xFFFFFFFFL, cpu.r[Cpu.RAX]);
        cpu.r[Cpu.RBX] = 0xFF0;
        assertTrue(step(0x0F, 0x03, 0xC3));
        assertTrue((Flags.all(cpu) & Cpu.ZF) == 0);
        f.machine.real();
        f.put32(6 * 4, HANDLER >> 4 << 16 | 6);
        cpu.idtBase = 0;
        cpu.r[Cpu.RSP] = 0x8000;
        f.machine.code(0x5000, 0x0F, 0x02, 0xC3);
        f.machine.processor.step();
        assertEquals(6, cpu.rip);
    }

    @Test
    void shouldEnterAndLeaveTheKernelBySyscall() {
        f.longMode();
        f.machine.ram.set(java.lang.foreign.ValueLayout.JAVA_LONG, 0x72000, 0x87);
        cpu.efer |= Cpu.EFER_SCE;
        cpu.star = 0x0018_0008_0000_0000L;
        cpu.lstar = HANDLER + 0x100;
        cpu.sfmask = Cpu.IF | Cpu.TF;
        cpu.segments[Segment.CS].set(0x2B, 0, 0xFFFFFFFFL, 0xA0FB);
        cpu.cpl = 3;
        Flags.setAll(cpu, 0x202 | Cpu.CF);

        assertTrue(step(0x0F, 0x05));

        assertEquals(HANDLER + 0x100, cpu.rip);
        assertEquals(START + 2, cpu.r[Cpu.RCX]);
        assertEquals(0x203, cpu.r[11]);
        assertEquals(3, Flags.all(cpu));
        assertEquals(8, f.selector(Segment.CS));
        assertEquals(16, f.selector(Segment.SS));
        assertEquals(0, cpu.cpl);
        assertTrue(step(0x48, 0x0F, 0x07));
        assertEquals(START + 2, cpu.rip);
        assertEquals(0x203, Flags.all(cpu));
        assertEquals(0x2B, f.selector(Segment.CS));
        assertEquals(0x23, f.selector(Segment.SS));
        cpu.efer &= ~Cpu.EFER_SCE;
        f.kernel();
        cpu.segments[Segment.CS].set(CODE_64, 0, 0xFFFFFFFFL, 0xA09B);
        assertEquals(GuestException.UD, fault(0x0F, 0x05));
    }

    @Test
    void shouldEnterTheKernelBySysenterInLegacyModeOnly() {
        f.user();
        assertEquals(GuestException.GP, fault(0x0F, 0x34));
        f.user();
        cpu.sysenterCs = CODE_0;
        cpu.sysenterEip = HANDLER + 0x100;
        cpu.sysenterEsp = STACK_0;
        assertTrue(step(0x0F, 0x34));
        assertEquals(0, cpu.cpl);
        assertEquals(STACK_0, cpu.r[Cpu.RSP]);
        assertEquals(0, cpu.systemFlags & Cpu.IF);
        f.longMode();
        assertEquals(GuestException.UD, fault(0x0F, 0x34));
    }

    @Test
    void shouldHoldInterruptsBackAfterStiAndMovSs() {
        f.kernel();
        cpu.systemFlags &= ~Cpu.IF;
        assertTrue(step(0xFB));
        assertTrue(cpu.stiShadow);
        assertTrue(step(0xFB));
        assertFalse(cpu.stiShadow);
        cpu.r[Cpu.RAX] = DATA_0;
        assertTrue(step(0x8E, 0xD0));
        assertTrue(cpu.movSsShadow);
        assertTrue(step(0x90));
        assertFalse(cpu.movSsShadow);
    }

    @Test
    void shouldFaultOnAccessToDebugRegistersThatAreGuarded() {
        f.kernel();
        cpu.dr[7] = 1 << 13 | 0x400;

        assertEquals(GuestException.DB, fault(0x0F, 0x21, 0xC0));

        assertEquals(1 << 13, cpu.dr[6] & 1 << 13);
        assertEquals(0x400, cpu.dr[7]);
    }

    @Test
    void shouldReadAndWriteModelSpecificRegisters() {
        f.kernel();
        cpu.r[Cpu.RCX] = 0x277;
        cpu.r[Cpu.RAX] = 0x01040506L;
        cpu.r[Cpu.RDX] = 0x00070406L;
        assertTrue(step(0x0F, 0x30));
        cpu.r[Cpu.RAX] = cpu.r[Cpu.RDX] = 0;
        assertTrue(step(0x0F, 0x32));
        assertEquals(0x01040506L, cpu.r[Cpu.RAX]);
        assertEquals(0x00070406L, cpu.r[Cpu.RDX]);
        cpu.r[Cpu.RAX] = 2;
        assertEquals(GuestException.GP, fault(0x0F, 0x30));
        f.kernel();
        cpu.r[Cpu.RCX] = 0x12345;
        assertEquals(GuestException.GP, fault(0x0F, 0x32));
    }

    @Test
    void shouldOfferInCpuidWhatTheModelHasAndNothingElse() {
        for (var rows : java.util.List.of(CpuidModel.supported(), CpuidModel.qemu64())) {
            int[] table = rows.stream().flatMapToInt(java.util.Arrays::stream).toArray();
            cpu.cpuid.set(table);
            long features = cpu.cpuid.features();
            assertEquals(0, features & ~CpuidModel.SUPPORTED);
            assertTrue((features & Feature.LONG_MODE) != 0);
        }
        f.kernel();
        cpu.r[Cpu.RAX] = 0;
        assertTrue(step(0x0F, 0xA2));
        assertEquals(0x68747541, cpu.r[Cpu.RBX]);
        cpu.r[Cpu.RAX] = 1;
        cpu.cr4 |= Cpu.CR4_OSXSAVE;
        assertTrue(step(0x0F, 0xA2));
        assertEquals(0, cpu.r[Cpu.RCX] & 1 << 27);
        cpu.r[Cpu.RAX] = 0x1234;
        assertTrue(step(0x0F, 0xA2));
        assertEquals(0, cpu.r[Cpu.RAX] | cpu.r[Cpu.RBX] | cpu.r[Cpu.RCX] | cpu.r[Cpu.RDX]);
    }
}

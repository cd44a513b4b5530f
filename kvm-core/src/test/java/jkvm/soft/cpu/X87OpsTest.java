package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import jkvm.soft.fpu.FpuState;
import jkvm.soft.mmu.GuestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The faults of x87, MMX and state instructions, the state that they leave, and the values that they store. */
class X87OpsTest {
    private static final int NONE = -1;
    /** Beyond RAM that long64's page tables map. */
    private static final long UNMAPPED = 0x2_0000_0000L;

    private final InstructionFixture fixture = new InstructionFixture();
    private final FpuState fpu = fixture.fpu;
    private final Cpu cpu = fixture.cpu;

    @AfterEach
    void close() {
        fixture.close();
    }

    private int fld1() {
        return fixture.execute(0xD9, 0xE8);
    }

    private int fldz() {
        return fixture.execute(0xD9, 0xEE);
    }

    @Test
    void shouldRaiseDeviceNotAvailableAfterATaskSwitch() {
        cpu.cr0 |= Cpu.CR0_TS;

        assertEquals(GuestException.NM, fld1());
        assertEquals(GuestException.NM, fixture.execute(0x0F, 0x77));
        assertEquals(GuestException.NM, fixture.execute(0x0F, 0xAE, 0x07));
        assertEquals(NONE, fixture.execute(0x9B));
        cpu.cr0 |= Cpu.CR0_MP;
        assertEquals(GuestException.NM, fixture.execute(0x9B));
    }

    @Test
    void shouldLeaveEmulationToTheOperatingSystemForX87AndRefuseMmx() {
        cpu.cr0 |= Cpu.CR0_EM;

        assertEquals(GuestException.NM, fld1());
        assertEquals(GuestException.UD, fixture.execute(0x0F, 0x77));
    }

    @Test
    void shouldRaiseAnUnmaskedExceptionAtTheNextWaitingInstruction() {
        fpu.controlWord(FpuState.INITIAL_CONTROL & ~FpuState.ZE);
        fld1();
        fldz();

        int division = fixture.execute(0xD8, 0xF9);

        assertEquals(NONE, division);
        assertEquals(FpuState.ES | FpuState.B | FpuState.ZE, fpu.statusWord() & 0x80FF);
        assertEquals(NONE, fixture.execute(0xDF, 0xE0));
        assertEquals(GuestException.MF, fld1());
        assertEquals(GuestException.MF, fixture.execute(0x9B));
        assertEquals(GuestException.MF, fixture.execute(0x0F, 0x77));
        assertEquals(NONE, fixture.execute(0xDB, 0xE2));
        assertEquals(NONE, fld1());
    }

    @Test
    void shouldChangeNothingWhereTheOperandFaults() {
        fld1();
        cpu.r[Cpu.RDI] = UNMAPPED;

        assertEquals(GuestException.PF, fixture.execute(0xD9, 0x07));
        assertEquals(GuestException.PF, fixture.execute(0xDB, 0x3F));
        assertEquals(GuestException.PF, fixture.execute(0xDD, 0x37));
        assertEquals(GuestException.PF, fixture.execute(0x0F, 0x6F, 0x07));
        assertEquals(7, fpu.top);
        assertEquals(0x80, fpu.inUse);
        assertEquals(0, fpu.status);
    }

    @Test
    void shouldKeepStackFaultsApartByC1() {
        fixture.execute(0xD9, 0xFA);
        int underflow = fpu.statusWord();
        fixture.execute(0xDB, 0xE3);
        for (int i = 0; i < 9; i++) {
            fld1();
        }

        assertEquals(FpuState.IE | FpuState.SF, underflow);
        assertEquals(FpuState.IE | FpuState.SF | FpuState.C1 | 7 << 11, fpu.statusWord());
    }

    @Test
    void shouldStoreTheEnvironmentInAllFourForms() {
        fld1();
        cpu.r[Cpu.RAX] = 0;

        fixture.execute(0xD9, 0x37);
        long wide = cpu.mmu.load64(InstructionFixture.OPERAND);
        long tags = cpu.mmu.load32(InstructionFixture.OPERAND + 8);
        fpu.control &= ~FpuState.EXCEPTIONS;
        fixture.execute(0x66, 0xD9, 0x37);

        assertEquals(0xFFFF3800_FFFF037FL, wide);
        assertEquals(0xFFFF3FFFL, tags);
        assertEquals(0x3FFF_3800_0340L, cpu.mmu.load64(InstructionFixture.OPERAND) & 0xFFFF_FFFF_FFFFL);
        assertEquals(FpuState.EXCEPTIONS, fpu.control & FpuState.EXCEPTIONS);
    }

    @Test
    void shouldRestoreWhatFsaveStored() {
        fld1();
        fixture.execute(0xD9, 0xEB);
        long[] before = fpu.significand.clone();

        fixture.execute(0xDD, 0x37);
        int afterSave = fpu.inUse;
        fixture.execute(0xDD, 0x27);

        assertEquals(0, afterSave);
        assertArrayEquals(before, fpu.significand);
        assertEquals(0xC0, fpu.inUse);
        assertEquals(6, fpu.top);
    }

    @Test
    void shouldRefuseMisalignedAndReservedFxrstor() {
        fixture.execute(0x48, 0x0F, 0xAE, 0x07);
        cpu.mmu.store32(InstructionFixture.OPERAND + 24, 0x1_0000);

        int reserved = fixture.execute(0x48, 0x0F, 0xAE, 0x0F);
        cpu.r[Cpu.RDI] += 8;

        assertEquals(GuestException.GP, reserved);
        assertEquals(GuestException.GP, fixture.execute(0x48, 0x0F, 0xAE, 0x07));
    }

    @Test
    void shouldHideErrorPointersInFxsaveUntilAnExceptionIsPending() {
        fld1();
        fixture.execute(0x48, 0x0F, 0xAE, 0x07);
        long without = cpu.mmu.load64(InstructionFixture.OPERAND + 8);
        fpu.controlWord(0x340);
        fldz();
        fixture.execute(0xD8, 0xF9);
        fixture.execute(0x48, 0x0F, 0xAE, 0x07);

        assertEquals(0, without);
        assertEquals(0x1000, cpu.mmu.load64(InstructionFixture.OPERAND + 8));
        assertEquals(0x00F9, cpu.mmu.load16(InstructionFixture.OPERAND + 6));
    }

    @Test
    void shouldSaveAndRestoreByComponents() {
        cpu.cr4 |= Cpu.CR4_OSXSAVE;
        cpu.xcr0 = 3;
        cpu.r[Cpu.RAX] = 3;
        cpu.r[Cpu.RDX] = 0;
        fpu.xmm[31] = 5;
        fpu.mxcsr = 0x1FA0;

        fixture.execute(0x0F, 0xAE, 0x27);
        long present = cpu.mmu.load64(InstructionFixture.OPERAND + 512);
        fld1();
        fpu.xmm[31] = 6;
        fpu.mxcsr = FpuState.INITIAL_MXCSR;
        fixture.execute(0x0F, 0xAE, 0x2F);

        assertEquals(2, present);
        assertEquals(0, fpu.inUse);
        assertEquals(5, fpu.xmm[31]);
        assertEquals(0x1FA0, fpu.mxcsr);
    }

    @Test
    void shouldWriteTheBytesOfSavedComponentsOnly() {
        cpu.cr4 |= Cpu.CR4_OSXSAVE;
        cpu.xcr0 = 3;
        cpu.r[Cpu.RAX] = 1;
        cpu.r[Cpu.RDX] = 0;
        fld1();
        for (int i = 0; i < 576; i += 8) {
            cpu.mmu.store64(InstructionFixture.OPERAND + i, -1);
        }

        fixture.execute(0x0F, 0xC7, 0x27);

        assertEquals(0x3800_037FL, cpu.mmu.load32(InstructionFixture.OPERAND));
        assertEquals(-1, cpu.mmu.load64(InstructionFixture.OPERAND + 24));
        assertEquals(-1, cpu.mmu.load64(InstructionFixture.OPERAND + 160));
        assertEquals(1, cpu.mmu.load64(InstructionFixture.OPERAND + 512));
        assertEquals(1L << 63 | 1, cpu.mmu.load64(InstructionFixture.OPERAND + 520));
        assertEquals(-1, cpu.mmu.load64(InstructionFixture.OPERAND + 528));
    }

    @Test
    void shouldRefuseXrstorOfComponentsThatAreNotEnabled() {
        cpu.cr4 |= Cpu.CR4_OSXSAVE;
        cpu.xcr0 = 3;
        cpu.r[Cpu.RAX] = 3;
        cpu.mmu.store64(InstructionFixture.OPERAND + 512, 4);

        assertEquals(GuestException.GP, fixture.execute(0x0F, 0xAE, 0x2F));
        cpu.cr4 &= ~Cpu.CR4_OSXSAVE;
        assertEquals(GuestException.UD, fixture.execute(0x0F, 0xAE, 0x2F));
    }

    @Test
    void shouldMarkAllRegistersInUseByMmxAndNoneByEmms() {
        cpu.mmu.store64(InstructionFixture.OPERAND, 0x0102030405060708L);

        fixture.execute(0x0F, 0x6F, 0x1F);
        fixture.execute(0x0F, 0xFC, 0xDB);
        int inUse = fpu.inUse;
        fixture.execute(0x0F, 0x77);

        assertEquals(0x020406080A0C0E10L, fpu.significand[3]);
        assertEquals(0xFFFF, fpu.exponent[3]);
        assertEquals(0xFF, inUse);
        assertEquals(0, fpu.inUse);
    }

    @Test
    void shouldLeaveArgumentsBeyondTwoToThe63() {
        fldTwoToThe63();

        fixture.execute(0xD9, 0xFE);

        assertEquals(FpuState.C2, fpu.status);
        assertEquals(16383 + 63, fpu.exponent[fpu.top]);
    }

    private void fldTwoToThe63() {
        cpu.mmu.store64(InstructionFixture.OPERAND, 0x43E0000000000000L);
        fixture.execute(0xDD, 0x07);
    }

    @Test
    void shouldAllocateNothing() {
        Insn[] insns = {fixture.decode(0xD9, 0xEB), fixture.decode(0xD9, 0xE8), fixture.decode(0xD8, 0xC1),
            fixture.decode(0xD8, 0xF1), fixture.decode(0xD9, 0xFA), fixture.decode(0xD9, 0xFE),
            fixture.decode(0xD9, 0xF3), fixture.decode(0xDB, 0x3F), fixture.decode(0x48, 0x0F, 0xAE, 0x07),
            fixture.decode(0x48, 0x0F, 0xAE, 0x0F)};
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        runAll(insns, 2_000);

        long before = threads.getCurrentThreadAllocatedBytes();
        runAll(insns, 2_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertTrue(allocated < 2_000, () -> allocated + " bytes");
    }

    private void runAll(Insn[] insns, int times) {
        for (int i = 0; i < times; i++) {
            for (Insn insn : insns) {
                Groups.execute(cpu, insn);
            }
        }
    }
}

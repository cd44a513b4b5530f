package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import jkvm.soft.mmu.GuestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The faults that SSE instructions raise, and the state that they leave unchanged. */
class SseFaultsTest {
    private static final int NOTHING = -1;
    private static final long CODE = 0x1000;
    private static final long DATA = 0x20000;
    /** The last page of the first 2 MiB; what follows is taken away where a test says so. */
    private static final long LAST_PAGE = 0x1FF000;
    private static final String ADDPS = "0f58ca", ADDPS_MEMORY = "0f580e", DIVSD = "f20f5eca", MOVUPS_STORE = "0f110e",
            MOVAPS_STORE = "0f290e", PADDB = "660ffcca", AESENC = "660f38dcca", MASKMOVDQU = "660ff7ca";

    private SoftMachine machine;
    private Cpu cpu;

    @BeforeEach
    void createMachine() {
        machine = new SoftMachine(4);
        machine.long64();
        cpu = machine.cpu;
        cpu.r[Cpu.RSI] = DATA;
    }

    @AfterEach
    void closeMachine() {
        machine.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {ADDPS, PADDB, AESENC, "0f50ca"})
    void shouldBeUndefinedUnlessTheSystemSavesItsRegisters(String code) {
        cpu.cr4 &= ~Cpu.CR4_OSFXSR;

        assertEquals(GuestException.UD, execute(code));
    }

    @ParameterizedTest
    @ValueSource(strings = {ADDPS, PADDB, AESENC})
    void shouldBeUndefinedUnderEmulationThoughTheTaskSwitched(String code) {
        cpu.cr0 |= Cpu.CR0_EM | Cpu.CR0_TS;

        assertEquals(GuestException.UD, execute(code));
    }

    @Test
    void shouldNotBeAvailableAfterTaskSwitch() {
        cpu.cr0 |= Cpu.CR0_TS;

        assertEquals(GuestException.NM, execute(ADDPS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"f30ffcca", "f20f28ca", "660f13ca", "0f3838ca", "f30f3800ca", "660f3a18ca00", "660f71ca01",
        "660f7110", "f00f58ca"})
    void shouldBeUndefinedWhereNoInstructionIs(String code) {
        cpu.cr0 |= Cpu.CR0_TS;

        assertEquals(GuestException.UD, execute(code));
    }

    @Test
    void shouldBeUndefinedWithoutTheFeature() {
        // given
        cpu.features &= ~(Feature.SSE41 | Feature.SHA);

        // then
        assertEquals(GuestException.UD, execute("660f3840ca"));
        assertEquals(GuestException.UD, execute("0f38c8ca"));
        assertEquals(NOTHING, execute("660f3837ca"));
    }

    @ParameterizedTest
    @ValueSource(strings = {ADDPS_MEMORY, MOVAPS_STORE, "660fef0e", "660f3a0f0e01", "660fe70e"})
    void shouldWantMemoryOfSixteenBytesAligned(String code) {
        cpu.r[Cpu.RSI] = DATA + 8;

        assertEquals(GuestException.GP, execute(code));
    }

    @ParameterizedTest
    @ValueSource(strings = {MOVUPS_STORE, "f30f6f0e", "f20ff00e", "660f3a630e08", "f20f580e", "0f5a0e"})
    void shouldTakeOtherMemoryAnywhere(String code) {
        cpu.r[Cpu.RSI] = DATA + 3;

        assertEquals(NOTHING, execute(code));
    }

    @Test
    void shouldWriteNothingOfAStoreWhoseEndFaults() {
        // given
        cpu.fpu.xmm[2] = -1;
        cpu.fpu.xmm[3] = -1;
        unmapAbove();
        cpu.r[Cpu.RSI] = LAST_PAGE + 4096 - 8;

        // then
        assertEquals(GuestException.PF, execute(MOVUPS_STORE));
        assertEquals(0, machine.ram.get(ValueLayout.JAVA_LONG, LAST_PAGE + 4096 - 8));
    }

    @Test
    void shouldWriteOnlyTheBytesOfTheMaskButNeedAllSixteen() {
        // given
        unmapAbove();
        cpu.fpu.xmm[2] = 0x8877665544332211L;
        cpu.fpu.xmm[4] = 0x80800080L;

        // when
        cpu.r[Cpu.RDI] = LAST_PAGE + 4096 - 16;
        int inside = execute(MASKMOVDQU);
        cpu.r[Cpu.RDI] = LAST_PAGE + 4096 - 4;
        int acrossTheEnd = execute(MASKMOVDQU);

        // then
        assertEquals(NOTHING, inside);
        assertEquals(0x44330011, machine.ram.get(ValueLayout.JAVA_INT, LAST_PAGE + 4096 - 16));
        assertEquals(GuestException.PF, acrossTheEnd);
        assertEquals(0, machine.ram.get(ValueLayout.JAVA_INT, LAST_PAGE + 4096 - 4));
    }

    @Test
    void shouldRaiseAnUnmaskedExceptionAndLeaveTheDestination() {
        // given
        one(1, 1.0);
        one(2, 0.0);
        cpu.fpu.mxcsr = 0x1F80 & ~0x200;

        // when
        int vector = execute(DIVSD);

        // then
        assertEquals(GuestException.XM, vector);
        assertEquals(0x1D84, cpu.fpu.mxcsr);
        assertEquals(Double.doubleToRawLongBits(1.0), cpu.fpu.xmm[2]);
    }

    @Test
    void shouldBeUndefinedWhereTheSystemDoesNotKnowTheException() {
        // given
        one(2, 0.0);
        cpu.fpu.mxcsr = 0;
        cpu.cr4 &= ~Cpu.CR4_OSXMMEXCPT;

        // then
        assertEquals(GuestException.UD, execute(DIVSD));
    }

    @Test
    void shouldNotRaiseAnExceptionForAFlagThatWasSetBefore() {
        // given
        one(1, 1.0);
        one(2, 2.0);
        cpu.fpu.mxcsr = 0x3F;

        // then
        assertEquals(NOTHING, execute(DIVSD));
        assertEquals(Double.doubleToRawLongBits(0.5), cpu.fpu.xmm[2]);
    }

    @Test
    void shouldRefuseReservedBitsOfMxcsr() {
        // given
        machine.ram.set(ValueLayout.JAVA_INT, DATA, 0x11F80);
        machine.ram.set(ValueLayout.JAVA_INT, DATA + 4, 0xFFFF);

        // then
        assertEquals(GuestException.GP, execute("0fae16"));
        assertEquals(0x1F80, cpu.fpu.mxcsr);
        assertEquals(NOTHING, execute("0fae5e10"));
        assertEquals(0x1F80, machine.ram.get(ValueLayout.JAVA_INT, DATA + 16));
        assertEquals(NOTHING, execute("0fae5604"));
        assertEquals(0xFFFF, cpu.fpu.mxcsr);
    }

    private void one(int register, double value) {
        cpu.fpu.xmm[2 * register] = Double.doubleToRawLongBits(value);
    }

    /** Takes away the second 2 MiB page. */
    private void unmapAbove() {
        machine.ram.set(ValueLayout.JAVA_LONG, 0x72008, 0);
        cpu.mmu.flushAll();
    }

    /** @return the exception's vector, or {@link #NOTHING} */
    private int execute(String code) {
        machine.code(CODE, HexFormat.of().parseHex(code));
        Insn insn = new Decoder(offset -> (int) cpu.mmu.load8(offset), cpu.fault).decode(CODE, cpu.mode, cpu.features,
                0xFFFFFFFFL);
        try {
            Groups.execute(cpu, insn);
            return NOTHING;
        } catch (GuestException e) {
            return e.vector;
        }
    }
}

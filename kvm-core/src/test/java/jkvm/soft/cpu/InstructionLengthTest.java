package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jkvm.soft.jit.CompilerThread;
import jkvm.soft.jit.VcpuCompiler;
import jkvm.soft.mmu.GuestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Instructions of fifteen bytes and more, and those whose end is on a page that cannot be executed. */
class InstructionLengthTest {
    private static final int DS_PREFIX = 0x3E, LONGEST = 15;
    /** Where a page of 2 MiB ends; the entry of the next one, and what it maps. */
    private static final long PAGE_END = 0x40_0000, NEXT_ENTRY = 0x72010, NEXT_PAGE = PAGE_END | 0x87;
    private static final long STACK = 0x50000, NO_EXECUTE = 1L << 63, MMIO = 0x8000_0000L;
    private static final int FETCH = 1 << 4, PRESENT = 1, REAL_HANDLER = 0x500;
    /** Ten prefixes, then MOV EAX with a number. */
    private static final int[] MOV = new int[LONGEST];

    static {
        Arrays.fill(MOV, DS_PREFIX);
        MOV[10] = 0xB8;
        MOV[11] = 0x44;
        MOV[12] = 0x33;
        MOV[13] = 0x22;
        MOV[14] = 0x11;
    }

    private final SoftMachine machine = new SoftMachine(8);
    private final Cpu cpu = machine.cpu;

    @AfterEach
    void close() {
        machine.close();
    }

    private void longMode() {
        machine.long64();
        machine.handlers();
        cpu.r[Cpu.RSP] = STACK;
    }

    private void map(long entry) {
        machine.ram.set(ValueLayout.JAVA_LONG, NEXT_ENTRY, entry);
        cpu.mmu.configure(cpu.cr0, cpu.cr3, cpu.cr4, cpu.efer);
    }

    private static int[] prefixes(int count) {
        int[] bytes = new int[count];
        Arrays.fill(bytes, DS_PREFIX);
        return bytes;
    }

    private long pushed(int word) {
        return machine.ram.get(ValueLayout.JAVA_LONG, cpu.r[Cpu.RSP] + 8 * word);
    }

    /** The handler of a page fault at the page end was entered, and nothing else happened. */
    private void assertFaulted(int error, long instruction) {
        assertEquals(SoftMachine.handler(GuestException.PF), cpu.rip);
        assertEquals(PAGE_END, cpu.cr2);
        assertEquals(error, pushed(0));
        assertEquals(instruction, pushed(1));
        assertEquals(0, cpu.r[Cpu.RAX]);
    }

    @Test
    @DisplayName("an instruction of fifteen bytes without its second page faults there, wherever the page ends")
    void shouldFaultAtTheMissingPageAndExecuteWhenItIsThere() {
        for (int first = 1; first < LONGEST; first++) {
            longMode();
            machine.code(PAGE_END - first, MOV);
            map(0);

            machine.processor.step();
            assertFaulted(0, PAGE_END - first);

            map(NEXT_PAGE);
            cpu.rip = PAGE_END - first;
            machine.processor.step();
            assertEquals(0x11223344, cpu.r[Cpu.RAX]);
            assertEquals(PAGE_END - first + LONGEST, cpu.rip);
            cpu.r[Cpu.RAX] = 0;
        }
    }

    @Test
    @DisplayName("an instruction whose second page may not be executed faults with the reason")
    void shouldTellWhyTheSecondPageMayNotBeExecuted() {
        longMode();
        machine.code(PAGE_END - 5, MOV);
        cpu.efer |= Cpu.EFER_NXE;
        map(NEXT_PAGE | NO_EXECUTE);

        machine.processor.step();
        assertFaulted(FETCH | PRESENT, PAGE_END - 5);

        map(0);
        cpu.rip = PAGE_END - 5;
        machine.processor.step();
        assertFaulted(FETCH, PAGE_END - 5);
    }

    @Test
    @DisplayName("an instruction whose second page has no memory exits the guest")
    void shouldLeaveTheGuestIfTheSecondPageIsNoMemory() {
        longMode();
        machine.code(PAGE_END - 5, MOV);
        map(MMIO | 0x87);

        assertEquals(ExitCause.NO_CODE, machine.processor.run());

        assertEquals(PAGE_END - 5, cpu.rip);
        assertEquals(0, cpu.r[Cpu.RAX]);
    }

    @Test
    @DisplayName("fifteen prefixes are too many without a look at the next page, fourteen need it")
    void shouldFetchNoMoreThanFifteenBytes() {
        longMode();
        machine.code(PAGE_END - LONGEST, prefixes(LONGEST));
        map(0);
        machine.processor.step();
        assertEquals(SoftMachine.handler(GuestException.GP), cpu.rip);

        longMode();
        machine.code(PAGE_END - LONGEST + 1, prefixes(LONGEST - 1));
        map(0);
        machine.processor.step();
        assertFaulted(0, PAGE_END - LONGEST + 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3})
    @DisplayName("endless prefixes of each kind are a general protection fault in each mode")
    void shouldEndEndlessPrefixes(int prefix) {
        int[] page = new int[4096];
        Arrays.fill(page, prefix);
        longMode();
        machine.code(0x20_0000, page);
        machine.processor.step();
        assertEquals(SoftMachine.handler(GuestException.GP), cpu.rip);
        assertEquals(0x20_0000, pushed(1));

        machine.real();
        cpu.idtBase = 0;
        cpu.idtLimit = 0x3FF;
        machine.ram.set(ValueLayout.JAVA_INT, 4 * GuestException.GP, REAL_HANDLER);
        machine.code(0x2000, page);
        machine.processor.step();
        assertEquals(REAL_HANDLER, cpu.rip);
    }

    @Test
    @DisplayName("an instruction across the end of its code segment is a general protection fault")
    void shouldFaultAcrossTheSegmentsEnd() {
        machine.real();
        cpu.idtBase = 0;
        cpu.idtLimit = 0x3FF;
        machine.ram.set(ValueLayout.JAVA_INT, 4 * GuestException.GP, REAL_HANDLER);
        cpu.r[Cpu.RSP] = 0x4000;
        // mov ax, 1234h
        machine.code(0xFFFE, 0xB8, 0x34, 0x12);

        machine.processor.step();

        assertEquals(REAL_HANDLER, cpu.rip);
        assertEquals(0xFFFE, machine.ram.get(ValueLayout.JAVA_SHORT_UNALIGNED, cpu.r[Cpu.RSP]) & 0xFFFF);
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    @DisplayName("hot code across a page end faults when its second page has gone")
    void shouldFaultInHotCodeWhenTheSecondPageHasGone(boolean compiles) {
        try (CompilerThread thread = new CompilerThread()) {
            longMode();
            if (compiles) {
                machine.processor.compileWith(new VcpuCompiler(cpu, thread));
            }
            cpu.r[Cpu.RCX] = Integer.MAX_VALUE;
            // 1: dec ecx; mov eax, 0 (across the end); jnz 1b; hlt
            machine.code(PAGE_END - 5, 0xFF, 0xC9, 0xB8, 0, 0, 0, 0, 0x75, 0xF7, 0xF4);
            for (int i = 0; i < 300; i++) {
                assertEquals(ExitCause.ATTENTION, machine.processor.run());
            }

            map(0);
            cpu.rip = PAGE_END - 5;
            assertEquals(ExitCause.HALTED, machine.runToExit());

            assertEquals(PAGE_END, cpu.cr2);
            assertEquals(PAGE_END - 3, pushed(1));
        }
    }
}

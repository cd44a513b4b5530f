package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.List;
import jkvm.soft.mmu.GuestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InterpreterTest {
    private static final int CODE = 0x10000;
    private final SoftMachine machine = new SoftMachine(4);
    private final Cpu cpu = machine.cpu;

    @AfterEach
    void close() {
        machine.close();
    }

    private void run(int instructions) {
        for (int i = 0; i < instructions; i++) {
            assertEquals(ExitCause.NONE, machine.processor.step());
        }
    }

    @Test
    void shouldLoopUntilTheCountIsUsedUp() {
        machine.long64();
        // mov ecx, 1000; xor eax, eax; l: add eax, ecx; dec ecx; jnz l; out 80h, al
        machine.code(CODE, 0xB9, 0xE8, 3, 0, 0, 0x31, 0xC0, 0x01, 0xC8, 0xFF, 0xC9, 0x75, 0xFA, 0xE6, 0x80, 0xE4, 0x60);

        int cause = machine.runToExit();

        assertEquals(ExitCause.USER_SPACE, cause);
        assertEquals(500_500, cpu.r[Cpu.RAX]);
        assertEquals(CODE + 15, cpu.rip);
        assertEquals(List.of("port 80 1 14"), machine.written);
        assertEquals(2 + 3 * 1000 + 1, cpu.instructions);
    }

    @Test
    void shouldClearTheUpperHalfOfARegisterOfThirtyTwoBits() {
        machine.long64();
        cpu.r[Cpu.RAX] = -1;
        machine.code(CODE, 0x89, 0xC0);

        run(1);

        assertEquals(0xFFFFFFFFL, cpu.r[Cpu.RAX]);
    }

    @Test
    void shouldKeepTheRestOfARegisterForBytesAndWords() {
        machine.long64();
        cpu.r[Cpu.RAX] = 0x1122334455667788L;
        cpu.r[Cpu.RBX] = 0xAABB;
        // mov ah, bl; mov al, bh
        machine.code(CODE, 0x88, 0xDC, 0x88, 0xF8);

        run(2);

        assertEquals(0x112233445566BBAAL, cpu.r[Cpu.RAX]);
    }

    @Test
    void shouldStayAtAPortReadUntilUserSpaceHasAnswered() {
        machine.long64();
        machine.code(CODE, 0xE4, 0x60);

        assertEquals(ExitCause.USER_SPACE, machine.processor.run());
        assertEquals(CODE, cpu.rip);
        machine.input = 0x5AL;
        run(1);

        assertEquals(0x5A, cpu.r[Cpu.RAX]);
        assertEquals(CODE + 2, cpu.rip);
    }

    @Test
    void shouldDeliverAnMmioWriteAfterTheInstruction() {
        machine.long64();
        cpu.r[Cpu.RBX] = 0x800000;
        // mov dword [rbx], 7
        machine.code(CODE, 0xC7, 0x03, 7, 0, 0, 0);

        assertEquals(ExitCause.WRITTEN, machine.processor.run());

        assertEquals(List.of("mmio 800000 4 7"), machine.written);
        assertEquals(CODE + 6, cpu.rip);
    }

    @Test
    @DisplayName("code that overwrites the next instruction executes the new one")
    void shouldExecuteWhatTheProgramHasWrittenOverItself() {
        machine.long64();
        // l: mov byte [rip + 1], 5 (the immediate of the next instruction); mov al, 1; out 80h, al
        machine.code(CODE, 0xC6, 0x05, 1, 0, 0, 0, 5, 0xB0, 1, 0xE6, 0x80, 0xEB, 0xF3);

        for (int i = 0; i < 3; i++) {
            assertEquals(ExitCause.WRITTEN, machine.processor.run());
        }

        assertEquals(List.of("port 80 1 5", "port 80 1 5"), machine.written);
    }

    @Test
    @DisplayName("code that another thread has written executes at the next entry")
    void shouldSeeCodeThatSomeoneElseHasWrittenAtTheNextEntry() {
        machine.long64();
        // mov al, 1; in al, 60h
        machine.code(CODE, 0xB0, 1, 0xE4, 0x60);
        assertEquals(ExitCause.USER_SPACE, machine.processor.run());
        machine.ram.set(ValueLayout.JAVA_BYTE, CODE + 1, (byte) 9);
        cpu.rip = CODE;

        assertEquals(ExitCause.USER_SPACE, machine.processor.run());

        assertEquals(9, cpu.r[Cpu.RAX]);
    }

    @Test
    void shouldExecuteAnInstructionAcrossAPageEnd() {
        machine.long64();
        // mov eax, 12345678h with its immediate on the next page; in al, 60h
        machine.code(0x10FFE, 0xB8, 0x78, 0x56, 0x34, 0x12, 0xE4, 0x60);

        assertEquals(ExitCause.USER_SPACE, machine.processor.run());
        assertEquals(0x12345678, cpu.r[Cpu.RAX]);
        machine.ram.set(ValueLayout.JAVA_BYTE, 0x11002, (byte) 0x55);
        cpu.rip = 0x10FFE;

        assertEquals(ExitCause.USER_SPACE, machine.processor.run());
        assertEquals(0x55345678, cpu.r[Cpu.RAX]);
    }

    @Test
    void shouldMoveAStringAcrossPages() {
        machine.long64();
        for (int i = 0; i < 10_000; i++) {
            machine.ram.set(ValueLayout.JAVA_BYTE, 0x20000 + i, (byte) (i * 7));
        }
        cpu.r[Cpu.RSI] = 0x20003;
        cpu.r[Cpu.RDI] = 0x30001;
        cpu.r[Cpu.RCX] = 9_000;
        machine.code(CODE, 0xF3, 0xA4, 0xE4, 0x60);

        assertEquals(ExitCause.USER_SPACE, machine.runToExit());

        assertEquals(0, cpu.r[Cpu.RCX]);
        assertEquals(0x30001 + 9_000, cpu.r[Cpu.RDI]);
        assertEquals(-1, machine.ram.asSlice(0x20003, 9_000).mismatch(machine.ram.asSlice(0x30001, 9_000)));
        assertEquals(0, machine.ram.get(ValueLayout.JAVA_BYTE, 0x30001 + 9_000));
    }

    @Test
    void shouldRepeatAnOverlappingMoveByteByByte() {
        machine.long64();
        machine.ram.set(ValueLayout.JAVA_BYTE, 0x20000, (byte) 0x41);
        cpu.r[Cpu.RSI] = 0x20000;
        cpu.r[Cpu.RDI] = 0x20001;
        cpu.r[Cpu.RCX] = 100;
        machine.code(CODE, 0xF3, 0xA4, 0xE4, 0x60);

        machine.runToExit();

        for (int i = 0; i <= 100; i++) {
            assertEquals(0x41, machine.ram.get(ValueLayout.JAVA_BYTE, 0x20000 + i));
        }
    }

    @Test
    void shouldFillMemoryWithWords() {
        machine.long64();
        cpu.r[Cpu.RAX] = 0x1234;
        cpu.r[Cpu.RDI] = 0x20FF1;
        cpu.r[Cpu.RCX] = 5_000;
        machine.code(CODE, 0xF3, 0x66, 0xAB, 0xE4, 0x60);

        machine.runToExit();

        assertEquals(0x20FF1 + 10_000, cpu.r[Cpu.RDI]);
        for (int i = 0; i < 5_000; i++) {
            assertEquals(0x1234, machine.ram.get(ValueLayout.JAVA_SHORT_UNALIGNED, 0x20FF1 + 2 * i));
        }
        assertEquals(0, machine.ram.get(ValueLayout.JAVA_BYTE, 0x20FF0));
        assertEquals(0, machine.ram.get(ValueLayout.JAVA_BYTE, 0x20FF1 + 10_000));
    }

    @Test
    void shouldStopComparingAtTheFirstDifference() {
        machine.long64();
        machine.ram.set(ValueLayout.JAVA_BYTE, 0x30005, (byte) 1);
        cpu.r[Cpu.RSI] = 0x20000;
        cpu.r[Cpu.RDI] = 0x30000;
        cpu.r[Cpu.RCX] = 100;
        machine.code(CODE, 0xF3, 0xA6);

        machine.processor.step();
        while (cpu.rip == CODE) {
            machine.processor.step();
        }

        assertEquals(94, cpu.r[Cpu.RCX]);
        assertEquals(Cpu.CF | Cpu.SF | Cpu.AF | Cpu.PF, Flags.arithmetic(cpu));
    }

    @Test
    void shouldWrapIpAtSixteenBitsForAJump() {
        machine.real();
        // jmp -10h
        machine.code(4, 0xEB, 0xEE);

        run(1);

        assertEquals(0xFFF4, cpu.rip);
    }

    @Test
    void shouldPushOnASixteenBitStackThatWraps() {
        machine.real();
        cpu.r[Cpu.RSP] = 0xABCD0000L;
        cpu.r[Cpu.RAX] = 0x7777;
        machine.code(CODE & 0xFFFF, 0x50);
        cpu.rip = 0;
        machine.code(0, 0x50);

        run(1);

        assertEquals(0xABCDFFFEL, cpu.r[Cpu.RSP]);
        assertEquals(0x7777, machine.ram.get(ValueLayout.JAVA_SHORT, 0xFFFE));
    }

    @Test
    void shouldDivideNumbersOf128Bits() {
        machine.long64();
        cpu.r[Cpu.RDX] = 0x0123456789ABCDEFL;
        cpu.r[Cpu.RAX] = 0xFEDCBA9876543210L;
        cpu.r[Cpu.RCX] = 0x9123456789ABCDEFL;
        // div rcx
        machine.code(CODE, 0x48, 0xF7, 0xF1);

        run(1);

        java.math.BigInteger n = new java.math.BigInteger("0123456789ABCDEFFEDCBA9876543210", 16);
        java.math.BigInteger d = new java.math.BigInteger("9123456789ABCDEF", 16);
        assertEquals(n.divide(d).longValue(), cpu.r[Cpu.RAX]);
        assertEquals(n.mod(d).longValue(), cpu.r[Cpu.RDX]);
    }

    @Test
    void shouldReturnWhenAttentionIsAskedFor() {
        machine.long64();
        // jmp $
        machine.code(CODE, 0xEB, 0xFE);
        cpu.raiseAttention();

        assertEquals(ExitCause.ATTENTION, machine.processor.run());
        assertEquals(0, cpu.instructions);
    }

    @Test
    void shouldEndARunThatNobodyEnds() {
        machine.long64();
        machine.code(CODE, 0xEB, 0xFE);

        assertEquals(ExitCause.ATTENTION, machine.processor.run());
        assertTrue(cpu.instructions >= Processor.BUDGET);
        assertFalse(cpu.needsAttention());
    }

    @Test
    void shouldStopBeforeAnInstructionWithABreakpoint() {
        machine.long64();
        cpu.guestDebug = 0x20001;
        cpu.userDr[0] = CODE + 1;
        cpu.userDr[7] = 0x401;
        // nop; inc eax
        machine.code(CODE, 0x90, 0xFF, 0xC0);

        assertEquals(ExitCause.DEBUG, machine.runToExit());

        assertEquals(CODE + 1, cpu.rip);
        assertEquals(0, cpu.r[Cpu.RAX]);
        assertEquals(1, cpu.fault.payload);
    }

    @Test
    void shouldStopAfterAWriteToAWatchedWord() {
        machine.long64();
        cpu.guestDebug = 0x20001;
        cpu.userDr[1] = 0x20004;
        cpu.userDr[7] = 0x404 | 0xDL << 20;
        cpu.r[Cpu.RBX] = 0x20000;
        // mov [rbx], eax; mov ecx, [rbx + 4]; mov [rbx + 6], al; nop
        machine.code(CODE, 0x89, 0x03, 0x8B, 0x4B, 4, 0x88, 0x43, 6, 0x90);

        assertEquals(ExitCause.DEBUG, machine.runToExit());

        assertEquals(CODE + 8, cpu.rip);
        assertEquals(2, cpu.fault.payload);
    }

    @Test
    void shouldReportAnAddressThatIsNotCanonicalAsAStackFaultThroughTheStackPointer() {
        machine.long64();
        machine.handlers();
        cpu.r[Cpu.RBP] = 1L << 50;
        cpu.r[Cpu.RSP] = 0x30000;
        // mov eax, [rbp]
        machine.code(CODE, 0x8B, 0x45, 0);

        run(1);

        assertEquals(SoftMachine.handler(GuestException.SS), cpu.rip);
        assertEquals(0, machine.ram.get(ValueLayout.JAVA_LONG, cpu.r[Cpu.RSP]));
    }

    @Test
    void shouldDeliverAFaultWithTheRegistersAsBeforeTheInstruction() {
        machine.long64();
        machine.handlers();
        cpu.r[Cpu.RSP] = 0x30000;
        cpu.r[Cpu.RAX] = 7;
        // cmp eax, 7; xadd [rsp + 1 << 32], eax beyond what is mapped
        machine.code(CODE, 0x83, 0xF8, 7, 0x48, 0xB9, 0, 0, 0, 0, 1, 0, 0, 0, 0x0F, 0xC1, 0x01);

        run(3);

        assertEquals(SoftMachine.handler(GuestException.PF), cpu.rip);
        assertEquals(1L << 32, cpu.cr2);
        assertEquals(7, cpu.r[Cpu.RAX]);
        assertEquals(2, machine.ram.get(ValueLayout.JAVA_LONG, cpu.r[Cpu.RSP]));
        assertEquals(CODE + 13, machine.ram.get(ValueLayout.JAVA_LONG, cpu.r[Cpu.RSP] + 8));
        assertEquals(Cpu.ZF | Cpu.PF, Flags.arithmetic(cpu));
    }

    @Test
    void shouldTrapAfterEachInstructionWhileTheTrapFlagIsSet() {
        machine.long64();
        machine.handlers();
        cpu.r[Cpu.RSP] = 0x30000;
        cpu.systemFlags |= Cpu.TF;
        machine.code(CODE, 0x90, 0x90);

        assertEquals(ExitCause.HALTED, machine.runToExit());

        assertEquals(SoftMachine.handler(GuestException.DB) + 1, cpu.rip);
        assertEquals(CODE + 1, machine.ram.get(ValueLayout.JAVA_LONG, cpu.r[Cpu.RSP]));
        assertEquals(1 << 14, cpu.dr[6] & 1 << 14);
    }
}

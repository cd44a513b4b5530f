package jkvm.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;
import jkvm.disassembler.Disassembler;
import jkvm.disassembler.Instruction;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.Test;

class GuestCodeTest {
    private static final int SIZE = 0x10000;
    /** mov ax, 0x1234; inc bx; hlt; nop. */
    private static final byte[] CODE = {(byte) 0xB8, 0x34, 0x12, 0x43, (byte) 0xF4, (byte) 0x90};
    private static final int HLT = 4;

    private final GuestMemory memory = GuestFixture.memory(SIZE);

    private GuestCode at(long start, long rip) {
        memory.write(start, CODE);
        KvmRegs regs = new KvmRegs();
        regs.rip(rip);
        KvmSregs sregs = new KvmSregs();
        KvmSegment cs = sregs.cs();
        cs.base(0);
        return new GuestCode(memory, regs, sregs);
    }

    private static List<String> texts(List<Instruction> instructions) {
        return instructions.stream().map(instruction -> instruction.text().replaceAll(" +", " ")).toList();
    }

    @Test
    void shouldShowTheInstructionsFromRipOn() {
        GuestCode code = at(0x1000, 0x1000 + HLT);

        assertEquals(List.of("hlt", "nop"), texts(code.following(Disassembler.intel(), 2)));
    }

    @Test
    void shouldShowTheInstructionsThatLeadToRip() {
        GuestCode code = at(0x1000, 0x1000 + HLT);

        List<Instruction> before = code.preceding(Disassembler.intel(), 2);

        assertEquals(List.of("mov ax,0x1234", "inc bx"), texts(before));
        assertEquals(0x1003, before.getLast().address());
    }

    @Test
    void shouldEndWhereMemoryDoes() {
        GuestCode last = at(SIZE - CODE.length, SIZE - 2);
        GuestCode outside = at(0x1000, SIZE - 1);

        assertEquals(List.of("hlt", "nop"), texts(last.following(Disassembler.intel(), 2)));
        assertEquals(1, outside.bytes(0, 1).length);
    }

    @Test
    void shouldShowNothingWhereThereIsNoMemory() {
        KvmRegs regs = new KvmRegs();
        regs.rip(0x100);
        KvmSregs sregs = new KvmSregs();
        sregs.cs().base(0x8000_0000L);
        GuestCode code = new GuestCode(memory, regs, sregs);

        assertEquals(List.of(), code.following(Disassembler.intel(), 4));
        assertEquals(List.of(), code.preceding(Disassembler.intel(), 4));
    }
}

package jkvm.disassembler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisassemblerTest {
    private static final long ADDRESS = 0x1000;

    private static Instruction decode(Disassembler disassembler, CodeMode mode, String hex) {
        return disassembler.decode(mode, ADDRESS, HexFormat.of().parseHex(hex.replace(" ", "")), 0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "BITS_64; 8b 45 fc; mov    eax,DWORD PTR [rbp-0x4]; mov    -0x4(%rbp),%eax",
        "BITS_64; c7 04 24 01 00 00 00; mov    DWORD PTR [rsp],0x1; movl   $0x1,(%rsp)",
        "BITS_64; 48 8d 05 f9 0f 00 00; lea    rax,[rip+0xff9]        # 0x2000;"
                + "lea    0xff9(%rip),%rax        # 0x2000",
        "BITS_64; e8 fb 0f 00 00; call   0x2000; call   0x2000",
        "BITS_64; ff 24 c5 00 10 40 81; jmp    QWORD PTR [rax*8-0x7ebff000]; jmp    *-0x7ebff000(,%rax,8)",
        "BITS_64; 65 48 8b 04 25 28 00 00 00; mov    rax,QWORD PTR gs:0x28; mov    %gs:0x28,%rax",
        "BITS_64; f3 48 ab; rep stos QWORD PTR es:[rdi],rax; rep stos %rax,%es:(%rdi)",
        "BITS_64; f0 0f b1 0f; lock cmpxchg DWORD PTR [rdi],ecx; lock cmpxchg %ecx,(%rdi)",
        "BITS_64; 66 2e 0f 1f 84 00 00 00 00 00; cs nop WORD PTR [rax+rax*1+0x0]; cs nopw 0x0(%rax,%rax,1)",
        "BITS_64; f2 0f 58 c1; addsd  xmm0,xmm1; addsd  %xmm1,%xmm0",
        "BITS_64; 0f 22 d8; mov    cr3,rax; mov    %rax,%cr3",
        "BITS_32; d8 04 88; fadd   DWORD PTR [eax+ecx*4]; fadds  (%eax,%ecx,4)",
        "BITS_32; ea 00 10 00 00 08 00; jmp    0x8:0x1000; ljmp   $0x8,$0x1000",
        "BITS_32; 48; dec    eax; dec    %eax",
        "BITS_16; 8b 87 34 12; mov    ax,WORD PTR [bx+0x1234]; mov    0x1234(%bx),%ax",
        "BITS_16; 66 b8 78 56 34 12; mov    eax,0x12345678; mov    $0x12345678,%eax",
        "BITS_16; cd 10; int    0x10; int    $0x10",
        "BITS_16; e4 60; in     al,0x60; in     $0x60,%al"})
    void shouldPrintAnInstructionInBothStyles(CodeMode mode, String hex, String intel, String att) {
        Instruction inIntels = decode(Disassembler.intel(), mode, hex);
        Instruction inAtts = decode(Disassembler.att(), mode, hex);

        assertEquals(intel, inIntels.text());
        assertEquals(att, inAtts.text());
        assertEquals(HexFormat.of().parseHex(hex.replace(" ", "")).length, inIntels.length());
        assertEquals(inIntels.length(), inAtts.length());
        assertEquals(ADDRESS, inAtts.address());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"0f 04; (bad); 2", "66 0f 04; data16 (bad); 3", "06; (bad); 1",
        "8b; (bad); 1", "48 8b 05 00 00; (bad); 2", "c5 f8 77; (avx); 3", "c5 f1 fe 44 24 10; (avx); 6",
        "62 f1 fe 48 6f 06; (avx512); 6"})
    void shouldTellBytesThatAreNoKnownInstruction(String hex, String text, int length) {
        Instruction instruction = decode(Disassembler.intel(), CodeMode.BITS_64, hex);

        assertEquals(text, instruction.text());
        assertEquals(length, instruction.length());
        assertFalse(instruction.isKnown());
    }

    @Test
    void shouldGiveTheOperandsOfAnInstruction() {
        Instruction instruction = decode(Disassembler.att(), CodeMode.BITS_64, "64 83 44 88 10 ff");

        Operand.Memory memory = new Operand.Memory(4, 0, 1, 4, 0x10, true, 8, Operand.Size.DWORD);
        assertEquals(List.of(memory, new Operand.Immediate(0xFFFFFFFFL)), instruction.operands());
        assertEquals("addl", instruction.mnemonic());
    }

    @Test
    void shouldRefuseAnOffsetBehindTheBytes() {
        Disassembler disassembler = Disassembler.intel();

        assertThrows(IndexOutOfBoundsException.class,
                () -> disassembler.decode(CodeMode.BITS_32, ADDRESS, new byte[2], 2));
    }
}

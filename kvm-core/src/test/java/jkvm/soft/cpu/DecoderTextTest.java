package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import jkvm.disassembler.CodeMode;
import jkvm.disassembler.Disassembler;
import jkvm.disassembler.Instruction;
import jkvm.soft.mmu.GuestException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The interpreter's decoder and the disassembler have tables of their own: they may not differ. */
class DecoderTextTest {
    private static final Disassembler INTEL = Disassembler.intel();

    @ParameterizedTest
    @EnumSource
    void shouldNameEachInstructionThatIsExecutedWithItsLength(CodeMode mode) {
        int decoderMode = mode == CodeMode.BITS_16 ? DecoderTest.CODE_16
                : mode == CodeMode.BITS_32 ? DecoderTest.CODE_32 : DecoderTest.CODE_64;
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (byte[] bytes : DecoderTest.randomCases(new Random(mode.ordinal()), mode == CodeMode.BITS_64)) {
            Insn executed;
            try {
                executed = DecoderTest.decode(decoderMode, DecoderTest.toInts(bytes));
            } catch (GuestException tooLong) {
                continue;
            }
            Instruction named = INTEL.decode(mode, 0x1000, bytes, 0);
            boolean isRexAlone = named.mnemonic().equals("rex");
            if (!exists(executed) || isRexAlone) {
                continue;
            }
            compared++;
            boolean isWait = named.mnemonic().equals("fwait") || executed.op == Op.FWAIT;
            if (!named.isKnown() || named.length() != executed.length && !isWait) {
                differences.add(HexFormat.ofDelimiter(" ").formatHex(bytes) + ": " + executed.length + ", " + named);
            }
        }

        assertEquals(List.of(), differences);
        assertTrue(compared > 5_000, "only " + compared);
    }

    /** Instructions on vector registers are decoded before it is known whether they exist. */
    private static boolean exists(Insn executed) {
        if (executed.op == Op.SSE) {
            return SseTable.exists(Feature.ALL, executed, SseTable.prefix(executed));
        }
        return executed.op != Op.UNDEFINED && executed.op != Op.MMX && executed.op != Op.X87;
    }
}

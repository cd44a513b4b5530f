package jkvm.control.trace;

import java.util.List;
import jkvm.disassembler.Instruction;
import jkvm.disassembler.Operand;

/** Facts on which a step's text depends: kinds of instructions, and names of exceptions. */
final class StepText {
    private static final List<String> EXCEPTIONS = List.of("#DE, divide error", "#DB, debug", "NMI",
            "#BP, breakpoint", "#OF, overflow", "#BR, bound range", "#UD, invalid opcode", "#NM, no FPU",
            "#DF, double fault", "coprocessor overrun", "#TS, invalid TSS", "#NP, segment not present",
            "#SS, stack fault", "#GP, general protection", "#PF, page fault", "reserved", "#MF, x87 error",
            "#AC, alignment check", "#MC, machine check", "#XM, SIMD error");

    private static final int BREAKPOINT = 3;

    private StepText() {
    }

    /** The name of an exception of protected mode in brackets, or nothing. */
    static String vector(int vector) {
        return vector < EXCEPTIONS.size() ? " (" + EXCEPTIONS.get(vector) + ")" : "";
    }

    /** True for an instruction on x87, MMX or XMM registers. */
    static boolean usesVectors(Instruction instruction) {
        return instruction.mnemonic().startsWith("f") || instruction.mnemonic().equals("emms")
                || instruction.operands().stream().anyMatch(StepText::isVector);
    }

    private static boolean isVector(Operand operand) {
        return operand instanceof Operand.Register register && (register.name().startsWith("xmm")
                || register.name().startsWith("mm"));
    }

    /** True for INT n and INT3. */
    static boolean isSoftwareInterrupt(Instruction instruction) {
        return instruction.mnemonic().equals("int") || instruction.mnemonic().equals("int3");
    }

    /** The vector of one. */
    static int interrupt(Instruction instruction) {
        return !instruction.operands().isEmpty()
                && instruction.operands().getFirst() instanceof Operand.Immediate immediate ? (int) immediate.value()
                : BREAKPOINT;
    }

    /** True for an instruction after which no step ends: STI, and a load of SS. */
    static boolean shadowsNext(Instruction instruction) {
        return instruction.mnemonic().equals("sti") || (instruction.mnemonic().equals("mov")
                || instruction.mnemonic().startsWith("pop")) && !instruction.operands().isEmpty()
                && instruction.operands().getFirst().equals(new Operand.Register("ss"));
    }
}

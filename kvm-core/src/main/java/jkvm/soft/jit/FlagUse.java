package jkvm.soft.jit;

import java.util.List;
import jkvm.soft.cpu.Insn;
import jkvm.soft.cpu.Op;

/**
 * Tells where the flags of an instruction are never seen, so that they need not be computed. The JVM's second compiler
 * finds most of that itself; not where all six are computed to change two of them (rotates and multiplications), and
 * what is not written costs the first compiler nothing.
 */
final class FlagUse {
    private FlagUse() {
    }

    /**
     * True if a later instruction of the straight code sets all arithmetic flags, and nothing before it reads them or
     * can leave the code: no access to memory, no helper, no jump.
     *
     * @param index of the instruction that sets flags
     */
    static boolean isUnseen(List<Insn> insns, int index) {
        for (int i = index + 1; i < insns.size(); i++) {
            Insn in = insns.get(i);
            if (in.memory != 0 && in.op != Op.LEA || in.ends) {
                return false;
            }
            if (setsAll(in)) {
                return true;
            }
            if (!leavesAlone(in)) {
                return false;
            }
        }
        return false;
    }

    /** True if all arithmetic flags are set anew. */
    static boolean setsAll(Insn in) {
        return switch (in.op) {
            case Op.ADD, Op.OR, Op.AND, Op.SUB, Op.XOR, Op.CMP, Op.TEST, Op.NEG -> true;
            case Op.SHL, Op.SAL, Op.SHR, Op.SAR -> in.src < 0 && (in.imm & (in.size == 8 ? 63 : 31)) != 0;
            default -> false;
        };
    }

    /** Neither reads nor changes flags, or changes some that are not seen either if those before are not. */
    private static boolean leavesAlone(Insn in) {
        return switch (in.op) {
            case Op.MOV, Op.LEA, Op.MOVZX8, Op.MOVZX16, Op.MOVSX8, Op.MOVSX16, Op.MOVSXD, Op.CBW, Op.CWD, Op.NOT,
                    Op.NOP, Op.IMUL2, Op.IMUL3, Op.INC, Op.DEC -> true;
            case Op.BSWAP, Op.MUL -> in.size >= 4;
            case Op.ROL, Op.ROR -> in.src < 0;
            default -> false;
        };
    }
}

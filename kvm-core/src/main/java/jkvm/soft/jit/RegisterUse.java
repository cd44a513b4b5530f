package jkvm.soft.jit;

import jkvm.soft.cpu.CodeRegion;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.Insn;
import jkvm.soft.cpu.Op;

/** Which general registers a region touches: only these become locals of its method. */
final class RegisterUse {
    private RegisterUse() {
    }

    /** A bit for each register. Instructions that a helper executes work on the processor itself and do not count. */
    static int used(CodeRegion region) {
        int used = 0;
        for (CodeRegion.Part block : region.blocks()) {
            for (Insn in : block.insns()) {
                used |= bit(in.dst) | bit(in.src) | bit(in.base) | bit(in.index) | implicit(in);
            }
        }
        return used;
    }

    private static int bit(int register) {
        int r = register >= Insn.HIGH_BYTE ? register - Insn.HIGH_BYTE : register;
        return r >= 0 && r < Insn.NO_REGISTER ? 1 << r : 0;
    }

    private static int implicit(Insn in) {
        return switch (in.op) {
            case Op.MUL, Op.CBW, Op.CWD -> 1 << Cpu.RAX | 1 << Cpu.RDX;
            case Op.PUSH, Op.POP, Op.CALL, Op.CALL_INDIRECT, Op.RET -> 1 << Cpu.RSP;
            case Op.LEAVE -> 1 << Cpu.RSP | 1 << Cpu.RBP;
            default -> 0;
        };
    }
}

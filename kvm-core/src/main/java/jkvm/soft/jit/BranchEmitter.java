package jkvm.soft.jit;

import static jkvm.soft.jit.Emitter.NEXT_PC;
import static jkvm.soft.jit.Emitter.T1;
import static jkvm.soft.jit.Emitter.T2;
import static jkvm.soft.jit.Emitter.slot;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import jkvm.soft.cpu.CodeRegion;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.Insn;
import jkvm.soft.cpu.Op;

/**
 * Emits near jumps, calls and returns of 64-bit code. Jumps and calls to blocks of the region stay in the method; a
 * return is compared with the places after the region's calls. Any other target leaves the method.
 */
final class BranchEmitter {
    /** More places than these are not compared: the return leaves the region. */
    private static final int MAX_RETURN_SITES = 8;

    private final Emitter e;
    private final CodeBuilder b;
    private final FlagEmitter flags;
    private final MoveEmitter moves;

    BranchEmitter(Emitter e, FlagEmitter flags, MoveEmitter moves) {
        this.e = e;
        this.b = e.b;
        this.flags = flags;
        this.moves = moves;
    }

    static boolean emits(Insn in) {
        return switch (in.op) {
            case Op.JCC, Op.JMP, Op.CALL, Op.CALL_INDIRECT, Op.JMP_INDIRECT, Op.RET -> in.size == 8;
            default -> false;
        };
    }

    void emit(Insn in) {
        switch (in.op) {
            case Op.JMP -> e.go(in.pc, in.target);
            case Op.JCC -> conditional(in);
            case Op.CALL -> {
                b.loadConstant(in.after).lstore(T1);
                moves.pushT1(in);
                e.go(Long.MAX_VALUE, in.target);
            }
            case Op.CALL_INDIRECT -> {
                e.source(in);
                b.lstore(T2);
                e.requireCanonical(T2, in);
                b.loadConstant(in.after).lstore(T1);
                moves.pushT1(in);
                b.lload(T2).lstore(NEXT_PC).goto_(e.exit);
            }
            case Op.JMP_INDIRECT -> {
                e.source(in);
                b.lstore(T2);
                e.requireCanonical(T2, in);
                b.lload(T2).lstore(NEXT_PC).goto_(e.exit);
            }
            default -> ret(in);
        }
    }

    private void conditional(Insn in) {
        Label taken = e.labels.get(in.target);
        if (taken != null && in.target > in.pc) {
            flags.branch(in.condition, taken);
        } else {
            Label not = b.newLabel();
            flags.branch(in.condition ^ 1, not);
            e.go(in.pc, in.target);
            b.labelBinding(not);
        }
    }

    private void ret(Insn in) {
        moves.loadTop(in);
        e.requireCanonical(T1, in);
        b.lload(slot(Cpu.RSP)).loadConstant(8 + (in.imm & 0xFFFF)).ladd().lstore(slot(Cpu.RSP));
        b.lload(T1).lstore(NEXT_PC);
        int sites = 0;
        for (CodeRegion.Part block : e.region.blocks()) {
            Insn call = block.last();
            Label site = e.labels.get(call.after);
            if ((call.op == Op.CALL || call.op == Op.CALL_INDIRECT) && site != null && sites++ < MAX_RETURN_SITES) {
                Label not = b.newLabel();
                b.lload(NEXT_PC).loadConstant(call.after).lcmp().ifne(not);
                b.iload(Emitter.BUDGET).ifgt(site);
                b.labelBinding(not);
            }
        }
        b.goto_(e.exit);
    }
}

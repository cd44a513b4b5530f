package jkvm.soft.jit;

import static jkvm.soft.jit.Emitter.FLAG_A;
import static jkvm.soft.jit.Emitter.FLAG_B;
import static jkvm.soft.jit.Emitter.FLAG_KIND;
import static jkvm.soft.jit.Emitter.HELPERS;
import static jkvm.soft.jit.Emitter.I;
import static jkvm.soft.jit.Emitter.J;
import static jkvm.soft.jit.Emitter.RESULT;
import static jkvm.soft.jit.Emitter.T1;
import static jkvm.soft.jit.Emitter.T2;
import static jkvm.soft.jit.Emitter.T3;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.Flags;
import jkvm.soft.cpu.Insn;
import jkvm.soft.cpu.Op;

/**
 * Emits arithmetic, logic, shifts and multiplications. Each first fetches its operands into scratch locals, then writes
 * memory, and only then registers and flags: an instruction that faults leaves the locals as they were before it.
 */
final class ArithmeticEmitter {
    private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
    private static final MethodTypeDesc JJ_J = MethodTypeDesc.of(J, J, J);

    private final Emitter e;
    private final CodeBuilder b;
    private final FlagEmitter flags;
    /** The flags of the instruction that is emitted are not seen by anybody ({@link FlagUse}). */
    private boolean flagsUnseen;

    ArithmeticEmitter(Emitter e, FlagEmitter flags) {
        this.e = e;
        this.b = e.b;
        this.flags = flags;
    }

    /**
     * Emits one instruction.
     *
     * @param unseen its flags need not be computed
     * @return false if this class does not emit the instruction
     */
    boolean emit(Insn in, boolean unseen) {
        flagsUnseen = unseen;
        switch (in.op) {
            case Op.ADD, Op.OR, Op.ADC, Op.SBB, Op.AND, Op.SUB, Op.XOR, Op.CMP, Op.TEST -> binary(in);
            case Op.INC, Op.DEC, Op.NEG, Op.NOT -> unary(in);
            case Op.IMUL2, Op.IMUL3 -> multiplySigned(in);
            case Op.MUL -> {
                return in.size >= 4 && multiply(in);
            }
            case Op.BT -> {
                return in.memory == 0 && bitTest(in);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void operandsToFlags() {
        b.lload(T1).lstore(FLAG_A).lload(T2).lstore(FLAG_B).lload(T3).lstore(RESULT);
    }

    private void binary(Insn in) {
        e.source(in);
        b.lstore(T2);
        e.destination(in);
        boolean carries = in.op == Op.ADC || in.op == Op.SBB;
        if (carries) {
            flags.carry();
            b.istore(Emitter.K2);
        }
        b.lload(T1).lload(T2);
        compute(in);
        e.extend(in.size);
        b.lstore(T3);
        if (in.op != Op.CMP && in.op != Op.TEST) {
            e.writeBack(in);
        }
        if (!flagsUnseen) {
            setFlags(in);
        }
    }

    /** Pops both operands, pushes the result. */
    private void compute(Insn in) {
        switch (in.op) {
            case Op.ADD -> b.ladd();
            case Op.ADC -> b.ladd().iload(Emitter.K2).i2l().ladd();
            case Op.SUB, Op.CMP -> b.lsub();
            case Op.SBB -> b.lsub().iload(Emitter.K2).i2l().lsub();
            case Op.AND, Op.TEST -> b.land();
            case Op.OR -> b.lor();
            default -> b.lxor();
        }
    }

    private void setFlags(Insn in) {
        switch (in.op) {
            case Op.AND, Op.OR, Op.XOR, Op.TEST -> b.lload(T3).lstore(RESULT);
            default -> operandsToFlags();
        }
        switch (in.op) {
            case Op.ADD -> flags.kind(Flags.ADD);
            case Op.SUB, Op.CMP -> flags.kind(Flags.SUB);
            case Op.ADC -> carriedKind(Flags.ADD, Flags.ADC);
            case Op.SBB -> carriedKind(Flags.SUB, Flags.SBB);
            default -> flags.kind(Flags.LOGIC);
        }
    }

    /** The kind depends on the carry that came in. */
    private void carriedKind(int without, int with) {
        b.iload(Emitter.K2).loadConstant(with - without).imul().loadConstant(without).iadd().istore(FLAG_KIND);
        e.known = FlagEmitter.UNKNOWN;
    }

    private void unary(Insn in) {
        e.destination(in);
        if (in.op == Op.NOT) {
            b.lload(T1).loadConstant(-1L).lxor().lstore(T3);
            e.writeBack(in);
            return;
        }
        boolean counts = in.op != Op.NEG;
        if (counts) {
            if (!flagsUnseen) {
                flags.carry();
                b.istore(Emitter.K2);
            }
            b.lload(T1).loadConstant(in.op == Op.INC ? 1L : -1L).ladd();
        } else {
            b.lload(T1).lneg();
        }
        e.extend(in.size);
        b.lstore(T3);
        e.writeBack(in);
        if (flagsUnseen) {
            return;
        }
        b.lload(T3).lstore(RESULT).lload(T1).lstore(FLAG_B);
        if (counts) {
            b.iload(Emitter.K2).i2l().lstore(FLAG_A);
            flags.kind(in.op == Op.INC ? Flags.INC : Flags.DEC);
        } else {
            b.loadConstant(0L).lstore(FLAG_A);
            flags.kind(Flags.SUB);
        }
    }

    /** CF and OF tell whether the product was truncated; the other flags stay, as on AMD's processors. */
    private void multiplySigned(Insn in) {
        if (in.memory == 2) {
            e.load(in, in.size);
            e.extend(in.size);
        } else {
            e.register(in.src, in.size);
        }
        b.lstore(T2);
        if (in.op == Op.IMUL3) {
            b.loadConstant(in.imm);
        } else {
            e.register(in.dst, in.size);
        }
        b.lstore(T1);
        b.lload(T1).lload(T2).lmul().lstore(T3);
        if (!flagsUnseen) {
            keepFlags(Emitter.K2);
            if (in.size == 8) {
                b.lload(T1).lload(T2).invokestatic(MATH, "multiplyHigh", JJ_J).lload(T3).loadConstant(63).lshr().lxor();
            } else {
                b.lload(T3);
                e.extend(in.size);
                b.lload(T3).lxor();
            }
            productFlags();
        }
        b.lload(T3);
        e.setRegister(in.dst, in.size);
    }

    /** Computes the flags so far into a local. */
    private void keepFlags(int local) {
        flags.materialize();
        b.istore(local);
    }

    /** Pops a value that is zero where the product fits; old flags are in K2. */
    private void productFlags() {
        b.iload(Emitter.K2).invokestatic(HELPERS, "productFlags", MethodTypeDesc.of(J, J, I)).lstore(FLAG_A);
        flags.kind(Flags.RAW);
    }

    private boolean multiply(Insn in) {
        if (in.memory != 0) {
            e.load(in, in.size);
        } else {
            e.register(in.dst >= 0 ? in.dst : in.src, in.size);
            e.zeroExtend(in.size);
        }
        b.lstore(T2);
        e.register(Cpu.RAX, in.size);
        e.zeroExtend(in.size);
        b.lstore(T1);
        if (!flagsUnseen) {
            keepFlags(Emitter.K2);
        }
        b.lload(T1).lload(T2).lmul().lstore(T3);
        if (in.size == 8) {
            b.lload(T1).lload(T2).invokestatic(MATH, "unsignedMultiplyHigh", JJ_J);
        } else {
            b.lload(T3).loadConstant(32).lushr();
        }
        if (!flagsUnseen) {
            b.dup2();
        }
        e.setRegister(Cpu.RDX, in.size);
        if (!flagsUnseen) {
            productFlags();
        }
        b.lload(T3);
        e.setRegister(Cpu.RAX, in.size);
        return true;
    }

    /** BT of a register: CF alone changes. */
    private boolean bitTest(Insn in) {
        keepFlags(Emitter.K2);
        e.register(in.dst, in.size);
        if (in.src >= 0) {
            b.lload(Emitter.slot(in.src)).l2i().loadConstant(8 * in.size - 1).iand();
        } else {
            b.loadConstant((int) in.imm & 8 * in.size - 1);
        }
        b.lushr().loadConstant(1L).land().iload(Emitter.K2).loadConstant(~Cpu.CF).iand().i2l().lor().lstore(FLAG_A);
        flags.kind(Flags.RAW);
        return true;
    }
}

package jkvm.soft.jit;

import static jkvm.soft.jit.Emitter.FLAG_A;
import static jkvm.soft.jit.Emitter.HELPERS;
import static jkvm.soft.jit.Emitter.I;
import static jkvm.soft.jit.Emitter.J;
import static jkvm.soft.jit.Emitter.RESULT;
import static jkvm.soft.jit.Emitter.T1;
import static jkvm.soft.jit.Emitter.T3;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.Flags;
import jkvm.soft.cpu.Insn;
import jkvm.soft.cpu.Op;

/** Emits shifts and rotates. An instruction that faults leaves the locals as they were: {@link ArithmeticEmitter}. */
final class ShiftEmitter {
    /** Place of OF in RFLAGS. */
    private static final int OVERFLOW = 11;

    private final Emitter e;
    private final CodeBuilder b;
    private final FlagEmitter flags;

    ShiftEmitter(Emitter e, FlagEmitter flags) {
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
        return switch (in.op) {
            case Op.SHL, Op.SAL, Op.SHR, Op.SAR, Op.ROL, Op.ROR -> shift(in, unseen);
            default -> false;
        };
    }

    /**
     * Shifts and rotates. A count that is an immediate gives straight code; one in CL goes through a branch, since a
     * count of zero changes no flag.
     */
    private boolean shift(Insn in, boolean unseen) {
        int mask = in.size == 8 ? 63 : 31;
        if (in.src < 0) {
            int count = (int) in.imm & mask;
            if (count == 0) {
                // In memory it needs permission to write all the same; of 32 bits the upper half is cleared.
                return in.memory == 0 && touch(in);
            }
            e.destination(in);
            b.loadConstant(count).istore(Emitter.K2);
            shiftBy(in, unseen);
            return true;
        }
        e.destination(in);
        b.lload(Emitter.slot(Cpu.RCX)).l2i().loadConstant(mask).iand().istore(Emitter.K2);
        Label skip = b.newLabel();
        Label done = b.newLabel();
        int before = e.known;
        b.iload(Emitter.K2).ifeq(skip);
        shiftBy(in, unseen);
        b.goto_(done).labelBinding(skip);
        e.known = before;
        b.lload(T1).lstore(T3);
        e.writeBack(in);
        b.labelBinding(done);
        e.known = FlagEmitter.UNKNOWN;
        return true;
    }

    private boolean touch(Insn in) {
        e.register(in.dst, in.size);
        e.setRegister(in.dst, in.size);
        return true;
    }

    /** T1 by K2, which is not zero. */
    private void shiftBy(Insn in, boolean unseen) {
        boolean rotates = in.op == Op.ROL || in.op == Op.ROR;
        String name = switch (in.op) {
            case Op.ROL -> "rol";
            case Op.ROR -> "ror";
            case Op.SHR -> "shr";
            case Op.SAR -> "sar";
            default -> "shl";
        };
        if (rotates && !unseen) {
            flags.materialize();
            b.istore(Emitter.K3);
        }
        computeShift(in, name);
        b.lstore(T3);
        e.writeBack(in);
        if (unseen) {
            return;
        }
        if (rotates) {
            b.lload(T3).loadConstant(in.size).iload(Emitter.K3)
                    .invokestatic(HELPERS, name + "Flags", MethodTypeDesc.of(J, J, I, I)).lstore(FLAG_A);
            flags.kind(Flags.RAW);
        } else {
            int count = (int) in.imm & (in.size == 8 ? 63 : 31);
            if (in.src < 0 && count <= 8 * in.size) {
                shiftFlags(in, count);
            } else {
                b.lload(T1).iload(Emitter.K2).loadConstant(in.size)
                        .invokestatic(HELPERS, name + "Flags", MethodTypeDesc.of(J, J, I, I));
            }
            b.lstore(FLAG_A).lload(T3).lstore(RESULT);
            flags.kind(Flags.MISC);
        }
    }

    /** Pushes CF, AF and OF after a shift of T1 to T3 by a constant, at most its size, as {@link Helpers} does. */
    private void shiftFlags(Insn in, int count) {
        b.lload(T1);
        switch (in.op) {
            case Op.SAR -> b.loadConstant(count - 1).lshr().loadConstant(1L).land();
            case Op.SHR -> {
                e.zeroExtend(in.size);
                b.loadConstant(count - 1).lushr().loadConstant(1L).land();
                if (count == 1) {
                    b.lload(T1).loadConstant(63).lushr().loadConstant(OVERFLOW).lshl().lor();
                }
            }
            default -> {
                b.loadConstant(8 * in.size - count).lushr().loadConstant(1L).land();
                b.dup2().lload(T3).loadConstant(63).lushr().lxor().loadConstant(OVERFLOW).lshl().lor();
            }
        }
        b.loadConstant((long) Cpu.AF).lor();
    }

    /** Pushes T1, shifted or rotated by K2, which is not zero. */
    private void computeShift(Insn in, String name) {
        b.lload(T1);
        switch (in.op) {
            case Op.SAR -> b.iload(Emitter.K2).lshr();
            case Op.SHR -> {
                e.zeroExtend(in.size);
                b.iload(Emitter.K2).lushr();
                e.extend(in.size);
            }
            case Op.SHL, Op.SAL -> {
                b.iload(Emitter.K2).lshl();
                e.extend(in.size);
            }
            default -> rotate(in, name);
        }
    }

    /** Rotates the value on the stack: two shifts, which the JVM's compiler knows as one rotation. */
    private void rotate(Insn in, String name) {
        boolean left = in.op == Op.ROL;
        switch (in.size) {
            case 8 -> {
                b.iload(Emitter.K2);
                if (left) {
                    b.lshl().lload(T1).loadConstant(0).iload(Emitter.K2).isub().lushr();
                } else {
                    b.lushr().lload(T1).loadConstant(0).iload(Emitter.K2).isub().lshl();
                }
                b.lor();
            }
            case 4 -> {
                b.l2i().dup().iload(Emitter.K2);
                if (left) {
                    b.ishl().swap().loadConstant(0).iload(Emitter.K2).isub().iushr();
                } else {
                    b.iushr().swap().loadConstant(0).iload(Emitter.K2).isub().ishl();
                }
                b.ior().i2l();
            }
            default -> b.iload(Emitter.K2).loadConstant(in.size)
                    .invokestatic(HELPERS, name, MethodTypeDesc.of(J, J, I, I));
        }
    }
}

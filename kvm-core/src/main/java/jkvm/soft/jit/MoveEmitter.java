package jkvm.soft.jit;

import static jkvm.soft.jit.Emitter.ADDRESS;
import static jkvm.soft.jit.Emitter.T1;
import static jkvm.soft.jit.Emitter.T2;
import static jkvm.soft.jit.Emitter.slot;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.Insn;
import jkvm.soft.cpu.Op;

/** Emits moves, extensions, conditional moves and the stack. */
final class MoveEmitter {
    private static final ClassDesc LONG = ClassDesc.of("java.lang.Long");

    private final Emitter e;
    private final CodeBuilder b;
    private final FlagEmitter flags;

    MoveEmitter(Emitter e, FlagEmitter flags) {
        this.e = e;
        this.b = e.b;
        this.flags = flags;
    }

    /** @return false if this class does not emit the instruction */
    boolean emit(Insn in) {
        switch (in.op) {
            case Op.MOV -> move(in);
            case Op.LEA -> {
                lea(in);
            }
            case Op.MOVZX8, Op.MOVZX16, Op.MOVSX8, Op.MOVSX16, Op.MOVSXD -> extend(in);
            case Op.CMOV -> conditional(in);
            case Op.SETCC -> setByCondition(in);
            case Op.CBW -> {
                e.register(Cpu.RAX, in.size / 2);
                e.setRegister(Cpu.RAX, in.size);
            }
            case Op.CWD -> {
                e.register(Cpu.RAX, in.size);
                b.loadConstant(63).lshr();
                e.setRegister(Cpu.RDX, in.size);
            }
            case Op.BSWAP -> {
                return in.size >= 4 && swapBytes(in);
            }
            case Op.XCHG -> {
                return in.memory == 0 && exchange(in);
            }
            case Op.PUSH -> {
                return in.size == 8 && push(in);
            }
            case Op.POP -> {
                return in.size == 8 && in.memory == 0 && pop(in);
            }
            case Op.LEAVE -> {
                return in.size == 8 && leave(in);
            }
            case Op.NOP -> {
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void move(Insn in) {
        if (in.memory == 1) {
            e.address(in);
            if (in.src >= 0) {
                e.register(in.src, in.size);
            } else {
                b.loadConstant(in.imm);
            }
            e.memory.store(in.pc, in.size);
        } else {
            e.source(in);
            e.setRegister(in.dst, in.size);
        }
    }

    private void lea(Insn in) {
        e.offset(in);
        e.setRegister(in.dst, in.size);
    }

    private void extend(Insn in) {
        int size = switch (in.op) {
            case Op.MOVZX8, Op.MOVSX8 -> 1;
            case Op.MOVZX16, Op.MOVSX16 -> 2;
            default -> in.size == 8 ? 4 : in.size;
        };
        boolean signed = in.op >= Op.MOVSX8;
        if (in.memory == 2) {
            e.load(in, size);
            if (signed) {
                e.extend(size);
            }
        } else {
            e.register(in.src, size);
            if (!signed) {
                e.zeroExtend(size);
            }
        }
        e.setRegister(in.dst, in.size);
    }

    /** The source is read, and 32 bits are zero-extended, whether the condition holds or not. */
    private void conditional(Insn in) {
        e.source(in);
        b.lstore(T2);
        e.register(in.dst, in.size);
        b.lstore(T1);
        Label not = b.newLabel();
        flags.branch(in.condition ^ 1, not);
        b.lload(T2).lstore(T1).labelBinding(not).lload(T1);
        e.setRegister(in.dst, in.size);
    }

    private void setByCondition(Insn in) {
        Label set = b.newLabel();
        b.loadConstant(1L).lstore(T1);
        flags.branch(in.condition, set);
        b.loadConstant(0L).lstore(T1).labelBinding(set);
        if (in.memory == 1) {
            e.address(in);
            b.lload(T1);
            e.memory.store(in.pc, 1);
        } else {
            b.lload(T1);
            e.setRegister(in.dst, 1);
        }
    }

    private boolean swapBytes(Insn in) {
        b.lload(slot(in.dst)).invokestatic(LONG, "reverseBytes", MethodTypeDesc.of(Emitter.J, Emitter.J));
        if (in.size == 4) {
            b.loadConstant(32).lushr();
        }
        b.lstore(slot(in.dst));
        return true;
    }

    private boolean exchange(Insn in) {
        e.register(in.dst, in.size);
        b.lstore(T1);
        e.register(in.src, in.size);
        e.setRegister(in.dst, in.size);
        b.lload(T1);
        e.setRegister(in.src, in.size);
        return true;
    }

    private boolean push(Insn in) {
        if (in.memory == 2) {
            e.load(in, 8);
        } else if (in.src >= 0) {
            e.register(in.src, 8);
        } else {
            b.loadConstant(in.imm);
        }
        b.lstore(T1);
        pushT1(in);
        return true;
    }

    /** Pushes T1 on the guest's stack; RSP changes after the access. */
    void pushT1(Insn in) {
        b.lload(slot(Cpu.RSP)).loadConstant(8L).lsub().lstore(ADDRESS);
        b.lload(ADDRESS).lload(T1);
        e.memory.store(in.pc, 8);
        b.lload(ADDRESS).lstore(slot(Cpu.RSP));
    }

    /** Pops the guest's stack into T1; RSP is not yet changed. */
    void loadTop(Insn in) {
        b.lload(slot(Cpu.RSP));
        e.memory.load(in.pc, 8);
        b.lstore(T1);
    }

    private boolean pop(Insn in) {
        loadTop(in);
        b.lload(slot(Cpu.RSP)).loadConstant(8L).ladd().lstore(slot(Cpu.RSP));
        b.lload(T1).lstore(slot(in.dst));
        return true;
    }

    private boolean leave(Insn in) {
        b.lload(slot(Cpu.RBP));
        e.memory.load(in.pc, 8);
        b.lstore(T1);
        b.lload(slot(Cpu.RBP)).loadConstant(8L).ladd().lstore(slot(Cpu.RSP));
        b.lload(T1).lstore(slot(Cpu.RBP));
        return true;
    }
}

package jkvm.soft.jit;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.util.HashMap;
import java.util.Map;
import jkvm.soft.cpu.CodeRegion;
import jkvm.soft.cpu.Insn;
import jkvm.soft.cpu.Segment;

/**
 * The ground that all emitters of one region stand on: where the guest's registers live in the JVM method, how operands
 * are read and written, how the method is left.
 *
 * <p>General registers and lazy flags are locals of the method, loaded at its entry and stored where it is left. A
 * value on the JVM's stack is a long; what flags are computed from is sign-extended from the operand size.
 */
final class Emitter {
    static final ClassDesc CPU = ClassDesc.of("jkvm.soft.cpu.Cpu");
    static final ClassDesc MMU = ClassDesc.of("jkvm.soft.mmu.Mmu");
    static final ClassDesc SEGMENT = ClassDesc.of("jkvm.soft.cpu.Segment");
    static final ClassDesc INSN = ClassDesc.of("jkvm.soft.cpu.Insn");
    static final ClassDesc HELPERS = ClassDesc.of("jkvm.soft.jit.Helpers");
    static final ClassDesc FLAGS = ClassDesc.of("jkvm.soft.cpu.Flags");
    static final ClassDesc J = ConstantDescs.CD_long, I = ConstantDescs.CD_int, Z = ConstantDescs.CD_boolean,
            V = ConstantDescs.CD_void, LONGS = J.arrayType();

    /** Locals: the processor, instructions left, TLB context, registers 0 to 15, flags, and scratch. */
    static final int CPU_SLOT = 1, BUDGET = 2, CONTEXT = 3, REGISTERS = 4, FLAG_KIND = 36, FLAG_A = 38, FLAG_B = 40,
            RESULT = 42,
            NEXT_PC = 44, T1 = 46, T2 = 48, T3 = 50, ADDRESS = 52, K = 54, K2 = 55, K3 = 56, LINEAR = 57,
            VALUE = 59, TLB_INDEX = 61, LAST = TLB_INDEX;

    final CodeBuilder b;
    final ClassDesc self;
    final CodeRegion region;
    final Map<Long, Label> labels = new HashMap<>();
    final MemoryEmitter memory;
    /** Where the method stores everything and returns with RIP from {@link #NEXT_PC}. */
    final Label exit;
    /** The same, and asks for the instruction at RIP to be interpreted. */
    final Label interpret;
    /** The same after a miss of the TLB. */
    final Label missed;
    /** The kind of flags at this point of the code if it is known, else {@link FlagEmitter#UNKNOWN}. */
    int known = FlagEmitter.UNKNOWN;

    Emitter(CodeBuilder b, ClassDesc self, CodeRegion region) {
        this.b = b;
        this.self = self;
        this.region = region;
        this.memory = new MemoryEmitter(b, self);
        this.exit = b.newLabel();
        this.interpret = b.newLabel();
        this.missed = b.newLabel();
        for (CodeRegion.Part block : region.blocks()) {
            labels.put(block.pc(), b.newLabel());
        }
    }

    static int slot(int register) {
        return REGISTERS + 2 * register;
    }

    /** Pushes a register's operand, sign-extended. */
    void register(int number, int size) {
        if (number >= Insn.HIGH_BYTE) {
            b.lload(slot(number - Insn.HIGH_BYTE)).loadConstant(8).lushr();
        } else {
            b.lload(slot(number));
        }
        extend(size);
    }

    /** Sign-extends the value on the stack. */
    void extend(int size) {
        switch (size) {
            case 1 -> b.l2i().i2b().i2l();
            case 2 -> b.l2i().i2s().i2l();
            case 4 -> b.l2i().i2l();
            default -> {
            }
        }
    }

    /** Zero-extends the value on the stack. */
    void zeroExtend(int size) {
        if (size < 8) {
            b.loadConstant((1L << 8 * size) - 1).land();
        }
    }

    /** Pops a value into a register's operand; its upper bits do not matter. */
    void setRegister(int number, int size) {
        if (size == 8) {
            b.lstore(slot(number));
        } else if (size == 4) {
            zeroExtend(4);
            b.lstore(slot(number));
        } else if (number >= Insn.HIGH_BYTE) {
            zeroExtend(1);
            b.loadConstant(8).lshl();
            merge(number - Insn.HIGH_BYTE, ~0xFF00L);
        } else {
            zeroExtend(size);
            merge(number, size == 2 ? ~0xFFFFL : ~0xFFL);
        }
    }

    private void merge(int number, long kept) {
        b.lload(slot(number)).loadConstant(kept).land().lor().lstore(slot(number));
    }

    /** Pushes the linear address of the memory operand. */
    void address(Insn in) {
        offset(in);
        if (in.segment != Insn.FLAT) {
            b.getstatic(self, segmentField(in.segment), SEGMENT).getfield(SEGMENT, "base", J).ladd();
        }
    }

    /** Pushes the memory operand's offset in its segment. */
    void offset(Insn in) {
        boolean any = false;
        if (in.base != Insn.NO_REGISTER) {
            b.lload(slot(in.base));
            any = true;
        }
        if (in.index != Insn.NO_REGISTER) {
            b.lload(slot(in.index));
            if (in.scale > 0) {
                b.loadConstant(in.scale).lshl();
            }
            if (any) {
                b.ladd();
            }
            any = true;
        }
        if (!any) {
            b.loadConstant(in.disp & in.addressMask);
        } else {
            if (in.disp != 0) {
                b.loadConstant(in.disp).ladd();
            }
            if (in.addressMask != -1) {
                b.loadConstant(in.addressMask).land();
            }
        }
    }

    static String segmentField(int segment) {
        return segment == Segment.FS ? "F" : "G";
    }

    /** Pushes the memory operand, zero-extended. */
    void load(Insn in, int size) {
        address(in);
        memory.load(in.pc, size);
    }

    /** Pushes the source operand, sign-extended. */
    void source(Insn in) {
        if (in.memory == 2) {
            load(in, in.size);
            extend(in.size);
        } else if (in.src >= 0) {
            register(in.src, in.size);
        } else {
            b.loadConstant(in.imm);
        }
    }

    /** Fetches the destination into T1, and its address where it is memory. */
    void destination(Insn in) {
        if (in.memory == 1) {
            address(in);
            b.lstore(ADDRESS);
            b.lload(ADDRESS);
            memory.load(in.pc, in.size);
            extend(in.size);
        } else {
            register(in.dst, in.size);
        }
        b.lstore(T1);
    }

    /** Writes T3 to the destination. */
    void writeBack(Insn in) {
        if (in.memory == 1) {
            b.lload(ADDRESS).lload(T3);
            memory.store(in.pc, in.size);
        } else {
            b.lload(T3);
            setRegister(in.dst, in.size);
        }
    }

    /** Goes to a place in the region, or leaves it. Backward only while there is budget. */
    void go(long from, long target) {
        Label label = labels.get(target);
        if (label == null) {
            leave(target);
            return;
        }
        if (target <= from) {
            Label on = b.newLabel();
            b.iload(BUDGET).ifgt(on);
            leave(target);
            b.labelBinding(on);
        }
        b.goto_(label);
    }

    /** Leaves the method: execution goes on at {@code target}. */
    void leave(long target) {
        b.loadConstant(target).lstore(NEXT_PC).goto_(exit);
    }

    /** Leaves the instruction to the interpreter, which raises its fault, if the local is no canonical address. */
    void requireCanonical(int local, Insn in) {
        Label canonical = b.newLabel();
        b.lload(local).loadConstant(16).lshl().loadConstant(16).lshr().lload(local).lcmp().ifeq(canonical);
        b.loadConstant(in.pc).lstore(NEXT_PC).goto_(interpret).labelBinding(canonical);
    }

    /** Stores registers and flags into the processor; what the region does not change can be left out. */
    void storeState(int written) {
        b.aload(CPU_SLOT).getfield(CPU, "r", LONGS).astore(K);
        for (int i = 0; i < 16; i++) {
            if ((written >> i & 1) != 0) {
                b.aload(K).loadConstant(i).lload(slot(i)).lastore();
            }
        }
        b.aload(CPU_SLOT).iload(FLAG_KIND).putfield(CPU, "flagKind", I);
        b.aload(CPU_SLOT).lload(FLAG_A).putfield(CPU, "flagA", J);
        b.aload(CPU_SLOT).lload(FLAG_B).putfield(CPU, "flagB", J);
        b.aload(CPU_SLOT).lload(RESULT).putfield(CPU, "flagResult", J);
        b.aload(CPU_SLOT).iload(BUDGET).putfield(CPU, "budget", I);
    }

    /** Loads what {@link #storeState} stores but the budget, and the TLB's context. */
    void loadState(int used) {
        b.aload(CPU_SLOT).getfield(CPU, "mmu", MMU).getfield(MMU, "context", I).istore(CONTEXT);
        b.aload(CPU_SLOT).getfield(CPU, "r", LONGS).astore(K);
        for (int i = 0; i < 16; i++) {
            if ((used >> i & 1) != 0) {
                b.aload(K).loadConstant(i).laload().lstore(slot(i));
            }
        }
        b.aload(CPU_SLOT).getfield(CPU, "flagKind", I).istore(FLAG_KIND);
        b.aload(CPU_SLOT).getfield(CPU, "flagA", J).lstore(FLAG_A);
        b.aload(CPU_SLOT).getfield(CPU, "flagB", J).lstore(FLAG_B);
        b.aload(CPU_SLOT).getfield(CPU, "flagResult", J).lstore(RESULT);
    }
}

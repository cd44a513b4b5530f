package jkvm.soft.cpu;

import static jkvm.soft.cpu.Operands.load;
import static jkvm.soft.cpu.Operands.setRegister;
import static jkvm.soft.cpu.Operands.source;
import static jkvm.soft.cpu.Operands.store;

import jkvm.soft.mmu.GuestException;

/** Stack instructions and near control transfers. The stack pointer is written after all accesses have succeeded. */
public final class StackOps {
    /** Flags that POPF changes at every privilege level; IF and IOPL depend on it. */
    private static final int POPF_FLAGS = Cpu.TF | Cpu.DF | Cpu.NT | Cpu.AC | Cpu.ID;

    private StackOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.PUSH -> push(cpu, in.size, source(cpu, in));
            case Op.POP -> pop(cpu, in);
            case Op.PUSHA -> pushAll(cpu, in.size);
            case Op.POPA -> popAll(cpu, in.size);
            case Op.PUSHF -> pushFlags(cpu, in.size);
            case Op.POPF -> popFlags(cpu, in.size);
            case Op.ENTER -> enter(cpu, in);
            case Op.LEAVE -> leave(cpu, in.size);
            case Op.CALL -> call(cpu, in, in.target);
            case Op.CALL_INDIRECT -> call(cpu, in, truncate(source(cpu, in), in.size));
            case Op.RET -> {
                long target = peek(cpu, in.size);
                checkTarget(cpu, target);
                moveStackPointer(cpu, in.size + in.imm);
                cpu.rip = target;
            }
            case Op.JMP -> jump(cpu, in.target);
            case Op.JMP_INDIRECT -> jump(cpu, truncate(source(cpu, in), in.size));
            case Op.JCC -> {
                if (Flags.condition(cpu, in.condition)) {
                    jump(cpu, in.target);
                }
            }
            default -> loop(cpu, in);
        }
    }

    private static long truncate(long value, int size) {
        return Operands.unsigned(value, size);
    }

    private static void jump(Cpu cpu, long target) {
        checkTarget(cpu, target);
        cpu.rip = target;
    }

    /** The push goes before the check of the target, and is not undone by its fault but for the stack pointer. */
    private static void call(Cpu cpu, Insn in, long target) {
        long offset = cpu.r[Cpu.RSP] - in.size & stackMask(cpu);
        store(cpu.mmu, linear(cpu, offset, in.size, true), in.size, in.after);
        checkTarget(cpu, target);
        setStackPointer(cpu, offset);
        cpu.rip = target;
    }

    /**
     * Makes the #GP of an address that is not canonical the #SS(0) that it is where the stack was accessed. PUSH, POP
     * and CALL may have failed at their operand too; a stack pointer that is not canonical decides.
     */
    static void nameStackFault(Cpu cpu, Insn in) {
        cpu.fault.notCanonical = false;
        boolean pushes = in.memory != 0 && (in.op == Op.PUSH || in.op == Op.CALL_INDIRECT);
        boolean pops = in.memory != 0 && in.op == Op.POP;
        if (in.stack || pushes && !isCanonical(cpu, cpu.r[Cpu.RSP] - in.size)
                || pops && !isCanonical(cpu, cpu.r[Cpu.RSP])) {
            cpu.fault.vector = GuestException.SS;
        }
    }

    /** #GP(0) for a target beyond the code segment's limit or, in 64-bit code, one that is not canonical. */
    static void checkTarget(Cpu cpu, long target) {
        boolean bad = CpuMode.is64(cpu) ? !isCanonical(cpu, target)
                : Long.compareUnsigned(target, cpu.segments[Segment.CS].limit) > 0;
        if (bad) {
            throw cpu.fault.of(GuestException.GP, 0);
        }
    }

    static boolean isCanonical(Cpu cpu, long address) {
        int unused = (cpu.cr4 & Cpu.CR4_LA57) != 0 ? 7 : 16;
        return address << unused >> unused == address;
    }

    private static void loop(Cpu cpu, Insn in) {
        long count = cpu.r[Cpu.RCX] - (in.op == Op.JCXZ ? 0 : 1) & in.addressMask;
        boolean jumps = switch (in.op) {
            case Op.JCXZ -> count == 0;
            case Op.LOOPE -> count != 0 && Flags.condition(cpu, 4);
            case Op.LOOPNE -> count != 0 && !Flags.condition(cpu, 4);
            default -> count != 0;
        };
        if (jumps) {
            jump(cpu, in.target);
        }
        if (in.op != Op.JCXZ) {
            setRegister(cpu, Cpu.RCX, in.addressSize, count);
        }
    }

    private static long stackMask(Cpu cpu) {
        return (cpu.mode & CpuMode.CODE_64) != 0 ? -1 : (cpu.mode & CpuMode.BIG_STACK) != 0 ? 0xFFFFFFFFL : 0xFFFF;
    }

    private static long linear(Cpu cpu, long offset, int size, boolean write) {
        return (cpu.mode & (CpuMode.CODE_64 | CpuMode.FLAT_DATA)) != 0 ? offset
                : Segments.linear(cpu, Segment.SS, offset, size, write);
    }

    private static void setStackPointer(Cpu cpu, long offset) {
        long mask = stackMask(cpu);
        long upper = mask == 0xFFFF ? cpu.r[Cpu.RSP] & ~0xFFFFL : 0;
        cpu.r[Cpu.RSP] = upper | offset & mask;
    }

    /** Adds to the stack pointer, in its own size. */
    static void moveStackPointer(Cpu cpu, long bytes) {
        setStackPointer(cpu, cpu.r[Cpu.RSP] + bytes);
    }

    /** Pushes 2, 4 or 8 bytes. */
    static void push(Cpu cpu, int size, long value) {
        long offset = cpu.r[Cpu.RSP] - size & stackMask(cpu);
        store(cpu.mmu, linear(cpu, offset, size, true), size, value);
        setStackPointer(cpu, offset);
    }

    /** The item at the top of the stack, zero-extended. */
    static long peek(Cpu cpu, int size) {
        return at(cpu, cpu.r[Cpu.RSP], size);
    }

    private static long at(Cpu cpu, long offset, int size) {
        return load(cpu.mmu, linear(cpu, offset & stackMask(cpu), size, false), size);
    }

    /** POP's address is computed with the stack pointer that is already increased. */
    private static void pop(Cpu cpu, Insn in) {
        long value = peek(cpu, in.size);
        long old = cpu.r[Cpu.RSP];
        moveStackPointer(cpu, in.size);
        if (in.memory == 0) {
            setRegister(cpu, in.dst, in.size, value);
            return;
        }
        long increased = cpu.r[Cpu.RSP];
        long address;
        try {
            address = Operands.address(cpu, in, in.size, true);
        } finally {
            cpu.r[Cpu.RSP] = old;
        }
        store(cpu.mmu, address, in.size, value);
        cpu.r[Cpu.RSP] = increased;
    }

    private static void pushAll(Cpu cpu, int size) {
        long offset = cpu.r[Cpu.RSP];
        for (int i = Cpu.RAX; i <= Cpu.RDI; i++) {
            offset = offset - size & stackMask(cpu);
            store(cpu.mmu, linear(cpu, offset, size, true), size, cpu.r[i]);
        }
        setStackPointer(cpu, offset);
    }

    private static void popAll(Cpu cpu, int size) {
        long offset = cpu.r[Cpu.RSP];
        for (int i = 0; i < 8; i++) {
            at(cpu, offset + (long) i * size, size);
        }
        for (int i = Cpu.RDI; i >= Cpu.RAX; i--) {
            long value = at(cpu, offset, size);
            offset += size;
            if (i != Cpu.RSP) {
                setRegister(cpu, i, size, value);
            }
        }
        setStackPointer(cpu, offset);
    }

    private static void enter(Cpu cpu, Insn in) {
        int size = in.size;
        int level = (int) in.imm2 & 31;
        long mask = stackMask(cpu);
        long offset = cpu.r[Cpu.RSP] - size & mask;
        long frame = offset;
        store(cpu.mmu, linear(cpu, offset, size, true), size, cpu.r[Cpu.RBP]);
        for (int i = 1; i < level; i++) {
            long value = at(cpu, cpu.r[Cpu.RBP] - (long) i * size, size);
            offset = offset - size & mask;
            store(cpu.mmu, linear(cpu, offset, size, true), size, value);
        }
        if (level > 0) {
            offset = offset - size & mask;
            store(cpu.mmu, linear(cpu, offset, size, true), size, frame);
        }
        offset = offset - in.imm & mask;
        // The new stack top is probed as if for a write.
        cpu.mmu.probeWrite(linear(cpu, offset, size, true), size);
        setRegister(cpu, Cpu.RBP, size, frame);
        setStackPointer(cpu, offset);
    }

    private static void leave(Cpu cpu, int size) {
        long offset = cpu.r[Cpu.RBP];
        long value = at(cpu, offset, size);
        setStackPointer(cpu, offset + size);
        setRegister(cpu, Cpu.RBP, size, value);
    }

    private static boolean isVirtual86(Cpu cpu) {
        return (cpu.systemFlags & Cpu.VM) != 0;
    }

    private static int ioPrivilege(Cpu cpu) {
        return (cpu.systemFlags & Cpu.IOPL) >> 12;
    }

    private static void pushFlags(Cpu cpu, int size) {
        int flags = Flags.all(cpu) & ~(Cpu.VM | Cpu.RF);
        if (isVirtual86(cpu) && ioPrivilege(cpu) < 3) {
            if ((cpu.cr4 & Cpu.CR4_VME) == 0 || size != 2) {
                throw cpu.fault.of(GuestException.GP, 0);
            }
            flags = flags & ~Cpu.IF | Cpu.IOPL | ((flags & Cpu.VIF) != 0 ? Cpu.IF : 0);
        }
        push(cpu, size, flags);
    }

    private static void popFlags(Cpu cpu, int size) {
        long value = peek(cpu, size);
        int mask = POPF_FLAGS;
        int set = 0;
        if (isVirtual86(cpu) && ioPrivilege(cpu) < 3) {
            boolean pending = (value & Cpu.IF) != 0 && (cpu.systemFlags & Cpu.VIP) != 0;
            if ((cpu.cr4 & Cpu.CR4_VME) == 0 || size != 2 || pending || (value & Cpu.TF) != 0) {
                throw cpu.fault.of(GuestException.GP, 0);
            }
            mask |= Cpu.VIF;
            set = (value & Cpu.IF) != 0 ? Cpu.VIF : 0;
        } else {
            boolean real = (cpu.cr0 & Cpu.CR0_PE) == 0;
            mask |= real || cpu.cpl <= ioPrivilege(cpu) ? Cpu.IF : 0;
            mask |= real || cpu.cpl == 0 ? Cpu.IOPL : 0;
        }
        if (size == 2) {
            mask &= 0xFFFF | Cpu.VIF;
        }
        moveStackPointer(cpu, size);
        int flags = (int) value & ~Cpu.VIF | set;
        Flags.setArithmetic(cpu, flags);
        cpu.systemFlags = (cpu.systemFlags & ~mask | flags & mask) & ~Cpu.RF;
    }
}

package jkvm.soft.cpu;

import static jkvm.soft.mmu.GuestException.GP;
import static jkvm.soft.mmu.GuestException.UD;

/** Loads and stores of segment registers: MOV, PUSH, POP, LDS and its kin, RDFSBASE and its kin. */
final class SegmentOps {
    private SegmentOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.MOV_FROM_SEGMENT -> DescriptorOps.store(cpu, in, cpu.segments[in.reg].selector);
            case Op.MOV_TO_SEGMENT -> load(cpu, in.reg, (int) Operands.source(cpu, in, 2) & 0xFFFF);
            case Op.PUSH_SEGMENT -> {
                StackFrame stack = cpu.frame.current();
                stack.pushSelector(in.size, cpu.segments[in.reg].selector);
                stack.commitPointer();
            }
            case Op.POP_SEGMENT -> pop(cpu, in);
            case Op.LOAD_FAR_POINTER -> {
                long offset = cpu.mmu.load(Operands.address(cpu, in, in.size, false), in.size);
                long address = Operands.address(cpu, in, in.size + 2, false);
                load(cpu, (int) in.imm2, (int) cpu.mmu.load16(address + in.size));
                Operands.setRegister(cpu, in.dst, in.size, offset);
            }
            default -> base(cpu, in);
        }
    }

    /** A load of SS holds back interrupts and debug exceptions until after the next instruction. */
    private static void load(Cpu cpu, int register, int selector) {
        Segments.load(cpu, register, selector);
        cpu.movSsShadow = register == Segment.SS;
    }

    private static void pop(Cpu cpu, Insn in) {
        StackFrame stack = cpu.frame.current();
        int selector = stack.peekSelector(0);
        load(cpu, in.reg, selector);
        stack.skip(in.size);
        stack.commitPointer();
    }

    private static void base(Cpu cpu, Insn in) {
        if ((cpu.cr4 & Cpu.CR4_FSGSBASE) == 0) {
            throw cpu.fault.of(UD);
        }
        Segment s = cpu.segments[in.op == Op.RDFSBASE || in.op == Op.WRFSBASE ? Segment.FS : Segment.GS];
        if (in.op == Op.RDFSBASE || in.op == Op.RDGSBASE) {
            Operands.setRegister(cpu, in.rm, in.size, s.base);
            return;
        }
        long value = in.size == 8 ? cpu.r[in.rm] : cpu.r[in.rm] & 0xFFFFFFFFL;
        if (!Segments.isCanonical(cpu, value)) {
            throw cpu.fault.of(GP, 0);
        }
        s.base = value;
    }
}

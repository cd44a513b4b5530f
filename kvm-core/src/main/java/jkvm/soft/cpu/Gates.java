package jkvm.soft.cpu;

import jkvm.soft.mmu.GuestException;

/**
 * Enters a handler through the interrupt descriptor table: the vector table of real mode, interrupt, trap and task
 * gates of protected mode, 64-bit gates with interrupt stacks (SDM vol. 3, 7.12, 7.14, 21.1.4, 21.3; APM vol. 2, 8.6 to
 * 8.9).
 */
final class Gates {
    /** Bits of an error code: it names a gate of the IDT. */
    private static final int IDT = 2;
    private static final int CLEARED_ON_ENTRY = Cpu.TF | Cpu.NT | Cpu.RF | Cpu.VM;

    private Gates() {
    }

    /**
     * @param error   error code to push, or {@link GuestException#NO_ERROR}
     * @param checked the gate's privilege level must admit the caller: INT n, INT3, INTO
     * @param next    RIP to push
     * @param flags   RFLAGS to push
     */
    static void enter(Cpu cpu, int vector, int error, boolean checked, long next, int flags) {
        if ((cpu.cr0 & Cpu.CR0_PE) == 0) {
            enterReal(cpu, vector, cpu.idtBase, next, flags);
        } else if (Segments.isLongMode(cpu)) {
            enterLong(cpu, vector, error, checked, next, flags);
        } else {
            enterProtected(cpu, vector, error, checked, next, flags);
        }
    }

    private static void enterReal(Cpu cpu, int vector, long table, long next, int flags) {
        if (vector * 4 + 3 > (cpu.idtLimit & 0xFFFF)) {
            throw cpu.fault.of(GuestException.GP, vector * 8 + IDT);
        }
        long entry = cpu.mmu.system.load(table + vector * 4L & 0xFFFFFFFFL, 4);
        pushReal(cpu, next, flags);
        Segments.loadReal(cpu, Segment.CS, (int) (entry >>> 16));
        cpu.rip = entry & 0xFFFF;
        cpu.systemFlags &= ~(Cpu.IF | Cpu.TF | Cpu.RF | Cpu.AC);
    }

    private static void pushReal(Cpu cpu, long next, int flags) {
        StackFrame stack = cpu.frame.current();
        stack.push(2, flags);
        stack.push(2, cpu.segments[Segment.CS].selector);
        stack.push(2, next);
        stack.commitPointer();
    }

    /**
     * INT n in virtual-8086 mode with CR4.VME: if the task's bitmap says so, it goes to the handler of the 8086 program
     * itself (SDM vol. 3, 21.3.3).
     *
     * @return false if it goes through the IDT
     */
    static boolean redirect(Cpu cpu, int vector, long next) {
        Segment tr = cpu.segments[Segment.TR];
        long bitmap = systemWord(cpu, tr, 0x66) - 32;
        long at = bitmap + vector / 8;
        if (at > tr.limit) {
            throw cpu.fault.of(GuestException.GP, 0);
        }
        if ((cpu.mmu.system.load(tr.base + at & 0xFFFFFFFFL, 1) >> (vector & 7) & 1) != 0) {
            return false;
        }
        int flags = Flags.all(cpu);
        boolean virtual = (flags & Cpu.IOPL) != Cpu.IOPL;
        if (virtual) {
            boolean enabled = (flags & Cpu.VIF) != 0;
            flags = flags & ~Cpu.IF | Cpu.IOPL | (enabled ? Cpu.IF : 0);
        }
        long entry = cpu.mmu.system.load(vector * 4L, 4);
        pushReal(cpu, next, flags);
        Segments.loadReal(cpu, Segment.CS, (int) (entry >>> 16));
        cpu.rip = entry & 0xFFFF;
        cpu.systemFlags &= ~(Cpu.TF | Cpu.NT | (virtual ? Cpu.VIF : Cpu.IF));
        return true;
    }

    private static long systemWord(Cpu cpu, Segment tr, int offset) {
        if (offset + 1 > tr.limit) {
            throw cpu.fault.of(GuestException.GP, 0);
        }
        return cpu.mmu.system.load(tr.base + offset & 0xFFFFFFFFL, 2);
    }

    private static void enterProtected(Cpu cpu, int vector, int error, boolean checked, long next, int flags) {
        int gateError = vector * 8 + IDT;
        if (vector * 8 + 7 > (cpu.idtLimit & 0xFFFF)) {
            throw gateFault(cpu, GuestException.GP, gateError);
        }
        SegmentDescriptor gate = cpu.descriptor;
        gate.high = 0;
        gate.low = cpu.mmu.system.load(cpu.idtBase + vector * 8L & 0xFFFFFFFFL, 8);
        int type = gate.isSystem() ? gate.type() : -1;
        boolean isTask = type == SegmentDescriptor.TASK_GATE;
        int kind = type & ~8;
        if (!isTask && (kind != SegmentDescriptor.INTERRUPT_GATE_16
                && kind != SegmentDescriptor.TRAP_GATE_16 || type < 0)
                || checked && gate.dpl() < cpu.cpl) {
            throw gateFault(cpu, GuestException.GP, gateError);
        }
        if (!gate.isPresent()) {
            throw gateFault(cpu, GuestException.NP, gateError);
        }
        if (isTask) {
            TaskSwitch.byInterrupt(cpu, gate.gateSelector(), error, next, flags);
            return;
        }
        int gateSelector = gate.gateSelector();
        long offset = gate.gateOffset();
        int size = (type & 8) != 0 ? 4 : 2;
        SegmentDescriptor code = handlerCode(cpu, gateSelector);
        int cpl = code.isConforming() ? cpu.cpl : code.dpl();
        boolean fromVm86 = (cpu.systemFlags & Cpu.VM) != 0;
        if (fromVm86 && cpl != 0) {
            throw Segments.fault(cpu, GuestException.GP, gateSelector);
        }
        StackFrame stack = cpu.frame;
        if (cpl < cpu.cpl) {
            innerStack(cpu, stack, cpl);
            if (fromVm86) {
                pushDataSegments(cpu, stack, size);
            }
            pushPointer(cpu, stack, size);
        } else {
            stack.implicit();
        }
        pushReturn(cpu, stack, size, flags, next, error);
        if (offset > code.limit()) {
            throw cpu.fault.of(GuestException.GP, cpu.external);
        }
        Segments.setType(cpu, code, 1);
        if (fromVm86) {
            clearDataSegments(cpu);
        }
        commit(cpu, stack, code, cpl, offset, type);
    }

    private static void pushDataSegments(Cpu cpu, StackFrame stack, int size) {
        for (int i = Segment.GS; i >= Segment.DS; i--) {
            stack.push(size, cpu.segments[i].selector);
        }
        stack.push(size, cpu.segments[Segment.ES].selector);
    }

    private static void clearDataSegments(Cpu cpu) {
        for (int i = 0; i <= Segment.GS; i++) {
            if (i != Segment.CS && i != Segment.SS) {
                Segments.setNull(cpu.segments[i], 0);
            }
        }
    }

    private static void pushPointer(Cpu cpu, StackFrame stack, int size) {
        stack.push(size, cpu.segments[Segment.SS].selector);
        stack.push(size, cpu.r[Cpu.RSP]);
    }

    private static void pushReturn(Cpu cpu, StackFrame stack, int size, int flags, long next, int error) {
        stack.push(size, flags & 0xFFFFFFFFL);
        stack.push(size, cpu.segments[Segment.CS].selector);
        stack.push(size, next);
        if (error != GuestException.NO_ERROR) {
            stack.push(size, error);
        }
    }

    private static void enterLong(Cpu cpu, int vector, int error, boolean checked, long next, int flags) {
        int gateError = vector * 8 + IDT;
        if (vector * 16 + 15 > (cpu.idtLimit & 0xFFFF)) {
            throw gateFault(cpu, GuestException.GP, gateError);
        }
        SegmentDescriptor gate = cpu.descriptor;
        long at = cpu.idtBase + vector * 16L;
        gate.low = cpu.mmu.system.load(at, 8);
        gate.high = cpu.mmu.system.load(at + 8, 8) & 0xFFFFFFFFL;
        int type = gate.isSystem() ? gate.type() : -1;
        if (type != SegmentDescriptor.INTERRUPT_GATE_32 && type != SegmentDescriptor.TRAP_GATE_32
                || checked && gate.dpl() < cpu.cpl) {
            throw gateFault(cpu, GuestException.GP, gateError);
        }
        if (!gate.isPresent()) {
            throw gateFault(cpu, GuestException.NP, gateError);
        }
        long offset = gate.gateOffset();
        int interruptStack = gate.gateStack();
        SegmentDescriptor code = handlerCode(cpu, gate.gateSelector());
        if (!code.isLong() || code.isBig()) {
            throw Segments.fault(cpu, GuestException.GP, code.selector);
        }
        int cpl = code.isConforming() ? cpu.cpl : code.dpl();
        StackFrame stack = cpu.frame;
        long pointer = cpu.r[Cpu.RSP];
        if (interruptStack != 0) {
            pointer = stackPointer(cpu, 0x24 + 8 * (interruptStack - 1));
        } else if (cpl < cpu.cpl) {
            pointer = stackPointer(cpu, 4 + 8 * cpl);
        }
        longStack(cpu, stack, cpl);
        stack.other(pointer & ~0xFL, true, cpl, 0);
        pushPointer(cpu, stack, 8);
        pushReturn(cpu, stack, 8, flags, next, error);
        if (!Segments.isCanonical(cpu, offset)) {
            throw cpu.fault.of(GuestException.GP, cpu.external);
        }
        Segments.setType(cpu, code, 1);
        commit(cpu, stack, code, cpl, offset, type);
    }

    /** A transfer to an inner level in long mode makes SS null, with the new level in its RPL. */
    static void longStack(Cpu cpu, StackFrame stack, int cpl) {
        if (cpl < cpu.cpl) {
            Segments.setNull(stack.segment, cpl);
            stack.segment.access = cpl << Segment.DPL_SHIFT;
        } else {
            stack.segment.copy(cpu.segments[Segment.SS]);
        }
    }

    private static void commit(Cpu cpu, StackFrame stack, SegmentDescriptor code, int cpl, long offset, int type) {
        stack.commit();
        cpu.cpl = cpl;
        Segments.set(cpu.segments[Segment.CS], code.selector & 0xFFFC | cpl, code);
        cpu.rip = offset;
        boolean isInterruptGate = (type & 1) == 0;
        cpu.systemFlags &= ~(CLEARED_ON_ENTRY | (isInterruptGate ? Cpu.IF : 0));
    }

    /** The code segment that a gate leads to, checked. */
    private static SegmentDescriptor handlerCode(Cpu cpu, int selector) {
        if (Segments.isNull(selector)) {
            throw Segments.fault(cpu, GuestException.GP, 0);
        }
        SegmentDescriptor code = cpu.target;
        if (!Segments.read(cpu, selector, code) || code.isSystem() || !code.isCode() || code.dpl() > cpu.cpl) {
            throw Segments.fault(cpu, GuestException.GP, selector);
        }
        if (!code.isPresent()) {
            throw Segments.fault(cpu, GuestException.NP, selector);
        }
        return code;
    }

    private static GuestException gateFault(Cpu cpu, int vector, int error) {
        return cpu.fault.of(vector, error | cpu.external);
    }

    /** Sets a stack up from the task state segment for an inner privilege level (SDM vol. 3, 5.8.5). */
    static void innerStack(Cpu cpu, StackFrame stack, int cpl) {
        Segment tr = cpu.segments[Segment.TR];
        boolean is32 = (tr.access & 8) != 0;
        int at = is32 ? 4 + 8 * cpl : 2 + 4 * cpl;
        int width = is32 ? 4 : 2;
        if (tr.unusable || at + width + 1 > tr.limit) {
            throw Segments.fault(cpu, GuestException.TS, tr.selector);
        }
        long pointer = cpu.mmu.system.load(tr.base + at & 0xFFFFFFFFL, width);
        int selector = (int) cpu.mmu.system.load(tr.base + at + width & 0xFFFFFFFFL, 2);
        if (Segments.isNull(selector)) {
            throw Segments.fault(cpu, GuestException.TS, 0);
        }
        SegmentDescriptor d = cpu.descriptor;
        Segments.readStack(cpu, d, selector, cpl, GuestException.TS);
        Segments.setType(cpu, d, 1);
        Segments.set(stack.segment, selector, d);
        stack.other(pointer, false, cpl, selector);
    }

    /** A stack pointer of the 64-bit task state segment (SDM vol. 3, 8.7). */
    static long stackPointer(Cpu cpu, int offset) {
        Segment tr = cpu.segments[Segment.TR];
        if (tr.unusable || offset + 7 > tr.limit) {
            throw Segments.fault(cpu, GuestException.TS, tr.selector);
        }
        long pointer = cpu.mmu.system.load(tr.base + offset, 8);
        if (!Segments.isCanonical(cpu, pointer)) {
            throw Segments.fault(cpu, GuestException.SS, 0);
        }
        return pointer;
    }
}

package jkvm.soft.cpu;

import static jkvm.soft.mmu.GuestException.GP;
import static jkvm.soft.mmu.GuestException.NP;

/**
 * Far jumps, calls and returns (SDM vol. 2, JMP, CALL, RET; vol. 3, 5.8). IRET is in {@link InterruptReturn}.
 *
 * <p>Each transfer checks everything, pushes or pops through a {@link StackFrame}, and only then changes registers.
 */
final class FarTransfers {
    private FarTransfers() {
    }

    /**
     * @param offset truncated to the operand size
     * @param next   RIP of the next instruction, for a task switch
     */
    static void jump(Cpu cpu, int selector, long offset, long next) {
        if (!Segments.isProtected(cpu)) {
            enterReal(cpu, selector, offset);
            return;
        }
        SegmentDescriptor code = named(cpu, selector);
        if (code.isSystem()) {
            jumpSystem(cpu, code, next);
            return;
        }
        checkDirect(cpu, code);
        enter(cpu, code, cpu.cpl, offset);
    }

    /** @param size of each push: the operand size, 2, 4 or 8 */
    static void call(Cpu cpu, int selector, long offset, int size, long next) {
        StackFrame stack = cpu.frame;
        if (!Segments.isProtected(cpu)) {
            pushReturn(cpu, stack.current(), size, next);
            enterReal(cpu, selector, offset);
            stack.commitPointer();
            return;
        }
        SegmentDescriptor code = named(cpu, selector);
        if (code.isSystem()) {
            callSystem(cpu, code, next);
            return;
        }
        checkDirect(cpu, code);
        pushReturn(cpu, stack.current(), size, next);
        enter(cpu, code, cpu.cpl, offset);
        stack.commitPointer();
    }

    private static void pushReturn(Cpu cpu, StackFrame stack, int size, long next) {
        stack.push(size, cpu.segments[Segment.CS].selector);
        stack.push(size, next);
    }

    static void enterReal(Cpu cpu, int selector, long offset) {
        if (offset > cpu.segments[Segment.CS].limit) {
            throw Segments.fault(cpu, GP, 0);
        }
        Segments.loadReal(cpu, Segment.CS, selector);
        cpu.rip = offset;
    }

    private static SegmentDescriptor named(Cpu cpu, int selector) {
        if (Segments.isNull(selector)) {
            throw Segments.fault(cpu, GP, 0);
        }
        SegmentDescriptor d = cpu.target;
        if (!Segments.read(cpu, selector, d)) {
            throw Segments.fault(cpu, GP, selector);
        }
        return d;
    }

    /** A code segment that is named by the transfer itself: no change of privilege. */
    private static void checkDirect(Cpu cpu, SegmentDescriptor code) {
        boolean allowed = code.isCode() && (code.isConforming() ? code.dpl() <= cpu.cpl
                : code.dpl() == cpu.cpl && code.rpl() <= cpu.cpl);
        if (!allowed || isLongAndBig(cpu, code)) {
            throw Segments.fault(cpu, GP, code.selector);
        }
        if (!code.isPresent()) {
            throw Segments.fault(cpu, NP, code.selector);
        }
    }

    static boolean isLongAndBig(Cpu cpu, SegmentDescriptor code) {
        return Segments.isLongMode(cpu) && code.isLong() && code.isBig();
    }

    /** Loads CS and RIP; throws #GP(0) before if the offset is not inside the segment. */
    static void enter(Cpu cpu, SegmentDescriptor code, int cpl, long offset) {
        checkOffset(cpu, code, offset);
        Segments.setType(cpu, code, 1);
        Segments.set(cpu.segments[Segment.CS], code.selector & 0xFFFC | cpl, code);
        cpu.cpl = cpl;
        cpu.rip = Segments.isLongMode(cpu) && code.isLong() ? offset : offset & 0xFFFFFFFFL;
    }

    static void checkOffset(Cpu cpu, SegmentDescriptor code, long offset) {
        boolean is64 = Segments.isLongMode(cpu) && code.isLong();
        if (is64 ? !Segments.isCanonical(cpu, offset) : (offset & 0xFFFFFFFFL) > code.limit()) {
            throw Segments.fault(cpu, GP, 0);
        }
    }

    private static void jumpSystem(Cpu cpu, SegmentDescriptor d, long next) {
        if (isTask(cpu, d)) {
            toTask(cpu, d, false, next);
            return;
        }
        checkCallGate(cpu, d);
        long offset = d.gateOffset();
        SegmentDescriptor code = gateCode(cpu, d);
        if (code.isConforming() ? code.dpl() > cpu.cpl : code.dpl() != cpu.cpl) {
            throw Segments.fault(cpu, GP, code.selector);
        }
        checkGateCode(cpu, code);
        enter(cpu, code, cpu.cpl, offset);
    }

    private static void callSystem(Cpu cpu, SegmentDescriptor d, long next) {
        if (isTask(cpu, d)) {
            toTask(cpu, d, true, next);
            return;
        }
        checkCallGate(cpu, d);
        long offset = d.gateOffset();
        int parameters = d.gateParameters();
        int size = Segments.isLongMode(cpu) ? 8 : d.type() == SegmentDescriptor.CALL_GATE_32 ? 4 : 2;
        SegmentDescriptor code = gateCode(cpu, d);
        if (code.dpl() > cpu.cpl) {
            throw Segments.fault(cpu, GP, code.selector);
        }
        checkGateCode(cpu, code);
        if (code.isConforming() || code.dpl() == cpu.cpl) {
            StackFrame stack = cpu.frame;
            pushReturn(cpu, stack.current(), size, next);
            enter(cpu, code, cpu.cpl, offset);
            stack.commitPointer();
        } else {
            callInner(cpu, code, offset, size, parameters, next);
        }
    }

    private static void callInner(Cpu cpu, SegmentDescriptor code, long offset, int size, int parameters, long next) {
        StackFrame stack = cpu.frame;
        int cpl = code.dpl();
        int oldSelector = cpu.segments[Segment.SS].selector;
        if (size == 8) {
            Gates.longStack(cpu, stack, cpl);
            stack.other(Gates.stackPointer(cpu, 4 + 8 * cpl), true, cpl, 0);
            stack.push(8, oldSelector);
            stack.push(8, cpu.r[Cpu.RSP]);
        } else {
            StackFrame caller = cpu.callerFrame.current();
            Gates.innerStack(cpu, stack, cpl);
            stack.push(size, oldSelector);
            stack.push(size, cpu.r[Cpu.RSP]);
            for (int i = parameters - 1; i >= 0; i--) {
                stack.push(size, caller.peek(i * size, size));
            }
        }
        pushReturn(cpu, stack, size, next);
        enter(cpu, code, cpl, offset);
        stack.commit();
    }

    /** A TSS or a task gate: there are none in long mode. */
    private static boolean isTask(Cpu cpu, SegmentDescriptor d) {
        int type = d.type();
        return !Segments.isLongMode(cpu)
                && (type == SegmentDescriptor.TSS_16 || type == SegmentDescriptor.TSS_32
                || type == SegmentDescriptor.TASK_GATE);
    }

    private static void toTask(Cpu cpu, SegmentDescriptor d, boolean call, long next) {
        checkPrivilege(cpu, d);
        int selector = d.type() == SegmentDescriptor.TASK_GATE ? d.gateSelector() : d.selector;
        if (!d.isPresent()) {
            throw Segments.fault(cpu, NP, d.selector);
        }
        TaskSwitch.byTransfer(cpu, selector, call, next);
    }

    private static void checkPrivilege(Cpu cpu, SegmentDescriptor d) {
        if (d.dpl() < Math.max(cpu.cpl, d.rpl())) {
            throw Segments.fault(cpu, GP, d.selector);
        }
    }

    private static void checkCallGate(Cpu cpu, SegmentDescriptor d) {
        boolean longMode = Segments.isLongMode(cpu);
        boolean isGate = d.type() == SegmentDescriptor.CALL_GATE_32 || d.type() == SegmentDescriptor.CALL_GATE_16
                && !longMode;
        if (!isGate) {
            throw Segments.fault(cpu, GP, d.selector);
        }
        checkPrivilege(cpu, d);
        if (!d.isPresent()) {
            throw Segments.fault(cpu, NP, d.selector);
        }
        if (longMode && !Segments.readUpperHalf(cpu, d)) {
            throw Segments.fault(cpu, GP, d.selector);
        }
    }

    /** Reads the code segment that a call gate names over the gate's descriptor. */
    private static SegmentDescriptor gateCode(Cpu cpu, SegmentDescriptor gate) {
        int selector = gate.gateSelector();
        SegmentDescriptor code = named(cpu, selector);
        if (!code.isCode()) {
            throw Segments.fault(cpu, GP, selector);
        }
        return code;
    }

    private static void checkGateCode(Cpu cpu, SegmentDescriptor code) {
        if (Segments.isLongMode(cpu) && (!code.isLong() || code.isBig())) {
            throw Segments.fault(cpu, GP, code.selector);
        }
        if (!code.isPresent()) {
            throw Segments.fault(cpu, NP, code.selector);
        }
    }

    /**
     * @param size     of each pop
     * @param released bytes of parameters to release, on both stacks
     */
    static void ret(Cpu cpu, int size, int released) {
        StackFrame stack = cpu.frame.current();
        stack.peekSelector(size); // its faults come first
        long offset = stack.pop(size);
        int selector = stack.popSelector(size);
        if (!Segments.isProtected(cpu)) {
            enterReal(cpu, selector, offset);
            stack.skip(released);
            stack.commitPointer();
            return;
        }
        SegmentDescriptor code = returnCode(cpu, selector);
        stack.skip(released);
        if (code.rpl() == cpu.cpl) {
            enter(cpu, code, cpu.cpl, offset);
            stack.commitPointer();
            return;
        }
        long pointer = stack.pop(size);
        int stackSelector = stack.popSelector(size);
        returnOuter(cpu, code, offset, stackSelector, pointer, released);
    }

    /** The code segment of a return, with the privilege of its selector's RPL. */
    static SegmentDescriptor returnCode(Cpu cpu, int selector) {
        SegmentDescriptor code = named(cpu, selector);
        int rpl = selector & 3;
        boolean allowed = code.isCode() && rpl >= cpu.cpl
                && (code.isConforming() ? code.dpl() <= rpl : code.dpl() == rpl);
        if (!allowed || isLongAndBig(cpu, code)) {
            throw Segments.fault(cpu, GP, selector);
        }
        if (!code.isPresent()) {
            throw Segments.fault(cpu, NP, selector);
        }
        return code;
    }

    /** The rest of a return to an outer level, and of each IRET from 64-bit code. */
    static void returnOuter(Cpu cpu, SegmentDescriptor code, long offset, int stackSelector, long pointer,
            int released) {
        StackFrame stack = cpu.frame;
        int cpl = code.rpl();
        boolean to64 = Segments.isLongMode(cpu) && code.isLong();
        if (Segments.isNull(stackSelector)) {
            if (!to64 || cpl == 3 || (stackSelector & 3) != cpl) {
                throw Segments.fault(cpu, GP, 0);
            }
            Segments.setNull(stack.segment, stackSelector);
            stack.segment.access = cpl << Segment.DPL_SHIFT;
        } else {
            SegmentDescriptor d = cpu.descriptor;
            Segments.readStack(cpu, d, stackSelector, cpl, GP);
            Segments.setType(cpu, d, 1);
            Segments.set(stack.segment, stackSelector, d);
        }
        boolean outer = cpl > cpu.cpl;
        enter(cpu, code, cpl, offset);
        stack.other(pointer, to64, cpl, 0);
        stack.skip(released);
        stack.commit();
        if (outer) {
            Segments.dropInner(cpu);
        }
    }
}

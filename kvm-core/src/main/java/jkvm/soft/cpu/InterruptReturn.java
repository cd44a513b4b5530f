package jkvm.soft.cpu;

import static jkvm.soft.mmu.GuestException.GP;

/**
 * IRET in all modes (SDM vol. 2, IRET; vol. 3, 7.12.1, 8.3, 21.2): to the same or an outer level, to virtual-8086 mode,
 * to another task, and from 64-bit code, where it always takes the stack too.
 */
final class InterruptReturn {
    /** Flags that a 16-bit IRET can reach, and those only a wider one can. */
    private static final int LOW = Cpu.ARITHMETIC | Cpu.TF | Cpu.DF | Cpu.NT;
    private static final int HIGH = Cpu.RF | Cpu.AC | Cpu.ID;

    private InterruptReturn() {
    }

    /** @param size of each pop: the operand size */
    static void execute(Cpu cpu, int size, long next) {
        if ((cpu.cr0 & Cpu.CR0_PE) == 0) {
            real(cpu, size, LOW | Cpu.IF | Cpu.IOPL | (size == 4 ? HIGH : 0));
        } else if ((cpu.systemFlags & Cpu.VM) != 0) {
            vm86(cpu, size);
        } else if ((cpu.systemFlags & Cpu.NT) != 0) {
            if (Segments.isLongMode(cpu)) {
                throw Segments.fault(cpu, GP, 0);
            }
            TaskSwitch.byReturn(cpu, next);
        } else {
            protectedMode(cpu, size);
        }
        if (cpu.nmiBlocked) {
            cpu.nmiBlocked = false;
            cpu.host.interruptWindowOpened();
        }
    }

    private static void real(Cpu cpu, int size, int changed) {
        StackFrame stack = cpu.frame.current();
        long offset = stack.pop(size);
        int selector = stack.popSelector(size);
        int flags = (int) stack.pop(size);
        FarTransfers.enterReal(cpu, selector, offset);
        stack.commitPointer();
        setFlags(cpu, flags, changed);
    }

    private static void vm86(Cpu cpu, int size) {
        if ((cpu.systemFlags & Cpu.IOPL) == Cpu.IOPL) {
            real(cpu, size, LOW | Cpu.IF | (size == 4 ? HIGH : 0));
            return;
        }
        if ((cpu.cr4 & Cpu.CR4_VME) == 0 || size != 2) {
            throw Segments.fault(cpu, GP, 0);
        }
        // Virtual-8086 mode extensions: the program sees VIF where it expects IF.
        int flags = (int) cpu.frame.current().peek(4, 2);
        boolean enables = (flags & Cpu.IF) != 0;
        if (enables && (cpu.systemFlags & Cpu.VIP) != 0 || (flags & Cpu.TF) != 0) {
            throw Segments.fault(cpu, GP, 0);
        }
        real(cpu, size, LOW);
        cpu.systemFlags = cpu.systemFlags & ~Cpu.VIF | (enables ? Cpu.VIF : 0);
    }

    private static void protectedMode(Cpu cpu, int size) {
        boolean from64 = (cpu.mode & CpuMode.CODE_64) != 0;
        StackFrame stack = cpu.frame.current();
        long offset = stack.pop(size);
        int selector = stack.popSelector(size);
        int flags = (int) stack.pop(size);
        if (size == 4 && (flags & Cpu.VM) != 0 && cpu.cpl == 0 && !Segments.isLongMode(cpu)) {
            toVm86(cpu, stack, offset, selector, flags);
            return;
        }
        int cpl = cpu.cpl;
        int changed = LOW | (size > 2 ? HIGH : 0) | (cpl == 0 ? Cpu.IOPL : 0)
                | (cpl == 0 && size > 2 ? Cpu.VIF | Cpu.VIP : 0)
                | (cpl <= (cpu.systemFlags & Cpu.IOPL) >> 12 ? Cpu.IF : 0);
        SegmentDescriptor code = FarTransfers.returnCode(cpu, selector);
        if (code.rpl() == cpl && !from64) {
            FarTransfers.enter(cpu, code, cpl, offset);
            stack.commitPointer();
        } else {
            long pointer = stack.pop(size);
            int stackSelector = stack.popSelector(size);
            FarTransfers.returnOuter(cpu, code, offset, stackSelector, pointer, 0);
        }
        setFlags(cpu, flags, changed);
    }

    private static void toVm86(Cpu cpu, StackFrame stack, long offset, int selector, int flags) {
        long pointer = stack.pop(4);
        int stackSelector = (int) stack.pop(4);
        int[] selectors = cpu.selectors;
        selectors[Segment.CS] = selector;
        selectors[Segment.SS] = stackSelector;
        selectors[Segment.ES] = (int) stack.pop(4);
        for (int i = Segment.DS; i <= Segment.GS; i++) {
            selectors[i] = (int) stack.pop(4);
        }
        setFlags(cpu, flags, LOW | HIGH | Cpu.IF | Cpu.IOPL | Cpu.VIF | Cpu.VIP | Cpu.VM);
        for (int i = 0; i < selectors.length; i++) {
            Segments.loadReal(cpu, i, selectors[i]);
        }
        cpu.cpl = 3;
        cpu.rip = offset & 0xFFFF;
        cpu.r[Cpu.RSP] = pointer;
    }

    private static void setFlags(Cpu cpu, int flags, int changed) {
        Flags.setAll(cpu, Flags.all(cpu) & ~changed | flags & changed);
    }
}

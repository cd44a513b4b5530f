package jkvm.soft.cpu;

import java.util.Arrays;
import jkvm.soft.mmu.GuestException;

/**
 * Hardware task switches of protected mode, 16- and 32-bit (SDM vol. 3, chapter 8). Long mode has none.
 *
 * <p>Up to the point where the task register is loaded a fault belongs to the old task, and nothing has changed but the
 * old task's TSS. From there on it belongs to the new task: it is delivered there, with the new task's registers.
 */
final class TaskSwitch {
    private static final int BUSY = 2;
    private static final int BY_JUMP = 0, BY_CALL = 1, BY_RETURN = 2;
    private static final long DR6_BT = 0x8000;

    /** Offsets of a TSS of 16 or 32 bits: instruction pointer, general registers, segments. */
    private record Layout(int width, int size, int ip, int registers, int segments, int segmentCount) {
        int flags() {
            return ip + width;
        }

        int ldt() {
            return segments + segmentCount * width;
        }
    }

    private static final Layout TSS_16 = new Layout(2, 0x2C, 0x0E, 0x12, 0x22, 4);
    private static final Layout TSS_32 = new Layout(4, 0x68, 0x20, 0x28, 0x48, 6);
    private static final int TSS_32_CR3 = 0x1C, TSS_32_TRAP = 0x64;

    private TaskSwitch() {
    }

    /** JMP or CALL to a TSS or a task gate; {@code next} is the old task's return address. */
    static void byTransfer(Cpu cpu, int selector, boolean call, long next) {
        run(cpu, selector, call ? BY_CALL : BY_JUMP, next, Flags.all(cpu), GuestException.NO_ERROR, true);
    }

    /** IRET with NT set: to the task that the link names. */
    static void byReturn(Cpu cpu, long next) {
        Segment tr = cpu.segments[Segment.TR];
        int selector = (int) cpu.mmu.system.load(tr.base & 0xFFFFFFFFL, 2);
        run(cpu, selector, BY_RETURN, next, Flags.all(cpu) & ~Cpu.NT, GuestException.NO_ERROR, true);
    }

    /** A task gate of the IDT. Faults in the new task are thrown if the event came from outside. */
    static void byInterrupt(Cpu cpu, int selector, int error, long next, int flags) {
        run(cpu, selector, BY_CALL, next, flags, error, cpu.external == 0);
    }

    private static void run(Cpu cpu, int selector, int reason, long next, int flags, int error, boolean contained) {
        SegmentDescriptor d = cpu.target;
        check(cpu, d, selector, reason);
        boolean is32 = (d.type() & 8) != 0;
        Layout layout = is32 ? TSS_32 : TSS_16;
        if (d.limit() < layout.size - 1) {
            throw Segments.fault(cpu, GuestException.TS, selector);
        }
        long tss = d.base();
        Segment tr = cpu.segments[Segment.TR];
        Layout old = (tr.access & 8) != 0 ? TSS_32 : TSS_16;
        cpu.mmu.system.check(tr.base, old.size, true);
        cpu.mmu.system.check(tss, layout.size, false);
        save(cpu, old, tr.base, next, flags);
        if (reason == BY_CALL) {
            cpu.mmu.system.store(tss, 2, tr.selector);
        } else {
            clearBusy(cpu, tr);
        }
        if (reason != BY_RETURN) {
            Segments.setType(cpu, d, BUSY);
        }
        Segments.set(tr, selector, d);
        if (!contained) {
            enter(cpu, layout, tss, reason, error);
            return;
        }
        try {
            enter(cpu, layout, tss, reason, error);
        } catch (GuestException e) {
            deliver(cpu);
        }
    }

    private static void deliver(Cpu cpu) {
        CpuMode.refresh(cpu);
        if (Delivery.exception(cpu) == ExitCause.SHUTDOWN) {
            cpu.exit = ExitCause.SHUTDOWN;
        }
    }

    private static void check(Cpu cpu, SegmentDescriptor d, int selector, int reason) {
        int vector = reason == BY_RETURN ? GuestException.TS : GuestException.GP;
        boolean found = (selector & 4) == 0 && Segments.read(cpu, selector, d) && d.isSystem();
        int type = found ? d.type() & ~8 : 0;
        if (type != (reason == BY_RETURN ? SegmentDescriptor.TSS_16_BUSY : SegmentDescriptor.TSS_16)) {
            throw Segments.fault(cpu, vector, selector);
        }
        if (!d.isPresent()) {
            throw Segments.fault(cpu, GuestException.NP, selector);
        }
    }

    private static void clearBusy(Cpu cpu, Segment tr) {
        SegmentDescriptor d = cpu.descriptor;
        if (Segments.read(cpu, tr.selector & 0xFFF8, d)) {
            cpu.mmu.system.store(d.address + 5, 1, d.low >>> 40 & ~BUSY);
        }
    }

    private static void save(Cpu cpu, Layout layout, long tss, long next, int flags) {
        int w = layout.width;
        cpu.mmu.system.store(tss + layout.ip, w, next);
        cpu.mmu.system.store(tss + layout.flags(), w, flags);
        for (int i = 0; i < 8; i++) {
            cpu.mmu.system.store(tss + layout.registers + (long) w * i, w, cpu.r[i]);
        }
        for (int i = 0; i < layout.segmentCount; i++) {
            cpu.mmu.system.store(tss + layout.segments + (long) w * i, 2, cpu.segments[i].selector);
        }
    }

    /** Takes the new task's state over; from here on the processor runs the new task. */
    private static void enter(Cpu cpu, Layout layout, long tss, int reason, int error) {
        int w = layout.width;
        boolean is32 = w == 4;
        long cr3 = is32 ? cpu.mmu.system.load(tss + TSS_32_CR3, 4) : 0;
        boolean trap = is32 && (cpu.mmu.system.load(tss + TSS_32_TRAP, 1) & 1) != 0;
        cpu.rip = cpu.mmu.system.load(tss + layout.ip, w);
        int flags = (int) cpu.mmu.system.load(tss + layout.flags(), w);
        Flags.setAll(cpu, flags & (is32 ? 0x3F7FD5 : 0x7FD5) | (reason == BY_CALL ? Cpu.NT : 0) | Cpu.RESERVED_1);
        for (int i = 0; i < 8; i++) {
            cpu.r[i] = cpu.mmu.system.load(tss + layout.registers + (long) w * i, w) | (is32 ? 0 : 0xFFFF0000L);
        }
        int[] selectors = cpu.selectors;
        Arrays.fill(selectors, 0);
        for (int i = 0; i < layout.segmentCount; i++) {
            selectors[i] = (int) cpu.mmu.system.load(tss + layout.segments + (long) w * i, 2);
        }
        int ldt = (int) cpu.mmu.system.load(tss + layout.ldt(), 2);
        cpu.cr0 |= Cpu.CR0_TS;
        cpu.dr[7] &= ~0x155L;
        if (is32 && (cpu.cr0 & Cpu.CR0_PG) != 0) {
            if ((cpu.cr4 & Cpu.CR4_PAE) != 0 && !cpu.mmu.loadPdptes(cr3)) {
                throw Segments.fault(cpu, GuestException.TS, cpu.segments[Segment.TR].selector);
            }
            cpu.cr3 = cr3;
            cpu.mmu.changeRoot(cr3);
        }
        loadSegments(cpu, selectors, ldt);
        finish(cpu, is32, error, trap);
    }

    private static void loadSegments(Cpu cpu, int[] selectors, int ldt) {
        boolean vm86 = (cpu.systemFlags & Cpu.VM) != 0;
        for (int i = 0; i < selectors.length; i++) {
            Segments.setNull(cpu.segments[i], selectors[i]);
        }
        int cpl = vm86 ? 3 : selectors[Segment.CS] & 3;
        cpu.cpl = cpl;
        loadLdt(cpu, ldt);
        if (vm86) {
            for (int i = 0; i < selectors.length; i++) {
                Segments.loadReal(cpu, i, selectors[i]);
            }
            return;
        }
        loadCode(cpu, selectors[Segment.CS]);
        Segments.loadStack(cpu, cpu.segments[Segment.SS], selectors[Segment.SS], cpl, GuestException.TS);
        for (int i = 0; i < selectors.length; i++) {
            if (i != Segment.CS && i != Segment.SS) {
                Segments.loadData(cpu, cpu.segments[i], selectors[i], cpl, GuestException.TS);
            }
        }
    }

    private static void loadLdt(Cpu cpu, int selector) {
        Segment s = cpu.segments[Segment.LDTR];
        Segments.setNull(s, selector);
        if (Segments.isNull(selector)) {
            return;
        }
        SegmentDescriptor d = cpu.descriptor;
        if ((selector & 4) != 0 || !Segments.read(cpu, selector, d) || !d.isSystem()
                || d.type() != SegmentDescriptor.LDT || !d.isPresent()) {
            throw Segments.fault(cpu, GuestException.TS, selector);
        }
        Segments.set(s, selector, d);
    }

    private static void loadCode(Cpu cpu, int selector) {
        SegmentDescriptor d = cpu.descriptor;
        if (Segments.isNull(selector)) {
            throw Segments.fault(cpu, GuestException.TS, 0);
        }
        if (!Segments.read(cpu, selector, d) || d.isSystem() || !d.isCode()
                || (d.isConforming() ? d.dpl() > (selector & 3) : d.dpl() != (selector & 3))) {
            throw Segments.fault(cpu, GuestException.TS, selector);
        }
        if (!d.isPresent()) {
            throw Segments.fault(cpu, GuestException.NP, selector);
        }
        Segments.setType(cpu, d, 1);
        Segments.set(cpu.segments[Segment.CS], selector, d);
    }

    /** The error code goes onto the new task's stack; then the first instruction must lie in its code segment. */
    private static void finish(Cpu cpu, boolean is32, int error, boolean trap) {
        CpuMode.refresh(cpu);
        if (error != GuestException.NO_ERROR) {
            StackFrame stack = cpu.frame.implicit();
            stack.push(is32 ? 4 : 2, error);
            stack.commitPointer();
        }
        if (cpu.rip > cpu.segments[Segment.CS].limit) {
            throw Segments.fault(cpu, GuestException.GP, 0);
        }
        if (trap) {
            cpu.fault.of(GuestException.DB, GuestException.NO_ERROR, DR6_BT);
            deliver(cpu);
        }
    }
}

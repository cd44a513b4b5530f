package jkvm.soft.cpu;

import jkvm.soft.mmu.GuestException;
import jkvm.soft.mmu.Mmu;

/**
 * Segmentation (SDM vol. 3, chapters 3 and 5): addresses through segment registers, and loads of segment registers
 * with all their checks.
 *
 * <p>Real mode and virtual-8086 mode use the same hidden parts as protected mode. In real mode a load changes selector
 * and base alone, so that limits set in protected mode stay ("unreal" mode).
 */
public final class Segments {
    private static final int CODE = 8, EXPAND_DOWN = 4, READABLE_OR_WRITABLE = 2, ACCESSED = 1;
    /** Access rights of each segment register in virtual-8086 mode: present, privilege 3, writable data, accessed. */
    static final int VM86_ACCESS = 0xF3;

    private Segments() {
    }

    /** True in protected mode proper: selectors name descriptors. */
    static boolean isProtected(Cpu cpu) {
        return (cpu.cr0 & Cpu.CR0_PE) != 0 && (cpu.systemFlags & Cpu.VM) == 0;
    }

    static boolean isLongMode(Cpu cpu) {
        return (cpu.efer & Cpu.EFER_LMA) != 0;
    }

    /**
     * The linear address of an access of {@code size} bytes.
     *
     * @param segment register number, {@link Segment#ES} to {@link Segment#GS}
     * @param offset  already truncated to the address size
     * @throws GuestException #SS(0) for the stack segment, else #GP(0): limit, type, nothing loaded. A 64-bit address
     *                        that is not canonical is found by the access itself
     */
    public static long linear(Cpu cpu, int segment, long offset, int size, boolean write) {
        Segment s = cpu.segments[segment];
        if ((cpu.mode & CpuMode.CODE_64) != 0) {
            return segment < Segment.FS ? offset : s.base + offset;
        }
        if (!isAccessible(s, offset, size) || !isAllowed(cpu, s, write)) {
            throw cpu.fault.of(segment == Segment.SS ? GuestException.SS : GuestException.GP, 0);
        }
        return s.base + offset & 0xFFFFFFFFL;
    }

    /** True if an access lies inside the segment's limit. */
    static boolean isAccessible(Segment s, long offset, int size) {
        long last = offset + size - 1;
        if ((s.access & (CODE | EXPAND_DOWN)) == EXPAND_DOWN) {
            return offset > s.limit && last <= (s.isBig() ? 0xFFFFFFFFL : 0xFFFF);
        }
        return last <= s.limit || s.limit == 0xFFFFFFFFL;
    }

    /** True if the segment's kind allows an access. */
    static boolean isAllowed(Cpu cpu, Segment s, boolean write) {
        if ((cpu.mode & CpuMode.PROTECTED) == 0) {
            return true;
        }
        if (s.unusable) {
            return false;
        }
        if ((s.access & CODE) != 0) {
            return !write && (s.access & READABLE_OR_WRITABLE) != 0;
        }
        return !write || (s.access & READABLE_OR_WRITABLE) != 0;
    }

    /** A selector as an error code: without its RPL, with EXT while an outside event is delivered. */
    static int errorOf(Cpu cpu, int selector) {
        return selector & 0xFFFC | cpu.external;
    }

    /** The exception of an error code that names a selector; to be thrown by the caller. */
    static GuestException fault(Cpu cpu, int vector, int selector) {
        return cpu.fault.of(vector, errorOf(cpu, selector));
    }

    static boolean isNull(int selector) {
        return (selector & 0xFFFC) == 0;
    }

    /**
     * Reads the descriptor that a selector names.
     *
     * @return false if it lies beyond its table's limit
     */
    static boolean read(Cpu cpu, int selector, SegmentDescriptor d) {
        d.selector = selector;
        d.high = 0;
        long offset = selector & 0xFFF8;
        Segment ldt = cpu.segments[Segment.LDTR];
        boolean local = (selector & 4) != 0;
        if (local ? ldt.unusable || offset + 7 > ldt.limit : offset + 7 > (cpu.gdtLimit & 0xFFFF)) {
            return false;
        }
        d.address = tableAddress(cpu, (local ? ldt.base : cpu.gdtBase) + offset);
        d.low = cpu.mmu.system.load(d.address, 8);
        return true;
    }

    /**
     * Reads the upper half of a long-mode system descriptor.
     *
     * @return false if it is beyond the limit or malformed
     */
    static boolean readUpperHalf(Cpu cpu, SegmentDescriptor d) {
        long offset = d.selector & 0xFFF8;
        long limit = (d.selector & 4) != 0 ? cpu.segments[Segment.LDTR].limit : cpu.gdtLimit & 0xFFFF;
        if (offset + 15 > limit) {
            return false;
        }
        d.high = cpu.mmu.system.load(d.address + 8, 8);
        boolean typed = (d.high >>> 40 & 0x1F) != 0;
        d.high &= 0xFFFFFFFFL;
        return !typed;
    }

    static long tableAddress(Cpu cpu, long address) {
        return isLongMode(cpu) ? address : address & 0xFFFFFFFFL;
    }

    /** Sets bits of a descriptor's type in memory: accessed, or busy of a TSS. */
    static void setType(Cpu cpu, SegmentDescriptor d, int bits) {
        long changed = d.low | (long) bits << 40;
        while (changed != d.low) {
            long found = cpu.mmu.system.compareAndExchange(d.address + 5, 1, d.low >>> 40 & 0xFF,
                    changed >>> 40 & 0xFF);
            if (found == (d.low >>> 40 & 0xFF)) {
                d.low = changed;
                return;
            }
            d.low = d.low & ~(0xFFL << 40) | found << 40;
            changed = d.low | (long) bits << 40;
        }
    }

    /** Puts a descriptor into a segment register. */
    static void set(Segment s, int selector, SegmentDescriptor d) {
        s.set(selector, d.base(), d.limit(), d.access());
    }

    /**
     * Loads ES, SS, DS, FS or GS, as MOV, POP and LDS do.
     *
     * @throws GuestException #GP, #SS or #NP with the selector; nothing has changed then
     */
    static void load(Cpu cpu, int register, int selector) {
        Segment s = cpu.segments[register];
        if (!isProtected(cpu)) {
            loadReal(cpu, register, selector);
        } else if (register == Segment.SS) {
            loadStack(cpu, s, selector, cpu.cpl, GuestException.GP);
        } else {
            loadData(cpu, s, selector, cpu.cpl, GuestException.GP);
        }
    }

    /** Loads a segment register, CS too, in real or virtual-8086 mode. */
    static void loadReal(Cpu cpu, int register, int selector) {
        Segment s = cpu.segments[register];
        selector &= 0xFFFF;
        if ((cpu.systemFlags & Cpu.VM) != 0) {
            s.set(selector, (long) selector << 4, 0xFFFF, VM86_ACCESS);
        } else {
            s.selector = selector;
            s.base = (long) selector << 4;
            s.unusable = false;
        }
    }

    /** @param vector of the exception for an unfit selector: #GP, or #TS in a task switch */
    static void loadData(Cpu cpu, Segment s, int selector, int cpl, int vector) {
        if (isNull(selector)) {
            setNull(s, selector);
            return;
        }
        SegmentDescriptor d = cpu.descriptor;
        if (!read(cpu, selector, d) || d.isSystem() || d.isCode() && !d.isReadableOrWritable()) {
            throw fault(cpu, vector, selector);
        }
        boolean conforming = d.isCode() && d.isConforming();
        if (!conforming && d.dpl() < Math.max(cpl, selector & 3)) {
            throw fault(cpu, vector, selector);
        }
        if (!d.isPresent()) {
            throw fault(cpu, GuestException.NP, selector);
        }
        setType(cpu, d, ACCESSED);
        set(s, selector, d);
    }

    /** Loads SS for code of privilege {@code cpl}. */
    static void loadStack(Cpu cpu, Segment s, int selector, int cpl, int vector) {
        if (isNull(selector)) {
            boolean allowed = vector == GuestException.GP && (cpu.mode & CpuMode.CODE_64) != 0 && cpl != 3
                    && (selector & 3) == cpl;
            if (!allowed) {
                throw fault(cpu, vector, 0);
            }
            setNull(s, selector);
            s.access = cpl << Segment.DPL_SHIFT;
            return;
        }
        SegmentDescriptor d = cpu.descriptor;
        readStack(cpu, d, selector, cpl, vector);
        setType(cpu, d, ACCESSED);
        set(s, selector, d);
    }

    /** Reads and checks the descriptor of a stack segment for code of privilege {@code cpl}; changes nothing. */
    static void readStack(Cpu cpu, SegmentDescriptor d, int selector, int cpl, int vector) {
        if (!read(cpu, selector, d) || (selector & 3) != cpl || d.isSystem() || d.isCode()
                || !d.isReadableOrWritable() || d.dpl() != cpl) {
            throw fault(cpu, vector, selector);
        }
        if (!d.isPresent()) {
            throw fault(cpu, GuestException.SS, selector);
        }
    }

    static void setNull(Segment s, int selector) {
        s.set(selector & 0xFFFF, 0, 0, 0);
        s.unusable = true;
    }

    /** Enters an outer privilege level: data segments that it may not use become null. */
    static void dropInner(Cpu cpu) {
        for (int i = Segment.ES; i <= Segment.GS; i++) {
            Segment s = cpu.segments[i];
            boolean conforming = (s.access & (CODE | EXPAND_DOWN)) == (CODE | EXPAND_DOWN);
            if (i != Segment.CS && i != Segment.SS && !s.unusable && !conforming && s.dpl() < cpu.cpl) {
                setNull(s, 0);
            }
        }
    }

    /** LLDT. */
    static void loadLdt(Cpu cpu, int selector) {
        Segment s = cpu.segments[Segment.LDTR];
        if (isNull(selector)) {
            setNull(s, selector);
            return;
        }
        SegmentDescriptor d = cpu.descriptor;
        if ((selector & 4) != 0 || !read(cpu, selector, d) || !d.isSystem() || d.type() != SegmentDescriptor.LDT) {
            throw fault(cpu, GuestException.GP, selector);
        }
        if (!d.isPresent()) {
            throw fault(cpu, GuestException.NP, selector);
        }
        checkUpperHalf(cpu, d);
        set(s, selector, d);
    }

    /** LTR: loads the task register and marks the TSS busy. */
    static void loadTask(Cpu cpu, int selector) {
        if (isNull(selector)) {
            throw fault(cpu, GuestException.GP, 0);
        }
        SegmentDescriptor d = cpu.descriptor;
        boolean found = (selector & 4) == 0 && read(cpu, selector, d) && d.isSystem();
        if (!found || d.type() != SegmentDescriptor.TSS_32
                && (isLongMode(cpu) || d.type() != SegmentDescriptor.TSS_16)) {
            throw fault(cpu, GuestException.GP, selector);
        }
        if (!d.isPresent()) {
            throw fault(cpu, GuestException.NP, selector);
        }
        checkUpperHalf(cpu, d);
        setType(cpu, d, 2);
        set(cpu.segments[Segment.TR], selector, d);
    }

    private static void checkUpperHalf(Cpu cpu, SegmentDescriptor d) {
        if (isLongMode(cpu) && (!readUpperHalf(cpu, d) || !isCanonical(cpu, d.base()))) {
            throw fault(cpu, GuestException.GP, d.selector);
        }
    }

    /** True for an address that 4- or, if in force, 5-level paging can translate. */
    static boolean isCanonical(Cpu cpu, long address) {
        int unused = (cpu.cr4 & Cpu.CR4_LA57) != 0 ? 7 : 16;
        return address << unused >> unused == address;
    }

    /** The MMU's context of a privilege level, without regard to SMAP's override. */
    static int contextOf(int cpl) {
        return cpl == 3 ? Mmu.USER : Mmu.SUPERVISOR;
    }
}

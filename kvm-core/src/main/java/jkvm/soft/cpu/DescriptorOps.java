package jkvm.soft.cpu;

import static jkvm.soft.mmu.GuestException.GP;

/** Descriptor-table registers, and the instructions that look at descriptors: LAR, LSL, VERR, VERW, ARPL. */
final class DescriptorOps {
    /** System types that LAR and LSL accept, one bit each: outside and in long mode. */
    private static final int LAR_TYPES = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11 | 1 << 12;
    private static final int LAR_LONG_TYPES = 1 << 2 | 1 << 9 | 1 << 11 | 1 << 12;
    private static final int LSL_TYPES = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 11;
    private static final int LSL_LONG_TYPES = 1 << 2 | 1 << 9 | 1 << 11;

    private DescriptorOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.LGDT, Op.LIDT -> loadTable(cpu, in);
            case Op.SGDT -> storeTable(cpu, in, cpu.gdtBase, cpu.gdtLimit);
            case Op.SIDT -> storeTable(cpu, in, cpu.idtBase, cpu.idtLimit);
            case Op.LLDT, Op.LTR -> {
                SystemOps.requireProtected(cpu);
                SystemOps.requirePrivilege(cpu);
                int selector = (int) Operands.source(cpu, in, 2);
                if (in.op == Op.LLDT) {
                    Segments.loadLdt(cpu, selector);
                } else {
                    Segments.loadTask(cpu, selector);
                }
            }
            case Op.SLDT, Op.STR -> {
                SystemOps.requireProtected(cpu);
                SystemOps.requireVisible(cpu);
                store(cpu, in, cpu.segments[in.op == Op.SLDT ? Segment.LDTR : Segment.TR].selector);
            }
            default -> examine(cpu, in);
        }
    }

    private static void loadTable(Cpu cpu, Insn in) {
        SystemOps.requirePrivilege(cpu);
        boolean is64 = (cpu.mode & CpuMode.CODE_64) != 0;
        long address = Operands.address(cpu, in, is64 ? 10 : 6, false);
        int limit = (int) cpu.mmu.load16(address);
        long base = is64 ? cpu.mmu.load64(address + 2) : cpu.mmu.load32(address + 2);
        if (!is64 && in.size == 2) {
            base &= 0xFFFFFF;
        }
        if (is64 && !Segments.isCanonical(cpu, base)) {
            throw cpu.fault.of(GP, 0);
        }
        if (in.op == Op.LGDT) {
            cpu.gdtBase = base;
            cpu.gdtLimit = limit;
        } else {
            cpu.idtBase = base;
            cpu.idtLimit = limit;
        }
    }

    private static void storeTable(Cpu cpu, Insn in, long base, int limit) {
        SystemOps.requireVisible(cpu);
        boolean is64 = (cpu.mode & CpuMode.CODE_64) != 0;
        int size = is64 ? 8 : 4;
        long address = Operands.address(cpu, in, 2 + size, true);
        cpu.mmu.probeWrite(address, 2 + size);
        cpu.mmu.store16(address, limit);
        cpu.mmu.store(address + 2, size, base);
    }

    /** Stores a selector: two bytes to memory, zero-extended to a register. */
    static void store(Cpu cpu, Insn in, int selector) {
        if (in.memory != 0) {
            cpu.mmu.store16(Operands.address(cpu, in, 2, true), selector);
        } else {
            Operands.setRegister(cpu, in.dst >= 0 ? in.dst : in.rm, in.size, selector);
        }
    }

    private static void examine(Cpu cpu, Insn in) {
        SystemOps.requireProtected(cpu);
        if (in.op == Op.ARPL) {
            adjustPrivilege(cpu, in);
            return;
        }
        int selector = (int) Operands.source(cpu, in, 2) & 0xFFFF;
        SegmentDescriptor d = cpu.descriptor;
        boolean found = !Segments.isNull(selector) && Segments.read(cpu, selector, d) && isVisible(cpu, d, selector);
        boolean longMode = Segments.isLongMode(cpu);
        switch (in.op) {
            case Op.LAR -> {
                found = found && (!d.isSystem() || ((longMode ? LAR_LONG_TYPES : LAR_TYPES) >> d.type() & 1) != 0);
                if (found) {
                    Operands.setRegister(cpu, in.dst, in.size, d.low >>> 32 & 0xFFFF00);
                }
            }
            case Op.LSL -> {
                found = found && (!d.isSystem() || ((longMode ? LSL_LONG_TYPES : LSL_TYPES) >> d.type() & 1) != 0);
                if (found) {
                    Operands.setRegister(cpu, in.dst, in.size, d.limit());
                }
            }
            case Op.VERR -> found = found && !d.isSystem() && (!d.isCode() || d.isReadableOrWritable());
            default -> found = found && !d.isSystem() && !d.isCode() && d.isReadableOrWritable();
        }
        Flags.change(cpu, Cpu.ZF, found ? Cpu.ZF : 0);
    }

    private static boolean isVisible(Cpu cpu, SegmentDescriptor d, int selector) {
        boolean conforming = d.isCode() && d.isConforming();
        return conforming || d.dpl() >= Math.max(cpu.cpl, selector & 3);
    }

    private static void adjustPrivilege(Cpu cpu, Insn in) {
        int rpl = (int) cpu.r[in.reg] & 3;
        long address = 0;
        int selector;
        if (in.memory != 0) {
            // A write only if the selector changes: nothing else asks for permission to
            address = Operands.address(cpu, in, 2, false);
            selector = (int) cpu.mmu.load16(address);
        } else {
            selector = (int) cpu.r[in.rm] & 0xFFFF;
        }
        boolean raise = (selector & 3) < rpl;
        if (raise) {
            selector = selector & ~3 | rpl;
            if (in.memory != 0) {
                cpu.mmu.store16(Operands.address(cpu, in, 2, true), selector);
            } else {
                Operands.setRegister(cpu, in.rm, 2, selector);
            }
        }
        Flags.change(cpu, Cpu.ZF, raise ? Cpu.ZF : 0);
    }
}

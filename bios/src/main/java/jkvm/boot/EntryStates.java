package jkvm.boot;

import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;
import jkvm.vm.Vcpu;

/**
 * The modes that a vCPU can start in. Each sets all general, segment and control registers, whatever ran before, with
 * interrupts off; LAPIC, MSRs and FPU stay as they are.
 */
public final class EntryStates {
    private static final long RFLAGS_RESERVED = 2;
    private static final int RESET_CS_SELECTOR = 0xF000;
    private static final long RESET_CS_BASE = 0xFFFF0000L;
    private static final long RESET_IP = 0xFFF0;
    /** Family 6, where a processor leaves its signature. */
    private static final long RESET_RDX = 0x600;

    private static final long CR0_PE = 1;
    private static final long CR0_ET = 1 << 4;
    private static final long CR0_CACHE_OFF = 0x60000000;
    private static final long CR0_PG = 1L << 31;
    private static final long CR4_PAE = 1 << 5;
    private static final long EFER_LME = 1 << 8;
    private static final long EFER_LMA = 1 << 10;

    private static final int TYPE_CODE = 0xB;
    private static final int TYPE_DATA = 0x3;
    private static final int TYPE_LDT = 0x2;
    private static final int TYPE_BUSY_TSS = 0xB;
    private static final int REAL_LIMIT = 0xFFFF;
    private static final int FLAT_LIMIT = -1;
    private static final long INTERRUPT_BITMAP_SIZE = 32;

    private EntryStates() {
    }

    private enum Mode { RESET, REAL, PROTECTED, LONG }

    /** A record, so that equal states are equal and print themselves. */
    private record Start(Mode mode, int cs, long ip, StartRegisters registers) implements EntryState {
        @Override
        public void apply(Vcpu vcpu) {
            KvmSregs sregs = vcpu.sregs();
            resetMode(sregs);
            switch (mode) {
                case RESET -> {
                    sregs.cs().selector(cs);
                    sregs.cs().base(RESET_CS_BASE);
                }
                case REAL -> {
                    sregs.cs().selector(cs);
                    sregs.cs().base((long) cs << 4);
                }
                case PROTECTED -> protectedMode(sregs);
                case LONG -> longMode(sregs);
            }
            vcpu.sregs(sregs);
            vcpu.regs(generalRegisters());
        }

        private KvmRegs generalRegisters() {
            KvmRegs regs = new KvmRegs();
            regs.rax(registers.rax());
            regs.rbx(registers.rbx());
            regs.rdx(registers.rdx());
            regs.rsi(registers.rsi());
            regs.rsp(registers.rsp());
            regs.rip(ip);
            regs.rflags(RFLAGS_RESERVED);
            return regs;
        }
    }

    /** The state after reset (Intel SDM volume 3, 10.1.1): real mode, first instruction at 0xFFFFFFF0. */
    public static EntryState resetVector() {
        return new Start(Mode.RESET, RESET_CS_SELECTOR, RESET_IP, new StartRegisters(0, 0, RESET_RDX, 0, 0));
    }

    /**
     * Real mode, data and stack segments zero.
     *
     * @param cs 16-bit segment
     * @param ip 16-bit offset
     */
    public static EntryState realMode(int cs, int ip, StartRegisters registers) {
        if (cs >>> 16 != 0 || ip >>> 16 != 0) {
            throw new IllegalArgumentException("not a real-mode address: %x:%x".formatted(cs, ip));
        }
        return new Start(Mode.REAL, cs, ip, registers);
    }

    /** As {@link #realMode(int, int, StartRegisters)} with all general registers zero. */
    public static EntryState realMode(int cs, int ip) {
        return realMode(cs, ip, StartRegisters.ZERO);
    }

    /**
     * Protected mode, flat 32-bit segments, paging off. The GDT register points to where
     * {@link BootTables#planProtected} writes; a guest that loads a GDT of its own does not need that.
     *
     * @param entry below 4 GiB
     */
    public static EntryState protected32(long entry, StartRegisters registers) {
        if (entry >>> 32 != 0) {
            throw new IllegalArgumentException("not a 32-bit address: 0x%x".formatted(entry));
        }
        return new Start(Mode.PROTECTED, BootTables.CODE_32_SELECTOR, entry, registers);
    }

    /** As {@link #protected32(long, StartRegisters)} with all general registers zero. */
    public static EntryState protected32(long entry) {
        return protected32(entry, StartRegisters.ZERO);
    }

    /** Long mode over the tables that {@link BootTables#planLong} writes. */
    public static EntryState long64(long entry, StartRegisters registers) {
        return new Start(Mode.LONG, BootTables.CODE_64_SELECTOR, entry, registers);
    }

    private static void protectedMode(KvmSregs sregs) {
        flat(sregs, BootTables.CODE_32_SELECTOR, BootTables.DATA_32_SELECTOR);
        sregs.cs().db(true);
        sregs.gdt().base(BootLayout.GDT);
        sregs.gdt().limit(BootTables.PROTECTED_GDT_SIZE - 1);
        sregs.cr0(CR0_PE | CR0_ET);
    }

    private static void longMode(KvmSregs sregs) {
        flat(sregs, BootTables.CODE_64_SELECTOR, BootTables.DATA_64_SELECTOR);
        sregs.cs().l(true);
        sregs.gdt().base(BootLayout.GDT);
        sregs.gdt().limit(BootTables.LONG_GDT_SIZE - 1);
        sregs.cr0(CR0_PE | CR0_ET | CR0_PG);
        sregs.cr3(BootLayout.PAGE_TABLES);
        sregs.cr4(CR4_PAE);
        sregs.efer(EFER_LME | EFER_LMA);
    }

    private static void resetMode(KvmSregs sregs) {
        segment(sregs.cs(), 0, TYPE_CODE, REAL_LIMIT, true);
        for (KvmSegment data : dataSegments(sregs)) {
            segment(data, 0, TYPE_DATA, REAL_LIMIT, true);
        }
        segment(sregs.tr(), 0, TYPE_BUSY_TSS, REAL_LIMIT, false);
        segment(sregs.ldt(), 0, TYPE_LDT, REAL_LIMIT, false);
        sregs.gdt().base(0);
        sregs.gdt().limit(REAL_LIMIT);
        sregs.idt().base(0);
        sregs.idt().limit(REAL_LIMIT);
        sregs.cr0(CR0_CACHE_OFF | CR0_ET);
        sregs.cr2(0);
        sregs.cr3(0);
        sregs.cr4(0);
        sregs.cr8(0);
        sregs.efer(0);
        sregs.segment().asSlice(KvmSregs.INTERRUPT_BITMAP_OFFSET, INTERRUPT_BITMAP_SIZE).fill((byte) 0);
    }

    private static KvmSegment[] dataSegments(KvmSregs sregs) {
        return new KvmSegment[] {sregs.ds(), sregs.es(), sregs.fs(), sregs.gs(), sregs.ss()};
    }

    private static void flat(KvmSregs sregs, int code, int data) {
        segment(sregs.cs(), code, TYPE_CODE, FLAT_LIMIT, true);
        sregs.cs().g(true);
        for (KvmSegment segment : dataSegments(sregs)) {
            segment(segment, data, TYPE_DATA, FLAT_LIMIT, true);
            segment.g(true);
            segment.db(true);
        }
    }

    private static void segment(KvmSegment segment, int selector, int type, int limit, boolean codeOrData) {
        segment.base(0);
        segment.limit(limit);
        segment.selector(selector);
        segment.type(type);
        segment.present(true);
        segment.dpl(0);
        segment.db(false);
        segment.s(codeOrData);
        segment.l(false);
        segment.g(false);
        segment.avl(false);
        segment.unusable(false);
    }
}

package jkvm.app.harness;

import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;
import jkvm.vm.Vcpu;

/** The two states that a harness guest can start in. Each sets all registers but those that KVM owns (APIC base). */
final class EntryPoint {
    static final long RESET_SEGMENT_BASE = 0xF0000;
    static final int RESET_SELECTOR = 0xF000;
    static final int RESET_IP = 0xFFF0;
    static final long PROTECTED_MODE_IP = 0x100000;
    static final long PROTECTED_MODE_STACK = 0x80000;

    private static final long RFLAGS_ALWAYS_ONE = 2;
    /** After a reset: caches off, extension type set (Intel SDM volume 3, table 10-1). */
    private static final long CR0_RESET = 0x6000_0010L;
    private static final long CR0_PROTECTED = 0x37;
    private static final int ACCESSED_DATA = 3;
    private static final int ACCESSED_CODE = 0xB;
    private static final int BUSY_TSS = 0xB;
    private static final int LDT = 2;
    private static final int CODE_SELECTOR = 8;
    private static final int DATA_SELECTOR = 16;

    private EntryPoint() {
    }

    /** Real mode at physical 0xffff0, which is where the first 16 bytes below 1 MiB stand for those below 4 GiB. */
    static void realMode(Vcpu vcpu) {
        KvmSregs sregs = vcpu.sregs();
        for (KvmSegment segment : segments(sregs)) {
            fill(segment, 0, 0, 0xFFFF, ACCESSED_DATA);
        }
        fill(sregs.cs(), RESET_SELECTOR, RESET_SEGMENT_BASE, 0xFFFF, ACCESSED_CODE);
        systemSegments(sregs, 0xFFFF);
        control(sregs, CR0_RESET);
        sregs.idt().limit(0x3FF);
        enter(vcpu, sregs, RESET_IP, 0);
    }

    /** 32-bit protected mode without paging: flat segments, no tables, interrupts off. */
    static void protectedMode(Vcpu vcpu) {
        KvmSregs sregs = vcpu.sregs();
        for (KvmSegment segment : segments(sregs)) {
            fill(segment, DATA_SELECTOR, 0, 0xFFFF_FFFF, ACCESSED_DATA);
            segment.db(true);
            segment.g(true);
        }
        fill(sregs.cs(), CODE_SELECTOR, 0, 0xFFFF_FFFF, ACCESSED_CODE);
        sregs.cs().db(true);
        sregs.cs().g(true);
        systemSegments(sregs, 0x67);
        control(sregs, CR0_PROTECTED);
        sregs.idt().limit(0);
        enter(vcpu, sregs, PROTECTED_MODE_IP, PROTECTED_MODE_STACK);
    }

    private static KvmSegment[] segments(KvmSregs sregs) {
        return new KvmSegment[] {sregs.ds(), sregs.es(), sregs.fs(), sregs.gs(), sregs.ss()};
    }

    private static void fill(KvmSegment segment, int selector, long base, int limit, int type) {
        segment.selector(selector);
        segment.base(base);
        segment.limit(limit);
        segment.type(type);
        segment.present(true);
        segment.dpl(0);
        segment.s(true);
        segment.db(false);
        segment.l(false);
        segment.g(false);
        segment.avl(false);
        segment.unusable(false);
    }

    private static void systemSegments(KvmSregs sregs, int limit) {
        fill(sregs.tr(), 0, 0, limit, BUSY_TSS);
        sregs.tr().s(false);
        fill(sregs.ldt(), 0, 0, limit, LDT);
        sregs.ldt().s(false);
    }

    private static void control(KvmSregs sregs, long cr0) {
        sregs.cr0(cr0);
        sregs.cr2(0);
        sregs.cr3(0);
        sregs.cr4(0);
        sregs.efer(0);
        sregs.gdt().base(0);
        sregs.gdt().limit(0);
        sregs.idt().base(0);
    }

    private static void enter(Vcpu vcpu, KvmSregs sregs, long ip, long stack) {
        vcpu.sregs(sregs);
        KvmRegs regs = new KvmRegs();
        regs.rip(ip);
        regs.rsp(stack);
        regs.rflags(RFLAGS_ALWAYS_ONE);
        vcpu.regs(regs);
    }
}

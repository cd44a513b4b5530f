package jkvm.app.harness;

import jkvm.abi.KvmSregs;
import jkvm.boot.EntryStates;
import jkvm.boot.StartRegisters;
import jkvm.vm.Vcpu;

/**
 * The two states that a harness guest can start in: those of {@link EntryStates}, but without a GDT. Each
 * sets all registers but those that KVM owns (APIC base).
 */
final class EntryPoint {
    private static final int RESET_SELECTOR = 0xF000;
    private static final int RESET_IP = 0xFFF0;
    private static final int REAL_MODE_VECTORS_LIMIT = 0x3FF;
    private static final long PROTECTED_MODE_IP = 0x100000;
    private static final StartRegisters PROTECTED_MODE_STACK = new StartRegisters(0, 0, 0, 0, 0x80000);
    /** PE, MP, EM, ET and NE: FPU instructions trap. */
    private static final long CR0_PROTECTED = 0x37;
    /** A 32-bit TSS without I/O map. */
    private static final int TSS_LIMIT = 0x67;

    private EntryPoint() {
    }

    /** Real mode at physical 0xffff0, which is where the first 16 bytes below 1 MiB stand for those below 4 GiB. */
    static void realMode(Vcpu vcpu) {
        EntryStates.realMode(RESET_SELECTOR, RESET_IP).apply(vcpu);
        KvmSregs sregs = vcpu.sregs();
        sregs.gdt().limit(0);
        sregs.idt().limit(REAL_MODE_VECTORS_LIMIT);
        vcpu.sregs(sregs);
    }

    /** 32-bit protected mode without paging: flat segments, no tables, interrupts off. */
    static void protectedMode(Vcpu vcpu) {
        EntryStates.protected32(PROTECTED_MODE_IP, PROTECTED_MODE_STACK).apply(vcpu);
        KvmSregs sregs = vcpu.sregs();
        sregs.cr0(CR0_PROTECTED);
        sregs.gdt().base(0);
        sregs.gdt().limit(0);
        sregs.idt().limit(0);
        sregs.tr().limit(TSS_LIMIT);
        sregs.ldt().limit(TSS_LIMIT);
        vcpu.sregs(sregs);
    }
}

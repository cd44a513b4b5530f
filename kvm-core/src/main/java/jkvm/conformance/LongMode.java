package jkvm.conformance;

import java.lang.foreign.ValueLayout;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;

/** Guests in 64-bit mode at CPL 0, with the CPUID that KVM supports and the first GiB mapped to itself. */
final class LongMode {
    /** The level 4 page table; those of level 3 and 2 follow. */
    static final int TABLES = 0x10000;
    private static final int PAGE = 4096, CPUID_ENTRIES = 256;
    private static final long PRESENT = 3, LARGE = 1 << 7, LARGE_PAGE = 1 << 21;
    private static final long CR0 = 0x8000_0011L, CR4_PAE = 1 << 5, CR4_OSFXSR = 1 << 9, EFER = 0x500;

    private LongMode() {
    }

    /** As {@link Subject#guest(String)}. */
    static Subject guest(Subject kvm, String code) {
        kvm.guest(code);
        setCpuid(kvm);
        enter(kvm);
        return kvm;
    }

    /** Gives vCPU 0 all features that KVM supports. */
    static void setCpuid(Subject kvm) {
        KvmCpuid2 cpuid = new KvmCpuid2(CPUID_ENTRIES);
        kvm.system(KvmIoctl.GET_SUPPORTED_CPUID, cpuid.address());
        kvm.vcpu(0, KvmIoctl.SET_CPUID2, cpuid);
    }

    /** Puts vCPU 0 into 64-bit mode; its general registers stay. */
    static void enter(Subject kvm) {
        kvm.memory().set(ValueLayout.JAVA_LONG, TABLES, TABLES + PAGE | PRESENT);
        kvm.memory().set(ValueLayout.JAVA_LONG, TABLES + PAGE, TABLES + 2 * PAGE | PRESENT);
        for (int i = 0; i < PAGE / Long.BYTES; i++) {
            kvm.memory().set(ValueLayout.JAVA_LONG, TABLES + 2 * PAGE + i * 8L, i * LARGE_PAGE | LARGE | PRESENT);
        }
        KvmSregs sregs = new KvmSregs();
        kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
        sregs.cr0(CR0);
        sregs.cr3(TABLES);
        sregs.cr4(CR4_PAE | CR4_OSFXSR);
        sregs.efer(EFER);
        KvmSegment cs = sregs.cs();
        cs.selector(8);
        cs.base(0);
        cs.l(true);
        kvm.vcpu(0, KvmIoctl.SET_SREGS, sregs);
    }
}

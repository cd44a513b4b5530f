package jkvm.conformance;

import static jkvm.conformance.Subject.name;
import static jkvm.conformance.Subject.names;

import java.util.List;
import java.util.function.Consumer;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmClockData;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmDebugRegs;
import jkvm.abi.KvmFpu;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmMsrFilter;
import jkvm.abi.KvmMsrList;
import jkvm.abi.KvmMsrs;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import jkvm.abi.KvmVcpuEvents;
import jkvm.abi.KvmXcrs;
import jkvm.abi.KvmXsave;

/** Registers, MSRs, CPUID, clocks and debugging. */
final class RegisterCases {
    private static final int TSC = 0x10, UNKNOWN_MSR = 0x12345;
    private static final long CR0_NE = 1 << 5;

    private RegisterCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(74, "registers after a reset", RegisterCases::reset),
                new ConformanceCase(75, "KVM_SET_REGS of rflags: 0, all ones", RegisterCases::rflags),
                new ConformanceCase(76, "KVM_SET_SREGS: PG without PE", kvm -> setSregs(kvm, s -> s.cr0(1L << 31))),
                new ConformanceCase(76, "KVM_SET_SREGS: NW without CD", kvm -> setSregs(kvm, s -> s.cr0(1L << 29))),
                new ConformanceCase(76, "KVM_SET_SREGS: high bits of CR0", kvm -> setSregs(kvm, s -> s.cr0(1L << 40))),
                new ConformanceCase(76, "KVM_SET_SREGS: reserved bit of CR4",
                        kvm -> setSregs(kvm, s -> s.cr4(1L << 31))),
                new ConformanceCase(76, "KVM_SET_SREGS: long mode without PAE", kvm -> setSregs(kvm, s -> {
                    s.cr0(0x80000011L);
                    s.efer(0x500);
                })),
                new ConformanceCase(76, "KVM_SET_SREGS: x2APIC without enable",
                        kvm -> setSregs(kvm, s -> s.apicBase(0xFEE00400L))),
                new ConformanceCase(76, "KVM_SET_SREGS: APIC base 0", kvm -> setSregs(kvm, s -> s.apicBase(0))),
                new ConformanceCase(77, "KVM_SET_DEBUGREGS: high bits of dr6, of dr7, flags, zeros read back",
                        RegisterCases::debugRegs),
                new ConformanceCase(78, "mxcsr by KVM_GET_FPU after a reset", kvm -> {
                    kvm.createVcpu(0);
                    KvmFpu fpu = new KvmFpu();
                    return name(kvm.vcpu(0, KvmIoctl.GET_FPU, fpu)) + " fcw %x mxcsr %x".formatted(fpu.fcw(),
                            fpu.mxcsr());
                }),
                new ConformanceCase(78, "a fresh XSTATE_BV", kvm -> {
                    kvm.createVcpu(0);
                    KvmXsave area = new KvmXsave();
                    return name(kvm.vcpu(0, KvmIoctl.GET_XSAVE, area)) + " %x".formatted(area.xstateBv());
                }),
                new ConformanceCase(79, "KVM_SET_XCRS: no x87, AVX without SSE, 17 entries, flags, none, another xcr",
                        RegisterCases::xcrs),
                new ConformanceCase(80, "KVM_SET_VCPU_EVENTS: unknown flags, exception 2, exception 32",
                        RegisterCases::events),
                new ConformanceCase(81, "KVM_GET_MSRS: known then unknown, unknown first, 256 entries",
                        RegisterCases::msrs),
                new ConformanceCase(81, "KVM_GET_MSR_INDEX_LIST with room for none", kvm -> {
                    KvmMsrList list = new KvmMsrList(0);
                    long result = kvm.system(KvmIoctl.GET_MSR_INDEX_LIST, list.address());
                    return name(result) + " needed " + (list.nmsrs() > 0);
                }),
                new ConformanceCase(82, "RDMSR of an unknown register", kvm -> {
                    // #GP has vector 13: out 0x20, al
                    kvm.guest("66 b9 45 23 01 00 0f 32 e6 10");
                    kvm.load(4 * 13, "00 20 00 00");
                    kvm.load(0x2000, "e6 20");
                    return kvm.run() + " port %x".formatted(kvm.page(0).ioPort());
                }),
                new ConformanceCase(82, "RDMSR of an unknown register with exits: reason, index, rip, answered",
                        RegisterCases::msrExit),
                new ConformanceCase(83, "KVM_X86_SET_MSR_FILTER: unknown flags, default deny without ranges",
                        RegisterCases::msrFilter),
                new ConformanceCase(84, "PAT and MSR 4b564d05 after a reset", kvm -> {
                    kvm.createVcpu(0);
                    KvmMsrs msrs = KvmMsrs.of(0x277, 0x4B564D05);
                    return name(kvm.vcpu(0, KvmIoctl.GET_MSRS, msrs)) + " %x %x".formatted(msrs.data(0), msrs.data(1));
                }),
                new ConformanceCase(85, "KVM_GET_SUPPORTED_CPUID with room for one: result, nent kept", kvm -> {
                    KvmCpuid2 cpuid = new KvmCpuid2(1);
                    cpuid.nent(1);
                    return name(kvm.system(KvmIoctl.GET_SUPPORTED_CPUID, cpuid.address())) + " " + cpuid.nent();
                }),
                new ConformanceCase(85, "CPUID without KVM_SET_CPUID2", kvm -> {
                    kvm.guest("66 31 c0 0f a2 f4");
                    return kvm.run() + " %x %x".formatted(kvm.regs().rax(), kvm.regs().rbx());
                }),
                new ConformanceCase(86, "KVM_SET_CPUID2 of 0 and of 257 entries", kvm -> {
                    kvm.createVcpu(0);
                    KvmCpuid2 cpuid = new KvmCpuid2(300);
                    cpuid.nent(0);
                    long none = kvm.vcpu(0, KvmIoctl.SET_CPUID2, cpuid);
                    cpuid.nent(257);
                    return names(none, kvm.vcpu(0, KvmIoctl.SET_CPUID2, cpuid));
                }),
                new ConformanceCase(86, "another CPUID after a run", RegisterCases::cpuidAfterRun),
                new ConformanceCase(87, "an unknown hypercall: rax", kvm -> {
                    kvm.guest("66 b8 88 13 00 00 0f 01 d9 f4");
                    return kvm.run() + " %x".formatted(kvm.regs().rax());
                }),
                new ConformanceCase(88, "KVM_GET_CLOCK flags before a run; KVM_SET_CLOCK with flags 1", kvm -> {
                    KvmClockData clock = new KvmClockData();
                    long get = kvm.vm(KvmIoctl.GET_CLOCK, clock);
                    int flags = clock.flags();
                    clock.flags(1);
                    return names(get, flags, kvm.vm(KvmIoctl.SET_CLOCK, clock));
                }),
                new ConformanceCase(93, "an x87 error with CR0.NE=0, with NE=1", kvm -> {
                    try (Subject native16 = new Subject(kvm.syscalls())) {
                        return x87Error(kvm, 0) + "; " + x87Error(native16, CR0_NE);
                    }
                }));
    }

    private static String reset(Subject kvm) {
        kvm.createVcpu(0);
        KvmRegs regs = new KvmRegs();
        kvm.vcpu(0, KvmIoctl.GET_REGS, regs);
        KvmSregs sregs = new KvmSregs();
        kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
        KvmDebugRegs debug = new KvmDebugRegs();
        kvm.vcpu(0, KvmIoctl.GET_DEBUGREGS, debug);
        return "rip %x rflags %x rdx %x cr0 %x cs %x/%x dr6 %x dr7 %x".formatted(regs.rip(), regs.rflags(), regs.rdx(),
                sregs.cr0(), sregs.cs().selector(), sregs.cs().base(), debug.dr6(), debug.dr7());
    }

    private static String rflags(Subject kvm) {
        kvm.createVcpu(0);
        KvmRegs regs = new KvmRegs();
        regs.rflags(0);
        long zero = kvm.vcpu(0, KvmIoctl.SET_REGS, regs);
        long first = kvm.regs().rflags();
        regs.rflags(-1);
        long ones = kvm.vcpu(0, KvmIoctl.SET_REGS, regs);
        return names(zero, ones) + " %x %x".formatted(first, kvm.regs().rflags());
    }

    private static String setSregs(Subject kvm, Consumer<KvmSregs> change) {
        kvm.createVcpu(0);
        KvmSregs sregs = new KvmSregs();
        kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
        change.accept(sregs);
        return name(kvm.vcpu(0, KvmIoctl.SET_SREGS, sregs));
    }

    private static long setDebugRegs(Subject kvm, long dr6, long dr7, long flags) {
        KvmDebugRegs debug = new KvmDebugRegs();
        debug.dr6(dr6);
        debug.dr7(dr7);
        debug.flags(flags);
        return kvm.vcpu(0, KvmIoctl.SET_DEBUGREGS, debug);
    }

    private static String debugRegs(Subject kvm) {
        kvm.createVcpu(0);
        String results = names(setDebugRegs(kvm, 1L << 32, 0, 0), setDebugRegs(kvm, 0, 1L << 32, 0),
                setDebugRegs(kvm, 0, 0, 1), setDebugRegs(kvm, 0, 0, 0));
        KvmDebugRegs debug = new KvmDebugRegs();
        kvm.vcpu(0, KvmIoctl.GET_DEBUGREGS, debug);
        return results + " %x %x".formatted(debug.dr6(), debug.dr7());
    }

    private static long setXcr(Subject kvm, int count, int flags, int xcr, long value) {
        KvmXcrs xcrs = new KvmXcrs();
        xcrs.set(0, xcr, value);
        xcrs.nrXcrs(count);
        xcrs.flags(flags);
        return kvm.vcpu(0, KvmIoctl.SET_XCRS, xcrs);
    }

    private static String xcrs(Subject kvm) {
        kvm.createVcpu(0);
        return names(setXcr(kvm, 1, 0, 0, 2), setXcr(kvm, 1, 0, 0, 5), setXcr(kvm, 17, 0, 0, 1),
                setXcr(kvm, 1, 1, 0, 1), setXcr(kvm, 0, 0, 0, 1), setXcr(kvm, 1, 0, 3, 1));
    }

    private static String events(Subject kvm) {
        kvm.createVcpu(0);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            KvmVcpuEvents events = new KvmVcpuEvents();
            kvm.vcpu(0, KvmIoctl.GET_VCPU_EVENTS, events);
            if (i == 0) {
                events.flags(1 << 20);
            } else {
                events.exceptionInjected(true);
                events.exceptionNr(i == 1 ? 2 : 32);
            }
            text.append(i == 0 ? "" : " ").append(name(kvm.vcpu(0, KvmIoctl.SET_VCPU_EVENTS, events)));
        }
        return text.toString();
    }

    private static String msrs(Subject kvm) {
        kvm.createVcpu(0);
        KvmMsrs many = new KvmMsrs(256);
        many.nmsrs(256);
        return names(kvm.vcpu(0, KvmIoctl.GET_MSRS, KvmMsrs.of(TSC, UNKNOWN_MSR)),
                kvm.vcpu(0, KvmIoctl.GET_MSRS, KvmMsrs.of(UNKNOWN_MSR, TSC)), kvm.vcpu(0, KvmIoctl.GET_MSRS, many));
    }

    private static String msrExit(Subject kvm) {
        kvm.enable(KvmCap.X86_USER_SPACE_MSR.number(), 0, 2);
        kvm.guest("66 b9 45 23 01 00 0f 32 f4");
        String exit = kvm.run() + " reason %d index %x rip %x".formatted(kvm.page(0).msrReason(),
                kvm.page(0).msrIndex(), kvm.regs().rip());
        kvm.page(0).msrError(false);
        kvm.page(0).msrData(0x1122334455667788L);
        return exit + " " + kvm.run() + " %x %x".formatted(kvm.regs().rax(), kvm.regs().rdx());
    }

    private static String msrFilter(Subject kvm) {
        KvmMsrFilter unknown = new KvmMsrFilter();
        unknown.flags(1 << 8);
        KvmMsrFilter deny = new KvmMsrFilter();
        deny.flags(1);
        return names(kvm.vm(KvmIoctl.X86_SET_MSR_FILTER, unknown), kvm.vm(KvmIoctl.X86_SET_MSR_FILTER, deny));
    }

    private static String cpuidAfterRun(Subject kvm) {
        kvm.guest("f4 f4");
        KvmCpuid2 cpuid = new KvmCpuid2(4);
        cpuid.nent(0);
        cpuid.add(0).eax(1);
        cpuid.add(1).eax(0x600);
        long before = kvm.vcpu(0, KvmIoctl.SET_CPUID2, cpuid);
        kvm.run();
        long same = kvm.vcpu(0, KvmIoctl.SET_CPUID2, cpuid);
        cpuid.entry(1).eax(0x700);
        return names(before, same, kvm.vcpu(0, KvmIoctl.SET_CPUID2, cpuid));
    }

    /** Divides by zero with this exception unmasked, waits for it, then writes to port 0x10; #MF writes to 0x20. */
    private static String x87Error(Subject kvm, long ne) {
        // fninit; fldcw [0x3000]; fld1; fldz; fdivp; fwait; out 0x10, al; hlt
        kvm.guest("db e3 d9 2e 00 30 d9 e8 d9 ee de f9 9b e6 10 f4");
        kvm.load(0x3000, "7b 03");
        kvm.load(4 * 16, "00 20 00 00");
        kvm.load(0x2000, "e6 20 f4");
        KvmSregs sregs = new KvmSregs();
        kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
        sregs.cr0(sregs.cr0() & ~CR0_NE | ne);
        kvm.vcpu(0, KvmIoctl.SET_SREGS, sregs);
        String exit = kvm.run(0, 300);
        return exit.equals("IO") ? "IO %x".formatted(kvm.page(0).ioPort()) : exit;
    }
}

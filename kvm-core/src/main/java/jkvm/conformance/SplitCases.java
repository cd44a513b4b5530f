package jkvm.conformance;

import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmIrqRouting;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmMsi;
import jkvm.abi.KvmSregs;

/** A split irqchip: local APICs in the kernel, PIC and IOAPIC in user space. */
final class SplitCases {
    private static final int APIC = 0xFEE0_0000;
    private static final int VECTOR = 0x40, ASSERTED = 1 << 14, LEVEL = 1 << 15;
    private static final int HANDLER = 0x2000, X2APIC_BASE = 0xFEE0_0D00, PATIENCE_MILLIS = 500;
    /** mov dword [0xfee000b0], 0 with a 32-bit address; out 0x10, al; hlt. */
    private static final String END_THEN_OUT = "67 66 c7 05 b0 00 e0 fe 00 00 00 00 e6 10 f4";
    /** mov ecx, 0x80b; xor eax, eax; xor edx, edx; wrmsr; out 0x10, al; hlt. */
    private static final String X2APIC_END_THEN_OUT = "66 b9 0b 08 00 00 66 31 c0 66 31 d2 0f 30 e6 10 f4";
    private static final String STI_NOP_HLT = "fb 90 f4";

    private SplitCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(92, "end of interrupt, split: of a level-triggered route of a reserved pin",
                        kvm -> endOfInterrupt(kvm, 24, LEVEL | ASSERTED | VECTOR, APIC)),
                new ConformanceCase(92, "end of interrupt, split: of an edge-triggered route",
                        kvm -> endOfInterrupt(kvm, 24, VECTOR, APIC)),
                new ConformanceCase(92, "end of interrupt, split: of a route beyond the reserved pins",
                        kvm -> endOfInterrupt(kvm, 3, LEVEL | ASSERTED | VECTOR, APIC)),
                new ConformanceCase(92, "end of interrupt, split: of a route with another vector",
                        kvm -> endOfInterrupt(kvm, 24, LEVEL | ASSERTED | VECTOR + 1, APIC)),
                new ConformanceCase(92, "end of interrupt, split: of a route to another APIC",
                        kvm -> endOfInterrupt(kvm, 24, LEVEL | ASSERTED | VECTOR, APIC | 5 << 12)),
                new ConformanceCase(92, "end of interrupt, split: by WRMSR in x2APIC mode", kvm -> {
                    prepare(kvm, 24, LEVEL | ASSERTED | VECTOR, APIC);
                    LongMode.setCpuid(kvm);
                    KvmSregs sregs = new KvmSregs();
                    kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
                    sregs.apicBase(Integer.toUnsignedLong(X2APIC_BASE));
                    kvm.vcpu(0, KvmIoctl.SET_SREGS, sregs);
                    kvm.load(HANDLER, X2APIC_END_THEN_OUT);
                    return exit(kvm) + " " + exit(kvm);
                }),
                new ConformanceCase(92, "end of interrupt, split: immediate_exit, then the exit", kvm -> {
                    prepare(kvm, 24, LEVEL | ASSERTED | VECTOR, APIC);
                    String exit = exit(kvm);
                    kvm.page(0).immediateExit(true);
                    exit += " " + exit(kvm);
                    kvm.page(0).immediateExit(false);
                    return exit + " " + exit(kvm);
                }));
    }

    /** Two exits after an interrupt of {@link #VECTOR}, whose handler ends it and then writes to a port. */
    private static String endOfInterrupt(Subject kvm, int pins, int routeData, int routeAddress) {
        prepare(kvm, pins, routeData, routeAddress);
        return exit(kvm) + " " + exit(kvm);
    }

    private static void prepare(Subject kvm, int pins, int routeData, int routeAddress) {
        kvm.enable(KvmCap.SPLIT_IRQCHIP.number(), 0, pins);
        kvm.guest(STI_NOP_HLT);
        kvm.load(4 * VECTOR, "00 20 00 00");
        kvm.load(HANDLER, END_THEN_OUT);
        KvmSregs sregs = new KvmSregs();
        kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
        sregs.ds().limit(-1);
        sregs.ds().g(true);
        kvm.vcpu(0, KvmIoctl.SET_SREGS, sregs);
        KvmLapicState state = new KvmLapicState();
        kvm.vcpu(0, KvmIoctl.GET_LAPIC, state);
        state.register(KvmLapicState.SPURIOUS_REGISTER, 0x1FF);
        kvm.vcpu(0, KvmIoctl.SET_LAPIC, state);
        KvmIrqRouting routing = new KvmIrqRouting(1);
        routing.addMsi(5, Integer.toUnsignedLong(routeAddress), routeData);
        kvm.vm(KvmIoctl.SET_GSI_ROUTING, routing);
        KvmMsi message = new KvmMsi();
        message.addressLo(APIC);
        message.data(LEVEL | ASSERTED | VECTOR);
        kvm.vm(KvmIoctl.SIGNAL_MSI, message);
    }

    private static String exit(Subject kvm) {
        String exit = kvm.run(0, PATIENCE_MILLIS);
        return exit.equals("IOAPIC_EOI") ? "%s %x at %x".formatted(exit, kvm.page(0).eoiVector(), kvm.regs().rip())
                : exit;
    }
}

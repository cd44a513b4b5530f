package jkvm.conformance;

import java.util.List;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmRun;
import jkvm.abi.KvmSregs;
import jkvm.abi.KvmVcpuEvents;

/**
 * Instructions that a KVM executes by its own emulator, which knows fewer than the processor, and guests without code.
 */
final class EmulatorCases {
    /** ModRM, SIB and displacement of an operand at the first address without memory, with 0 in the register field. */
    private static final String BEYOND_MEMORY = " 04 25 00 00 10 00 f4";
    private static final long NOWHERE = 0x1000_0000;

    private EmulatorCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(23, "page tables in no slot", kvm -> {
                    LongMode.guest(kvm, "90 f4");
                    KvmSregs sregs = new KvmSregs();
                    kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
                    sregs.cr3(NOWHERE);
                    kvm.vcpu(0, KvmIoctl.SET_SREGS, sregs);
                    return described(kvm, kvm.run(0, 300));
                }),
                new ConformanceCase(45, "FXSAVE to MMIO in 64-bit mode", kvm -> run(kvm, "0f ae" + BEYOND_MEMORY)),
                new ConformanceCase(45, "FXSAVE to MMIO in real mode, without CPUID", kvm -> {
                    // mov ax, 0xffff; mov ds, ax; fxsave [0x10]; #UD: out 0x10, al
                    AccessCases.withSse(kvm, "b8 ff ff 8e d8 0f ae 06 10 00 f4");
                    kvm.load(4 * 6, "00 20 00 00");
                    kvm.load(0x2000, "e6 10 f4");
                    return kvm.run();
                }),
                new ConformanceCase(45, "POPCNT of MMIO", kvm -> run(kvm, "f3 0f b8" + BEYOND_MEMORY)),
                new ConformanceCase(45, "CMPXCHG16B of MMIO: exits", EmulatorCases::compareWide),
                new ConformanceCase(47, "FXSAVE to MMIO in 64-bit mode: the pending exception", kvm -> {
                    LongMode.guest(kvm, "0f ae" + BEYOND_MEMORY);
                    String exit = kvm.run();
                    KvmVcpuEvents events = new KvmVcpuEvents();
                    kvm.vcpu(0, KvmIoctl.GET_VCPU_EVENTS, events);
                    return exit + " nr " + events.exceptionNr();
                }),
                new ConformanceCase(94, "MONITOR and MWAIT, without CPUID", kvm -> {
                    // xor cx, cx; xor dx, dx; mov ax, 0x2000; monitor; mwait; hlt; #UD: out 0x10, al
                    kvm.guest("31 c9 31 d2 b8 00 20 0f 01 c8 0f 01 c9 f4");
                    kvm.load(4 * 6, "00 20 00 00");
                    kvm.load(0x2000, "e6 10 f4");
                    return kvm.run();
                }));
    }

    private static String run(Subject kvm, String code) {
        LongMode.guest(kvm, code);
        return described(kvm, kvm.run());
    }

    private static String described(Subject kvm, String exit) {
        KvmRun page = kvm.page(0);
        if (!exit.equals("INTERNAL_ERROR")) {
            return exit;
        }
        int ndata = page.internalNdata();
        return exit + " suberror %d ndata %d flags %d".formatted(page.internalSuberror(), ndata, page.emulationFlags())
                + (page.emulationFlags() == 0 ? "" : " size " + page.emulationInsnSize());
    }

    /** Reads and writes up to another exit. It reads zero, as RDX:RAX is, so that the exchange takes place. */
    private static String compareWide(Subject kvm) {
        LongMode.guest(kvm, "48 0f c7 0c 25 00 00 10 00 f4");
        StringBuilder text = new StringBuilder();
        String exit = kvm.run();
        for (int i = 0; i < 6 && exit.equals("MMIO"); i++) {
            KvmRun page = kvm.page(0);
            text.append("%s %x/%d ".formatted(page.isMmioWrite() ? "write" : "read", page.mmioAddress(),
                    page.mmioSize()));
            page.data(KvmRun.MMIO_DATA_OFFSET, 8, 0);
            exit = kvm.run();
        }
        return text + described(kvm, exit);
    }
}

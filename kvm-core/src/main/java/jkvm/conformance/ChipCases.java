package jkvm.conformance;

import static jkvm.conformance.Subject.name;
import static jkvm.conformance.Subject.names;

import java.lang.foreign.ValueLayout;
import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmPitConfig;
import jkvm.abi.KvmPitState2;
import jkvm.abi.KvmSregs;

/** The interrupt controllers and the timer, as user space and the guest see them. */
final class ChipCases {
    private ChipCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(67, "a local APIC's registers after a reset", ChipCases::lapicReset),
                new ConformanceCase(67, "KVM_GET_LAPIC without chips", kvm -> {
                    kvm.createVcpu(0);
                    return name(kvm.vcpu(0, KvmIoctl.GET_LAPIC, new KvmLapicState()));
                }),
                new ConformanceCase(67, "KVM_SET_LAPIC: another id, version, task and processor priority",
                        ChipCases::setLapic),
                new ConformanceCase(68, "reads of the APIC's page: beyond its registers, word of 4, byte",
                        ChipCases::lapicReads),
                new ConformanceCase(68, "a read beyond the APIC's registers after others", kvm -> {
                    InterruptCases.withChips(kvm);
                    return loads(kvm, "", "a1 30 00 e0 fe", "a0 32 00 e0 fe", "a1 00 08 e0 fe");
                }),
                new ConformanceCase(68, "writes to the APIC's page: a byte to TPR, all ones to SVR, DFR, LDR, TPR",
                        ChipCases::lapicWrites),
                new ConformanceCase(69, "the APIC's page while it is switched off, and moved",
                        ChipCases::lapicElsewhere),
                new ConformanceCase(70, "IOAPIC: version, unknown register, entry of all ones, id",
                        ChipCases::ioapicRegisters),
                new ConformanceCase(70, "a read beyond the IOAPIC's registers", kvm -> {
                    InterruptCases.withChips(kvm);
                    return flat(kvm, "a1 00 01 c0 fe f4");
                }),
                new ConformanceCase(71, "IOAPIC and PICs after a reset", ChipCases::chipsReset),
                new ConformanceCase(71, "PIC ports: byte, word, dword", ChipCases::picPorts),
                new ConformanceCase(71, "ports 22, 61, 80 with chips", ChipCases::otherPorts),
                new ConformanceCase(72, "the timer after a reset", ChipCases::pitReset),
                new ConformanceCase(72, "a read of port 43 keeps AL", kvm -> {
                    withPit(kvm, 0).guest("b0 77 e4 43 e6 10");
                    return kvm.run() + " port %x al %x".formatted(kvm.page(0).ioPort(), kvm.regs().rax());
                }),
                new ConformanceCase(72, "port 40 without a timer", kvm -> {
                    InterruptCases.withChips(kvm).guest("e4 40 f4");
                    return kvm.run() + " port %x".formatted(kvm.page(0).ioPort());
                }),
                new ConformanceCase(72, "port 61 with and without the speaker flag", ChipCases::speaker),
                new ConformanceCase(73, "KVM_GET_IRQCHIP: chip 3, none, split", ChipCases::getIrqchip));
    }

    private static Subject withPit(Subject kvm, int flags) {
        InterruptCases.withChips(kvm);
        KvmPitConfig config = new KvmPitConfig();
        config.flags(flags);
        kvm.vm(KvmIoctl.CREATE_PIT2, config);
        return kvm;
    }

    private static KvmLapicState lapic(Subject kvm, int vcpu) {
        KvmLapicState state = new KvmLapicState();
        kvm.vcpu(vcpu, KvmIoctl.GET_LAPIC, state);
        return state;
    }

    private static String lapicReset(Subject kvm) {
        InterruptCases.withChips(kvm).createVcpu(0);
        kvm.createVcpu(1);
        KvmLapicState first = lapic(kvm, 0);
        KvmLapicState second = lapic(kvm, 1);
        return "id %x version %x dfr %x svr %x timer %x lint0 %x %x".formatted(second.register(0x20),
                second.register(0x30), second.register(0xE0), second.register(0xF0), second.register(0x320),
                first.register(0x350), second.register(0x350));
    }

    private static String setLapic(Subject kvm) {
        InterruptCases.withChips(kvm).createVcpu(0);
        KvmLapicState state = lapic(kvm, 0);
        state.register(0x20, 7 << 24);
        state.register(0x30, 0x99);
        state.register(0x80, 0x35);
        state.register(0xA0, 0x90);
        long result = kvm.vcpu(0, KvmIoctl.SET_LAPIC, state);
        KvmLapicState after = lapic(kvm, 0);
        return name(result) + " %x %x %x %x".formatted(after.register(0x20), after.register(0x30), after.register(0x80),
                after.register(0xA0));
    }

    /** Runs code in flat 32-bit mode to its first exit. */
    private static String flat(Subject kvm, String code) {
        kvm.guest(code);
        return runFlat(kvm);
    }

    private static String runFlat(Subject kvm) {
        KvmSregs sregs = new KvmSregs();
        kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
        sregs.cs().limit(-1);
        sregs.cs().g(true);
        sregs.cs().db(true);
        sregs.cs().selector(8);
        sregs.ds().limit(-1);
        sregs.ds().g(true);
        sregs.ds().db(true);
        sregs.ds().base(0);
        sregs.cr0(sregs.cr0() | 1);
        kvm.vcpu(0, KvmIoctl.SET_SREGS, sregs);
        String exit = kvm.run();
        return exit.equals("MMIO") ? "MMIO %x".formatted(kvm.page(0).mmioAddress()) : exit;
    }

    /** Loads of EAX from addresses, each stored at 0x2000 and on; ends with an OUT. */
    static String loads(Subject kvm, String prologue, String... loads) {
        StringBuilder code = new StringBuilder(prologue);
        for (int i = 0; i < loads.length; i++) {
            code.append(" 31 c0 ").append(loads[i]).append(" a3 %02x 20 00 00 ".formatted(4 * i));
        }
        String exit = flat(kvm, code.append(" e6 10").toString());
        StringBuilder text = new StringBuilder(exit);
        for (int i = 0; i < loads.length; i++) {
            text.append(" %x".formatted(kvm.memory().get(ValueLayout.JAVA_INT, 0x2000 + 4L * i)));
        }
        return text.toString();
    }

    private static String lapicReads(Subject kvm) {
        InterruptCases.withChips(kvm);
        return loads(kvm, "", "a1 00 08 e0 fe", "a1 30 00 e0 fe", "a0 32 00 e0 fe");
    }

    private static String lapicWrites(Subject kvm) {
        InterruptCases.withChips(kvm);
        String ones = "b8 ff ff ff ff a2 80 00 e0 fe 8b 1d 80 00 e0 fe 89 1d 20 20 00 00 "
                + "a3 f0 00 e0 fe a3 e0 00 e0 fe a3 d0 00 e0 fe a3 80 00 e0 fe";
        String read = loads(kvm, ones, "a1 f0 00 e0 fe", "a1 e0 00 e0 fe", "a1 d0 00 e0 fe", "a1 80 00 e0 fe");
        return read + " byte %x".formatted(kvm.memory().get(ValueLayout.JAVA_INT, 0x2020));
    }

    private static String lapicElsewhere(Subject kvm) {
        InterruptCases.withChips(kvm).guest("a1 30 00 e0 fe a3 00 20 00 00 a1 30 00 e0 fe f4");
        KvmSregs sregs = new KvmSregs();
        kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
        sregs.apicBase(0xFEE00100L);
        long off = kvm.vcpu(0, KvmIoctl.SET_SREGS, sregs);
        kvm.load(Subject.CODE, "a1 30 00 e0 fe a3 00 20 00 00 e6 10 a1 30 00 e0 fe f4");
        String first = runFlat(kvm);
        int read = kvm.memory().get(ValueLayout.JAVA_INT, 0x2000);
        kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
        sregs.apicBase(0xFEF00900L);
        long moved = kvm.vcpu(0, KvmIoctl.SET_SREGS, sregs);
        return names(off, moved) + " " + first + " %x ".formatted(read) + runFlat(kvm);
    }

    private static String ioapicRegisters(Subject kvm) {
        InterruptCases.withChips(kvm);
        String select = "c7 05 00 00 c0 fe %02x 00 00 00 ";
        String store = "c7 05 10 00 c0 fe ff ff ff ff ";
        String read = "a1 10 00 c0 fe";
        return loads(kvm, "", select.formatted(1) + read, select.formatted(0x40) + read,
                select.formatted(0x10) + store + read, select.formatted(0) + store + read);
    }

    private static String chipsReset(Subject kvm) {
        InterruptCases.withChips(kvm);
        KvmIrqchip ioapic = new KvmIrqchip(KvmIrqchip.IOAPIC);
        KvmIrqchip master = new KvmIrqchip(KvmIrqchip.PIC_MASTER);
        KvmIrqchip slave = new KvmIrqchip(KvmIrqchip.PIC_SLAVE);
        String results = names(kvm.vm(KvmIoctl.GET_IRQCHIP, ioapic), kvm.vm(KvmIoctl.GET_IRQCHIP, master),
                kvm.vm(KvmIoctl.GET_IRQCHIP, slave));
        return results + " %x %x imr %x masks %x %x".formatted(ioapic.ioapic().redirtbl(0),
                ioapic.ioapic().redirtbl(23), master.pic().imr(), master.pic().elcrMask(), slave.pic().elcrMask());
    }

    private static String picPorts(Subject kvm) {
        InterruptCases.withChips(kvm).guest("b8 34 12 e4 21 66 89 c3 e5 20 66 89 c1 66 e5 20 f4");
        String exit = kvm.run();
        return exit + " size %d byte %x word %x".formatted(kvm.page(0).ioSize(), kvm.regs().rbx() & 0xFFFF,
                kvm.regs().rcx() & 0xFFFF);
    }

    private static String otherPorts(Subject kvm) {
        InterruptCases.withChips(kvm).guest("e4 22 e4 61 e4 80 f4");
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            text.append(kvm.run()).append(" %x ".formatted(kvm.page(0).ioPort()));
        }
        return text.toString().strip();
    }

    private static String pitReset(Subject kvm) {
        withPit(kvm, 0);
        KvmPitState2 state = new KvmPitState2();
        String result = name(kvm.vm(KvmIoctl.GET_PIT2, state));
        return result + " count %x mode %x gates %d %d %d".formatted(state.channel(0).count(), state.channel(0).mode(),
                state.channel(0).gate(), state.channel(1).gate(), state.channel(2).gate());
    }

    private static String speaker(Subject kvm) {
        // Without bits 4 and 5, which follow a clock: the refresh signal and channel 2.
        withPit(kvm, KvmPitConfig.SPEAKER_DUMMY).guest("e4 61 24 cf e6 10");
        String with = kvm.run() + " port %x al %x".formatted(kvm.page(0).ioPort(), kvm.regs().rax() & 0xFF);
        try (Subject other = new Subject(kvm.syscalls())) {
            withPit(other, 0).guest("e4 61 f4");
            return with + "; " + other.run() + " port %x".formatted(other.page(0).ioPort());
        }
    }

    private static String getIrqchip(Subject kvm) {
        long none = kvm.vm(KvmIoctl.GET_IRQCHIP, new KvmIrqchip(0));
        InterruptCases.withChips(kvm);
        long third = kvm.vm(KvmIoctl.GET_IRQCHIP, new KvmIrqchip(3));
        try (Subject split = new Subject(kvm.syscalls())) {
            split.enable(KvmCap.SPLIT_IRQCHIP.number(), 0, 24);
            return names(third, none, split.vm(KvmIoctl.GET_IRQCHIP, new KvmIrqchip(0)));
        }
    }
}

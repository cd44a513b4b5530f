package jkvm.conformance;

import static jkvm.conformance.Subject.name;
import static jkvm.conformance.Subject.names;

import java.lang.foreign.ValueLayout;
import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmInterrupt;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmIrqLevel;
import jkvm.abi.KvmIrqRouting;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmMpState;
import jkvm.abi.KvmMsi;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import jkvm.abi.KvmVcpuEvents;

/** Lines, messages and routes that interrupt; what wakes and starts vCPUs. */
final class InterruptCases {
    private static final int APIC = 0xFEE00000;
    private static final String OUT_THEN_HLT = "e6 10 f4";

    private InterruptCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(55, "a line without chips", kvm -> name(line(kvm, KvmIoctl.IRQ_LINE, 3, 1)[0])),
                new ConformanceCase(55, "status of a line: raised, lowered, not routed", InterruptCases::lineStatus),
                new ConformanceCase(55, "a line far beyond the table",
                        kvm -> name(line(withChips(kvm), KvmIoctl.IRQ_LINE, 100_000, 1)[0])),
                new ConformanceCase(56, "IRQ 3 and IRQ 10 after a reset come as vectors", InterruptCases::resetVectors),
                new ConformanceCase(57, "a route table without chips", kvm -> name(route(kvm, new KvmIrqRouting(0)))),
                new ConformanceCase(57, "an empty route table",
                        kvm -> name(route(withChips(kvm), new KvmIrqRouting(0)))),
                new ConformanceCase(57, "route table with flags in its header", InterruptCases::routeHeaderFlags),
                new ConformanceCase(57, "routes with flags: to a pin, a message", InterruptCases::routeFlags),
                new ConformanceCase(57, "routes out of range: GSI, type, chip, pin of the IOAPIC, of the PIC",
                        InterruptCases::routeRanges),
                new ConformanceCase(57, "one GSI: to PIC and IOAPIC, to one chip twice, to a chip and a message",
                        InterruptCases::routeSharing),
                new ConformanceCase(58, "a message without chips, without a vCPU", InterruptCases::messageNowhere),
                new ConformanceCase(58, "a message with flags 1, 2", InterruptCases::messageFlags),
                new ConformanceCase(58, "messages: fixed, again, low vector, NMI, mode 3, ExtINT, SIPI",
                        InterruptCases::messages),
                new ConformanceCase(58, "a message to an APIC disabled by software, to nobody",
                        InterruptCases::messageRefused),
                new ConformanceCase(59, "an NMI to a new vCPU, after another APIC was rewritten",
                        InterruptCases::newVcpu),
                new ConformanceCase(60, "MP state of a new vCPU, after INIT, after SIPI", InterruptCases::startup),
                new ConformanceCase(61, "MP states without chips: runnable, uninitialized, halted",
                        kvm -> setMpStates(kvm, 0, 1, 3)),
                new ConformanceCase(61, "MP states with chips: 0 to 4, 5, 9",
                        kvm -> setMpStates(withChips(kvm), 0, 1, 2, 3, 4, 5, 9)),
                new ConformanceCase(62, "KVM_INTERRUPT with chips in the kernel", kvm -> {
                    withChips(kvm).createVcpu(0);
                    return name(interrupt(kvm, 0x40));
                }),
                new ConformanceCase(62, "KVM_INTERRUPT: 256, one, another", InterruptCases::userInterrupts),
                new ConformanceCase(62, "KVM_INTERRUPT twice on a split irqchip", InterruptCases::splitInterrupts),
                new ConformanceCase(62, "an injected interrupt is delivered with interrupts off",
                        InterruptCases::injectedWithInterruptsOff),
                new ConformanceCase(63, "three NMIs: results, pending", InterruptCases::nmis));
    }

    static Subject withChips(Subject kvm) {
        kvm.vm(KvmIoctl.CREATE_IRQCHIP, 0);
        return kvm;
    }

    /** @return the result and the status */
    private static long[] line(Subject kvm, KvmIoctl request, int gsi, int level) {
        KvmIrqLevel line = new KvmIrqLevel();
        line.irq(gsi);
        line.level(level);
        long result = kvm.vm(request, line);
        return new long[] {result, line.status()};
    }

    static long status(Subject kvm, int gsi, int level) {
        return line(kvm, KvmIoctl.IRQ_LINE_STATUS, gsi, level)[1];
    }

    private static String lineStatus(Subject kvm) {
        withChips(kvm).createVcpu(0);
        return "%d %d %d".formatted(status(kvm, 3, 1), status(kvm, 3, 0), status(kvm, 1000, 1));
    }

    private static String resetVectors(Subject kvm) {
        try (Subject other = new Subject(kvm.syscalls())) {
            return vectorOf(kvm, 3) + " " + vectorOf(other, 10);
        }
    }

    /** The handler of each of the first vectors writes to a port of its own. */
    private static String vectorOf(Subject kvm, int gsi) {
        withChips(kvm).guest("fb eb fe");
        for (int vector = 0; vector < 16; vector++) {
            kvm.load(4 * vector, "%02x 30 00 00".formatted(4 * vector));
            kvm.load(0x3000 + 4 * vector, "e6 %02x f4 90".formatted(0x80 + vector));
        }
        line(kvm, KvmIoctl.IRQ_LINE, gsi, 1);
        String exit = kvm.run();
        return exit.equals("IO") ? Integer.toString(kvm.page(0).ioPort() - 0x80) : exit;
    }

    // Routes.

    private static long route(Subject kvm, KvmIrqRouting routing) {
        return kvm.vm(KvmIoctl.SET_GSI_ROUTING, routing);
    }

    private static String routeHeaderFlags(Subject kvm) {
        KvmIrqRouting routing = new KvmIrqRouting(1);
        routing.flags(1);
        return name(route(withChips(kvm), routing));
    }

    private static KvmIrqRouting entry(int gsi, int type, int flags, int a, int b) {
        KvmIrqRouting routing = new KvmIrqRouting(1);
        routing.addIrqchip(gsi, a, b);
        long entry = KvmIrqRouting.ENTRIES_OFFSET;
        routing.segment().set(ValueLayout.JAVA_INT, entry + KvmIrqRouting.ENTRY_TYPE_OFFSET, type);
        routing.segment().set(ValueLayout.JAVA_INT, entry + KvmIrqRouting.ENTRY_FLAGS_OFFSET, flags);
        return routing;
    }

    private static String routeFlags(Subject kvm) {
        withChips(kvm);
        return names(route(kvm, entry(1, KvmIrqRouting.TYPE_IRQCHIP, 1, 2, 1)),
                route(kvm, entry(1, KvmIrqRouting.TYPE_MSI, 1, APIC, 0)));
    }

    private static String routeRanges(Subject kvm) {
        withChips(kvm);
        int pin = KvmIrqRouting.TYPE_IRQCHIP;
        return names(route(kvm, entry(4096, pin, 0, 2, 1)), route(kvm, entry(1, 77, 0, 2, 1)),
                route(kvm, entry(1, pin, 0, 3, 1)), route(kvm, entry(1, pin, 0, 2, 24)),
                route(kvm, entry(1, pin, 0, 0, 8)));
    }

    private static String routeSharing(Subject kvm) {
        withChips(kvm);
        KvmIrqRouting both = new KvmIrqRouting(2);
        both.addIrqchip(1, 0, 1);
        both.addIrqchip(1, 2, 1);
        KvmIrqRouting twice = new KvmIrqRouting(2);
        twice.addIrqchip(1, 2, 1);
        twice.addIrqchip(1, 2, 2);
        KvmIrqRouting mixed = new KvmIrqRouting(2);
        mixed.addIrqchip(1, 2, 1);
        mixed.addMsi(1, Integer.toUnsignedLong(APIC), 0x40);
        return names(route(kvm, both), route(kvm, twice), route(kvm, mixed));
    }

    // Messages.

    private static long message(Subject kvm, int destination, int data, int flags) {
        KvmMsi msi = new KvmMsi();
        msi.addressLo(APIC | destination << 12);
        msi.data(data);
        msi.flags(flags);
        return kvm.vm(KvmIoctl.SIGNAL_MSI, msi);
    }

    private static String messageNowhere(Subject kvm) {
        long without = message(kvm, 0, 0x40, 0);
        return names(without, message(withChips(kvm), 0, 0x40, 0));
    }

    /** Two vCPUs, so that the first one's APIC is known to the others. */
    private static Subject withTwoApics(Subject kvm) {
        withChips(kvm).createVcpu(0);
        kvm.createVcpu(1);
        KvmLapicState state = new KvmLapicState();
        kvm.vcpu(0, KvmIoctl.GET_LAPIC, state);
        state.register(KvmLapicState.SPURIOUS_REGISTER, 0x1FF);
        kvm.vcpu(0, KvmIoctl.SET_LAPIC, state);
        return kvm;
    }

    private static String messageFlags(Subject kvm) {
        withTwoApics(kvm);
        return names(message(kvm, 0, 0x40, 1), message(kvm, 0, 0x40, 2));
    }

    private static String messages(Subject kvm) {
        withTwoApics(kvm);
        return names(message(kvm, 0, 0x40, 0), message(kvm, 0, 0x40, 0), message(kvm, 0, 0x0A, 0),
                message(kvm, 0, 0x440, 0), message(kvm, 0, 0x340, 0), message(kvm, 0, 0x740, 0),
                message(kvm, 0, 0x640, 0));
    }

    private static String messageRefused(Subject kvm) {
        withTwoApics(kvm);
        return names(message(kvm, 1, 0x40, 0), message(kvm, 9, 0x40, 0));
    }

    private static String newVcpu(Subject kvm) {
        withChips(kvm).createVcpu(0);
        kvm.createVcpu(1);
        long before = message(kvm, 1, 0x400, 0);
        KvmLapicState state = new KvmLapicState();
        kvm.vcpu(0, KvmIoctl.GET_LAPIC, state);
        kvm.vcpu(0, KvmIoctl.SET_LAPIC, state);
        return names(before, message(kvm, 1, 0x400, 0));
    }

    // Starting and halting.

    private static int mpState(Subject kvm, int vcpu) {
        KvmMpState state = new KvmMpState();
        kvm.vcpu(vcpu, KvmIoctl.GET_MP_STATE, state);
        return state.mpState();
    }

    private static String startup(Subject kvm) {
        withTwoApics(kvm);
        int fresh = mpState(kvm, 1);
        message(kvm, 1, 0x4500, 0);
        int afterInit = mpState(kvm, 1);
        message(kvm, 1, 0x4609, 0);
        int afterSipi = mpState(kvm, 1);
        KvmSregs sregs = new KvmSregs();
        kvm.vcpu(1, KvmIoctl.GET_SREGS, sregs);
        KvmRegs regs = new KvmRegs();
        kvm.vcpu(1, KvmIoctl.GET_REGS, regs);
        return "%d %d %d cs %x rip %x".formatted(fresh, afterInit, afterSipi, sregs.cs().selector(), regs.rip());
    }

    /** INIT comes from another thread while the AP's KVM_RUN waits for it. */
    static String initEndsWait(Subject kvm) throws InterruptedException {
        withTwoApics(kvm).slot(0, 0, 0, 4096, kvm.allocate(4096).address());
        Thread sender = Thread.ofPlatform().daemon().start(() -> {
            AccessCases.sleep(50);
            message(kvm, 1, 0x4500, 0);
        });
        String waiting = kvm.run(1);
        sender.join();
        return waiting + " %d ".formatted(mpState(kvm, 1)) + kvm.run(1, 50);
    }

    private static String setMpStates(Subject kvm, int... states) {
        kvm.createVcpu(0);
        StringBuilder text = new StringBuilder();
        for (int value : states) {
            KvmMpState state = new KvmMpState();
            state.mpState(value);
            long result = kvm.vcpu(0, KvmIoctl.SET_MP_STATE, state);
            text.append(text.isEmpty() ? "" : " ").append(name(result)).append('/').append(mpState(kvm, 0));
        }
        return text.toString();
    }

    private static long interrupt(Subject kvm, int vector) {
        KvmInterrupt interrupt = new KvmInterrupt();
        interrupt.irq(vector);
        return kvm.vcpu(0, KvmIoctl.INTERRUPT, interrupt);
    }

    private static String userInterrupts(Subject kvm) {
        kvm.guest("f4");
        long tooHigh = interrupt(kvm, 256);
        long one = interrupt(kvm, 0x50);
        long another = interrupt(kvm, 0x51);
        KvmSregs sregs = new KvmSregs();
        kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
        return names(tooHigh, one, another) + " bitmap %x".formatted(sregs.segment().get(
                ValueLayout.JAVA_LONG, KvmSregs.INTERRUPT_BITMAP_OFFSET + 8));
    }

    private static String splitInterrupts(Subject kvm) {
        kvm.enable(KvmCap.SPLIT_IRQCHIP.number(), 0, 24);
        kvm.guest("f4");
        return names(interrupt(kvm, 0x50), interrupt(kvm, 0x51));
    }

    private static String injectedWithInterruptsOff(Subject kvm) {
        kvm.guest("f4");
        kvm.load(4 * 0x50, "00 20 00 00");
        kvm.load(0x2000, OUT_THEN_HLT);
        interrupt(kvm, 0x50);
        return kvm.run();
    }

    private static String nmis(Subject kvm) {
        kvm.guest("f4");
        String results = names(kvm.vcpu(0, KvmIoctl.NMI, 0), kvm.vcpu(0, KvmIoctl.NMI, 0),
                kvm.vcpu(0, KvmIoctl.NMI, 0));
        KvmVcpuEvents events = new KvmVcpuEvents();
        kvm.vcpu(0, KvmIoctl.GET_VCPU_EVENTS, events);
        return results + " pending " + events.nmiPending();
    }
}

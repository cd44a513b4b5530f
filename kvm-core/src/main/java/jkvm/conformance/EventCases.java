package jkvm.conformance;

import static jkvm.conformance.Subject.names;

import java.util.List;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmIoeventfd;
import jkvm.abi.KvmIrqfd;

/** Event descriptors that interrupt, and those that a guest's writes signal. */
final class EventCases {
    private static final int MATCH = 1, PIO = 2, DEASSIGN = 4;

    private EventCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(64, "irqfd without chips, of no eventfd, of a bad descriptor, with unknown flags",
                        EventCases::badIrqfds),
                new ConformanceCase(64, "irqfd: assigned, again, another on the GSI, GSI 100000, unknown deassigned",
                        EventCases::irqfds),
                new ConformanceCase(64, "a signalled irqfd: line status of its pin, count left",
                        EventCases::signalledIrqfd),
                new ConformanceCase(65, "ioeventfd lengths 0, 1, 3, 8; 0 with a match; flags 8, 32; ports past 64K",
                        EventCases::ioeventfdArguments),
                new ConformanceCase(65, "ioeventfds at one port: same, other match, wildcard, length 0, memory",
                        EventCases::ioeventfdCollisions),
                new ConformanceCase(65, "ioeventfd deassigned: other length, as assigned, again",
                        EventCases::ioeventfdDeassign),
                new ConformanceCase(66, "ioeventfd of one byte: byte written, word written, byte read",
                        EventCases::ioeventfdFires),
                new ConformanceCase(66, "REP OUTSB of 5 to an ioeventfd: exit, count",
                        EventCases::ioeventfdString));
    }

    private static long irqfd(Subject kvm, int fd, int gsi, int flags) {
        KvmIrqfd irqfd = new KvmIrqfd();
        irqfd.fd(fd);
        irqfd.gsi(gsi);
        irqfd.flags(flags);
        return kvm.vm(KvmIoctl.IRQFD, irqfd);
    }

    private static String badIrqfds(Subject kvm) {
        int event = kvm.eventFd();
        long without = irqfd(kvm, event, 3, 0);
        InterruptCases.withChips(kvm);
        return names(without, irqfd(kvm, kvm.systemFd(), 3, 0), irqfd(kvm, 9999, 3, 0), irqfd(kvm, event, 3, 4));
    }

    private static String irqfds(Subject kvm) {
        InterruptCases.withChips(kvm);
        int event = kvm.eventFd();
        return names(irqfd(kvm, event, 3, 0), irqfd(kvm, event, 4, 0), irqfd(kvm, kvm.eventFd(), 3, 0),
                irqfd(kvm, kvm.eventFd(), 100_000, 0), irqfd(kvm, kvm.eventFd(), 3, KvmIrqfd.DEASSIGN));
    }

    private static String signalledIrqfd(Subject kvm) throws InterruptedException {
        InterruptCases.withChips(kvm).createVcpu(0);
        int event = kvm.eventFd();
        irqfd(kvm, event, 3, 0);
        kvm.signal(event);
        long again = 1;
        for (int i = 0; i < 200 && again != 0; i++) {
            Thread.sleep(1);
            again = InterruptCases.status(kvm, 3, 1);
            InterruptCases.status(kvm, 3, 0);
        }
        return "waits %b, count %d".formatted(again == 0, kvm.drain(event));
    }

    private static long ioeventfd(Subject kvm, int fd, long address, int length, int flags, long match) {
        KvmIoeventfd ioeventfd = new KvmIoeventfd();
        ioeventfd.fd(fd);
        ioeventfd.addr(address);
        ioeventfd.len(length);
        ioeventfd.flags(flags);
        ioeventfd.datamatch(match);
        return kvm.vm(KvmIoctl.IOEVENTFD, ioeventfd);
    }

    private static String ioeventfdArguments(Subject kvm) {
        int event = kvm.eventFd();
        return names(ioeventfd(kvm, event, 0x100, 0, PIO, 0), ioeventfd(kvm, event, 0x110, 1, PIO, 0),
                ioeventfd(kvm, event, 0x120, 3, PIO, 0), ioeventfd(kvm, event, 0x130, 8, PIO, 0),
                ioeventfd(kvm, event, 0x140, 0, PIO | MATCH, 0), ioeventfd(kvm, event, 0x150, 1, PIO | 8, 0),
                ioeventfd(kvm, event, 0x160, 1, PIO | 32, 0), ioeventfd(kvm, event, 0x10000, 1, PIO, 0));
    }

    private static String ioeventfdCollisions(Subject kvm) {
        int event = kvm.eventFd();
        return names(ioeventfd(kvm, event, 0x100, 2, PIO | MATCH, 7), ioeventfd(kvm, event, 0x100, 2, PIO | MATCH, 7),
                ioeventfd(kvm, event, 0x100, 2, PIO | MATCH, 8), ioeventfd(kvm, event, 0x100, 2, PIO, 0),
                ioeventfd(kvm, event, 0x100, 0, PIO, 0), ioeventfd(kvm, event, 0x100, 2, 0, 0),
                ioeventfd(kvm, event, 0x100, 4, PIO, 0));
    }

    private static String ioeventfdDeassign(Subject kvm) {
        int event = kvm.eventFd();
        ioeventfd(kvm, event, 0x100, 2, PIO, 0);
        return names(ioeventfd(kvm, event, 0x100, 1, PIO | DEASSIGN, 0),
                ioeventfd(kvm, event, 0x100, 2, PIO | DEASSIGN, 0), ioeventfd(kvm, event, 0x100, 2, PIO | DEASSIGN, 0));
    }

    private static String ioeventfdFires(Subject kvm) {
        int event = kvm.eventFd();
        ioeventfd(kvm, event, 0x10, 1, PIO, 0);
        kvm.guest("e6 10 e7 10 e4 10 f4");
        String first = kvm.run() + " size " + kvm.page(0).ioSize() + " count " + kvm.drain(event);
        return first + "; " + kvm.run() + " out " + kvm.page(0).isIoOut() + " count " + kvm.drain(event);
    }

    private static String ioeventfdString(Subject kvm) {
        int event = kvm.eventFd();
        ioeventfd(kvm, event, 0x10, 1, PIO, 0);
        kvm.guest("be 00 20 b9 05 00 ba 10 00 f3 6e f4");
        return kvm.run() + " " + kvm.drain(event);
    }
}

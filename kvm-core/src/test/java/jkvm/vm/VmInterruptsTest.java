package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmIrqRouting;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmPitState2;
import jkvm.abi.KvmSregs;
import jkvm.linux.EventFd;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

@OnEachKvm
@Timeout(20)
class VmInterruptsTest {
    private static final int GSI = 5;
    private static final int VECTOR_BASE = 0x20;
    private static final int MSI_VECTOR = 0x44, LEVEL_TRIGGERED = 0xC000;
    private static final long MSI_ADDRESS = 0xFEE0_0000L;
    /** sti; 1: hlt; jmp 1b. */
    private static final String SLEEP = "fb f4 eb fd";
    /** out 0x10, al. */
    private static final String TELL = "e6 10";
    /** mov al, 0x20; out 0x20, al (end of interrupt); out 0x10, al; iret. */
    private static final String END_AND_TELL = "b0 20 e6 20 e6 10 cf";

    private final Syscalls kvm;

    VmInterruptsTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    private TinyGuest guestWithPic() {
        TinyGuest guest = new TinyGuest(kvm, SLEEP, vm -> {
            vm.createIrqchip();
            KvmIrqchip pic = vm.interrupts().irqchip(KvmIrqchip.PIC_MASTER);
            pic.pic().irqBase(VECTOR_BASE);
            pic.pic().imr(0);
            vm.interrupts().irqchip(pic);
        });
        guest.handle(VECTOR_BASE + GSI, TELL);
        return guest;
    }

    @Test
    void shouldReadBackThePic() {
        try (TinyGuest guest = guestWithPic()) {
            KvmIrqchip read = guest.vm.interrupts().readIrqchip(new KvmIrqchip(KvmIrqchip.PIC_MASTER));
            assertEquals(VECTOR_BASE, read.pic().irqBase());
            assertEquals(KvmIrqchip.PIC_MASTER, read.chipId());
            KvmIrqchip ioapic = guest.vm.interrupts().irqchip(KvmIrqchip.IOAPIC);
            assertEquals(0xFEC0_0000L, ioapic.ioapic().baseAddress());
            ioapic.ioapic().redirtbl(3, 0x10033);
            guest.vm.interrupts().irqchip(ioapic);
            assertEquals(0x10033, guest.vm.interrupts().irqchip(KvmIrqchip.IOAPIC).ioapic().redirtbl(3));
        }
    }

    @Test
    void shouldReadBackTheTimer() throws Throwable {
        try (TinyGuest guest = guestWithPic()) {
            guest.uses(KvmCap.PIT2, guest.vm::createPit2);
            guest.uses(KvmCap.PIT_STATE2, () -> {
                KvmPitState2 pit = guest.vm.interrupts().pit2();
                pit.channel(0).mode(2);
                pit.channel(0).count(0x1234);
                guest.vm.interrupts().pit2(pit);
                assertEquals(0x1234, guest.vm.interrupts().readPit2(new KvmPitState2()).channel(0).count());
            });
            guest.uses(KvmCap.REINJECT_CONTROL, () -> guest.vm.interrupts().reinjectPit(false));
        }
    }

    @Test
    void shouldSayInWhichOrderControllersAreMade() {
        try (TinyGuest guest = new TinyGuest(kvm, "f4")) {
            assertEquals("KVM_IRQ_LINE: ENXIO (no such device or address); "
                    + "the VM has no interrupt controller in the kernel: create it first",
                    message(() -> guest.vm.irqLine(4, true)));
            assertEquals("KVM_CREATE_PIT2: ENOENT (no such file or directory); create the interrupt controllers first",
                    message(guest.vm::createPit2));
            assertEquals("KVM_CREATE_IRQCHIP: EINVAL (invalid argument); create it before the first vCPU",
                    message(guest.vm::createIrqchip));
        }
        try (TinyGuest guest = guestWithPic()) {
            assertEquals("KVM_CREATE_IRQCHIP: EEXIST (file exists); the VM has it already",
                    message(guest.vm::createIrqchip));
        }
    }

    private static String message(Executable action) {
        return assertThrows(LinuxException.class, action).getMessage();
    }

    @Test
    void shouldInterruptThroughALine() {
        try (TinyGuest guest = guestWithPic()) {
            guest.vm.irqLine(GSI, true);
            guest.runTo(KvmExit.IO);
            guest.vm.irqLine(GSI, false);
        }
    }

    @Test
    void shouldTellWhetherALineWasDelivered() throws Throwable {
        try (TinyGuest guest = guestWithPic()) {
            guest.uses(KvmCap.IRQ_INJECT_STATUS, () -> {
                assertTrue(guest.vm.interrupts().irqLineStatus(GSI, true) > 0);
                guest.vm.interrupts().irqLineStatus(GSI, false);
                assertEquals(0, guest.vm.interrupts().irqLineStatus(GSI, true), "still waiting: coalesced");
            });
            guest.vm.irqLine(0x1000, true);
        }
    }

    @Test
    void shouldInterruptThroughAnEventDescriptor() throws Throwable {
        try (TinyGuest guest = guestWithPic(); EventFd event = EventFd.nonBlocking(kvm)) {
            guest.uses(KvmCap.IRQFD, () -> {
                guest.vm.interrupts().addIrqfd(event, GSI);
                event.signal();
                guest.runTo(KvmExit.IO);
                guest.vm.interrupts().removeIrqfd(event, GSI);
            });
        }
    }

    @Test
    void shouldSignalTheEndOfALevelTriggeredInterrupt() throws Throwable {
        try (TinyGuest guest = guestWithPic(); EventFd event = EventFd.nonBlocking(kvm);
                EventFd resample = EventFd.nonBlocking(kvm)) {
            guest.handle(VECTOR_BASE + GSI, END_AND_TELL);
            guest.uses(KvmCap.IRQFD_RESAMPLE, () -> {
                guest.vm.interrupts().addIrqfd(event, GSI, resample);
                event.signal();
                guest.runTo(KvmExit.IO);
                assertEquals(1, resample.await());
                guest.vm.interrupts().removeIrqfd(event, GSI);
            });
        }
    }

    @Test
    void shouldDeliverMessagesDirectlyAndThroughARoute() throws Throwable {
        try (TinyGuest guest = guestWithPic(); EventFd event = EventFd.nonBlocking(kvm)) {
            guest.handle(MSI_VECTOR, "e6 10 fb f4");
            enableLapic(guest.vcpu);
            guest.uses(KvmCap.SIGNAL_MSI, () -> {
                assertEquals(1, guest.vm.interrupts().signalMsi(MSI_ADDRESS, MSI_VECTOR));
                guest.runTo(KvmExit.IO);
            });
            guest.uses(KvmCap.IRQ_ROUTING, () -> {
                KvmIrqRouting routing = KvmIrqRouting.pc(1);
                routing.addMsi(40, MSI_ADDRESS, MSI_VECTOR + 1);
                guest.memory.writeInt((MSI_VECTOR + 1) * 4L, TinyGuest.HANDLER);
                guest.vm.interrupts().routing(routing);
                guest.vm.interrupts().addIrqfd(event, 40);
                guest.vcpu.lapic(endOfInterrupt(guest.vcpu.lapic()));
                event.signal();
                guest.runTo(KvmExit.IO);
            });
        }
    }

    private static VcpuExit nextExit(TinyGuest guest) {
        guest.vcpu.run();
        return VcpuExit.of(guest.vcpu.kvmRun());
    }

    private static void enableLapic(Vcpu vcpu) {
        KvmLapicState lapic = vcpu.lapic();
        lapic.register(KvmLapicState.SPURIOUS_REGISTER, lapic.register(KvmLapicState.SPURIOUS_REGISTER) | 0x1ff);
        vcpu.lapic(lapic);
    }

    /** Clears the in-service bits. */
    private static KvmLapicState endOfInterrupt(KvmLapicState lapic) {
        for (int register = 0x100; register < 0x180; register += 0x10) {
            lapic.register(register, 0);
        }
        return lapic;
    }

    @Test
    void shouldKeepPicAndIoapicOutOfTheKernelWhenSplit() throws Throwable {
        try (TinyGuest guest = new TinyGuest(kvm, "f4", vm -> { })) {
            guest.uses(KvmCap.SPLIT_IRQCHIP, () -> {
                try (Vm split = guest.kvm.createVm()) {
                    split.interrupts().createSplitIrqchip(24);
                    assertTrue(split.createVcpu(0).lapic().register(KvmLapicState.VERSION_REGISTER) != 0);
                    assertThrows(LinuxException.class, () -> split.interrupts().irqchip(KvmIrqchip.IOAPIC));
                }
            });
        }
    }

    @Test
    void shouldTellUserSpacesIoapicWhenTheGuestEndsItsInterrupt() throws Throwable {
        try (TinyGuest probe = new TinyGuest(kvm, "f4", vm -> { })) {
            probe.uses(KvmCap.SPLIT_IRQCHIP, () -> {
                try (TinyGuest guest = new TinyGuest(kvm, SLEEP, vm -> vm.interrupts().createSplitIrqchip(24));
                        EventFd line = EventFd.nonBlocking(kvm)) {
                    // given a level-triggered route and a handler: mov dword [0xfee000b0], 0; out 0x10, al
                    guest.handle(MSI_VECTOR, "67 66 c7 05 b0 00 e0 fe 00 00 00 00 e6 10 f4");
                    KvmSregs sregs = guest.vcpu.sregs();
                    sregs.ds().limit(-1);
                    sregs.ds().g(true);
                    guest.vcpu.sregs(sregs);
                    enableLapic(guest.vcpu);
                    KvmIrqRouting routing = new KvmIrqRouting(1);
                    routing.addMsi(GSI, MSI_ADDRESS, LEVEL_TRIGGERED | MSI_VECTOR);
                    guest.vm.interrupts().routing(routing);
                    guest.vm.interrupts().addIrqfd(line, GSI);

                    line.signal();
                    VcpuExit first = nextExit(guest);
                    VcpuExit second = nextExit(guest);

                    // A KVM that emulates several instructions in a row tells of it after the port.
                    assertTrue(List.of(first, second).contains(new VcpuExit.IoapicEoi(MSI_VECTOR)),
                            first + " " + second);
                }
            });
        }
    }

    @Test
    void shouldInjectAnInterruptWithoutAController() {
        try (TinyGuest guest = new TinyGuest(kvm, "fb 90 eb fd")) {
            guest.handle(0x33, TELL);
            guest.vcpu.kvmRun().requestInterruptWindow(true);
            guest.runTo(KvmExit.IRQ_WINDOW_OPEN);
            assertTrue(guest.vcpu.kvmRun().isReadyForInterruptInjection());
            guest.vcpu.kvmRun().requestInterruptWindow(false);

            guest.vcpu.injectInterrupt(0x33);

            guest.runTo(KvmExit.IO);
            assertEquals(0x10, guest.vcpu.kvmRun().ioPort());
        }
    }

    @Test
    void shouldInjectAnNmi() throws Throwable {
        try (TinyGuest guest = new TinyGuest(kvm, SLEEP, Vm::createIrqchip)) {
            guest.handle(2, TELL);
            guest.uses(KvmCap.USER_NMI, () -> {
                guest.vcpu.injectNmi();
                guest.runTo(KvmExit.IO);
            });
        }
    }

    @Test
    void shouldInjectAnSmiOrSayThatThereIsNone() throws Throwable {
        try (TinyGuest guest = new TinyGuest(kvm, SLEEP, Vm::createIrqchip)) {
            guest.uses(KvmCap.X86_SMM, guest.vcpu::injectSmi);
        }
    }

    @Test
    void shouldRestoreControllersToTheirPowerOnState() {
        try (TinyGuest guest = guestWithPic()) {
            guest.vm.createPit2();
            IrqchipState before = IrqchipState.capture(guest.vm);
            KvmIrqchip pic = guest.vm.interrupts().irqchip(KvmIrqchip.PIC_MASTER);
            pic.pic().irqBase(0x70);
            guest.vm.interrupts().irqchip(pic);
            guest.vm.irqLine(GSI, true);

            before.restore(guest.vm);

            assertEquals(VECTOR_BASE, guest.vm.interrupts().irqchip(KvmIrqchip.PIC_MASTER).pic().irqBase());
            assertEquals(0, guest.vm.interrupts().irqchip(KvmIrqchip.PIC_MASTER).pic().irr());
        }
    }
}

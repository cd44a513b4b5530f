package jkvm.examples;

import jkvm.abi.KvmExit;
import jkvm.linux.EventFd;
import jkvm.vm.Vcpu;

/**
 * Lesson 15: irqfd, the other direction. An event descriptor is tied to an interrupt line: whoever writes to it
 * interrupts the guest, from any thread or process, without a request to KVM. The guest (irqfd.S) says that it is
 * ready and sleeps; the host signals; the guest's handler reports.
 */
public final class Lesson15Irqfd {
    private static final int LINE = 5;
    private static final int READY_PORT = 0xE0;
    private static final int INTERRUPTS = 3;

    private Lesson15Irqfd() {
    }

    public static void main(String[] args) {
        try (LessonVm machine = new LessonVm(args, "irqfd");
                EventFd event = EventFd.nonBlocking(machine.vm().syscalls())) {
            machine.vm().createIrqchip();
            machine.vm().interrupts().addIrqfd(event, LINE);

            Vcpu vcpu = machine.realMode();
            int interrupts = 0;
            while (true) {
                int reason = vcpu.run();
                if (reason != KvmExit.IO) {
                    throw new IllegalStateException("unexpected exit " + KvmExit.name(reason));
                }
                if (vcpu.kvmRun().ioPort() != READY_PORT) {
                    interrupts++;
                    System.out.println("interrupt " + interrupts + " has reached the guest's handler");
                } else if (interrupts == INTERRUPTS) {
                    break;
                } else {
                    // The guest is about to sleep in the kernel. The signal waits there for it, or wakes it.
                    event.signal();
                }
            }
            machine.vm().interrupts().removeIrqfd(event, LINE);
        }
    }
}

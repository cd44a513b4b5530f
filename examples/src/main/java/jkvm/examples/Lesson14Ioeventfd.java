package jkvm.examples;

import jkvm.abi.KvmExit;
import jkvm.linux.EventFd;
import jkvm.vm.Doorbell;
import jkvm.vm.Vcpu;

/**
 * Lesson 14: ioeventfd. Many writes carry nothing but "there is work". For these KVM can signal an event descriptor
 * and go on with the guest: the write costs no exit to user space, and a thread of its own does the work. The guest
 * (doorbell.S) rings five times at port 0x100.
 */
public final class Lesson14Ioeventfd {
    private static final int BELL_PORT = 0x100;
    private static final int END_PORT = 0xF4;

    private Lesson14Ioeventfd() {
    }

    public static void main(String[] args) {
        try (LessonVm machine = new LessonVm(args, "doorbell");
                EventFd bell = EventFd.nonBlocking(machine.vm().syscalls())) {
            // From here on KVM itself answers one-byte writes to that port.
            machine.vm().ioEvents().add(bell, Doorbell.port(BELL_PORT, 1));

            Vcpu vcpu = machine.realMode();
            int exits = 0;
            boolean isRunning = true;
            while (isRunning) {
                int reason = vcpu.run();
                if (reason != KvmExit.IO) {
                    throw new IllegalStateException("unexpected exit " + KvmExit.name(reason));
                }
                exits++;
                isRunning = vcpu.kvmRun().ioPort() != END_PORT;
            }

            // The descriptor counts signals until somebody reads it. A device would wait there, on another thread.
            System.out.println("the guest rang " + bell.await() + " times");
            System.out.println("exits: " + exits);
        }
    }
}

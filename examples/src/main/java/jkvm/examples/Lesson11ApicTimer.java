package jkvm.examples;

import jkvm.abi.KvmExit;
import jkvm.vm.Vcpu;

/**
 * Lesson 11: the APIC timer. Lesson 10's timer is one chip for the whole PC. With several processors each needs its
 * own: a local APIC, which takes interrupts and has a timer. Its registers look like memory at 0xfee00000, and KVM
 * answers them in the kernel. The guest (apic-timer.S) is in protected mode, with a table of interrupts (IDT).
 */
public final class Lesson11ApicTimer {
    /** Where the guest looks for the timer's period. */
    private static final long PERIOD = 0x800;
    /** KVM's local APIC counts nanoseconds. */
    private static final int MILLISECOND = 1_000_000;
    private static final int TICK_PORT = 0xE0;

    private Lesson11ApicTimer() {
    }

    public static void main(String[] args) {
        try (LessonVm machine = new LessonVm(args, "apic-timer")) {
            machine.vm().createIrqchip();
            Vcpu vcpu = machine.protectedMode();
            machine.memory().writeInt(PERIOD, MILLISECOND);

            int ticks = 0;
            long start = System.nanoTime();
            while (true) {
                int reason = vcpu.run(); // between two ticks the guest sleeps in the kernel
                if (reason != KvmExit.IO) {
                    throw new IllegalStateException("unexpected exit " + KvmExit.name(reason));
                }
                if (vcpu.kvmRun().ioPort() != TICK_PORT) {
                    break;
                }
                ticks++;
            }
            System.out.printf("%d ticks in %d ms%n", ticks, (System.nanoTime() - start) / MILLISECOND);
        }
    }
}

package jkvm.examples;

import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;
import jkvm.vm.Vcpu;

/**
 * Lesson 10: a timer interrupt. Interrupts come at any moment and must be fast, so KVM has a PC's interrupt controllers
 * and its timer in the kernel. The guest (timer.S) programs both, sleeps with HLT, and is woken by the timer five
 * times. The host sees none of that: neither the port writes to these devices nor, from now on, HLT.
 */
public final class Lesson10TimerInterrupt {
    private static final int SERIAL_PORT = 0x3F8;
    private static final int END_PORT = 0xF4;

    private Lesson10TimerInterrupt() {
    }

    public static void main(String[] args) {
        try (LessonVm machine = new LessonVm(args, "timer")) {
            // The order matters: a vCPU gets its local interrupt controller when it is created.
            machine.vm().createIrqchip();
            machine.vm().createPit2();
            Vcpu vcpu = machine.realMode();

            long start = System.nanoTime();
            int ticks = countTicks(vcpu);
            long milliseconds = (System.nanoTime() - start) / 1_000_000;
            System.out.printf("%d timer interrupts in %d ms; at 100 a second it takes about 50 ms%n", ticks,
                    milliseconds);
        }
    }

    private static int countTicks(Vcpu vcpu) {
        int ticks = 0;
        while (true) {
            int reason = vcpu.run(); // returns when the guest uses a port that no device of the kernel answers
            if (reason != KvmExit.IO) {
                throw new IllegalStateException("unexpected exit " + KvmExit.name(reason));
            }
            KvmRun exit = vcpu.kvmRun();
            if (exit.ioPort() == SERIAL_PORT) {
                ticks++;
                System.out.println("tick " + ticks);
            } else if (exit.ioPort() == END_PORT) {
                return ticks;
            }
        }
    }
}

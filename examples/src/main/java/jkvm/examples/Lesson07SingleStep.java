package jkvm.examples;

import jkvm.abi.KvmRegs;
import jkvm.app.harness.Harness;
import jkvm.app.harness.HarnessCallbacks;

/**
 * Lesson 7: single step. KVM can stop a guest after each instruction (KVM_SET_GUEST_DEBUG): so a debugger works that
 * knows nothing of the guest and leaves it as it is. The guest (steps.S) multiplies; the lesson writes down what each
 * instruction does.
 */
public final class Lesson07SingleStep {
    private Lesson07SingleStep() {
    }

    /** Is called after each instruction. */
    private static final class Tracer implements HarnessCallbacks {
        private int steps;

        @Override
        public boolean debug(Harness harness) {
            KvmRegs registers = harness.vcpu().regs();
            steps++;
            System.out.printf("step %2d: next at 0x%x, eax %d, ecx %d%n", steps, registers.rip(), registers.rax(),
                    registers.rcx());
            // A HLT that is stepped over is no halt for KVM, so look for it: 0xf4.
            return harness.memory().readByte(registers.rip()) != (byte) 0xF4;
        }
    }

    public static void main(String[] args) {
        Tracer tracer = new Tracer();
        try (Harness harness = Harness.create(LessonAccelerator.open(args).syscalls(), tracer)) {
            harness.loadPayload(GuestImage.read("steps"));
            harness.enterProtectedMode();
            harness.singleStep(true);
            System.out.print(harness.run().report()); // empty: the tracer ends the run
            System.out.println("4 * 3 * 2 * 1 is " + harness.vcpu().regs().rax());
        }
    }
}

package jkvm.examples;

import java.util.LinkedHashMap;
import java.util.Map;
import jkvm.abi.KvmRegs;
import jkvm.app.harness.Harness;
import jkvm.app.harness.HarnessCallbacks;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;

/**
 * Lesson 8: one guest on two KVMs, in lock step. The same program (two-kvms.S) runs on the kernel's KVM and on the one
 * in Java, one instruction at a time, and after each the registers are compared. Where they differ the manuals leave
 * something open, or the guest asked what differs: who the processor is, what time it is.
 */
public final class Lesson08TwoKvms {
    private static final int END_PORT = 0xF4;

    private Lesson08TwoKvms() {
    }

    /** A guest that stops after each instruction. */
    private static final class Stepper implements HarnessCallbacks, AutoCloseable {
        private final Harness harness;
        private boolean finished;

        Stepper(Accelerator accelerator) {
            harness = Harness.create(accelerator.syscalls(), this);
            harness.loadPayload(GuestImage.read("two-kvms"));
            harness.enterProtectedMode();
            harness.singleStep(true);
        }

        @Override
        public boolean debug(Harness stepped) {
            return false; // do not go on: the run ends here, after one instruction
        }

        @Override
        public void outb(int port, int value) {
            finished |= port == END_PORT;
        }

        KvmRegs step() {
            harness.run();
            return harness.vcpu().regs();
        }

        @Override
        public void close() {
            harness.close();
        }
    }

    public static void main(String[] args) {
        Accelerator first = LessonAccelerator.open(args);
        Accelerator second = Accelerators.open("soft");
        System.out.printf("%s%nbeside %s%n", first.kind().description(), second.kind().description());

        int steps = 0;
        int alike = 0;
        try (Stepper one = new Stepper(first); Stepper other = new Stepper(second)) {
            while (true) {
                long address = one.harness.vcpu().regs().rip();
                Map<String, Long> registers = registers(one.step());
                Map<String, Long> others = registers(other.step());
                if (one.finished || other.finished) {
                    break;
                }
                steps++;
                if (registers.equals(others)) {
                    alike++;
                } else {
                    System.out.printf("after the instruction at 0x%x:%s%n", address, differences(registers, others));
                    // From here on the two would differ; continue the second from the first one's state.
                    other.harness.vcpu().regs(one.harness.vcpu().regs());
                }
            }
        }
        System.out.printf("%d of %d steps agree in all registers and flags%n", alike, steps);
    }

    private static String differences(Map<String, Long> registers, Map<String, Long> others) {
        StringBuilder text = new StringBuilder();
        registers.forEach((name, value) -> {
            if (!value.equals(others.get(name))) {
                text.append(" %s %x and %x".formatted(name, value, others.get(name)));
            }
        });
        return text.toString();
    }

    private static Map<String, Long> registers(KvmRegs regs) {
        Map<String, Long> registers = new LinkedHashMap<>();
        registers.put("eax", regs.rax());
        registers.put("ebx", regs.rbx());
        registers.put("ecx", regs.rcx());
        registers.put("edx", regs.rdx());
        registers.put("esi", regs.rsi());
        registers.put("edi", regs.rdi());
        registers.put("ebp", regs.rbp());
        registers.put("esp", regs.rsp());
        registers.put("eip", regs.rip());
        registers.put("eflags", regs.rflags());
        return registers;
    }
}

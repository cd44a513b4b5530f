package jkvm.examples;

import jkvm.abi.KvmCap;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;
import jkvm.vm.Vcpu;

/**
 * Lesson 6: model-specific registers. A processor has hundreds of them, for all that has no instruction of its own:
 * RDMSR and WRMSR reach them by number. KVM knows the ones that guests need; for the others it can ask the host. The
 * guest (msr.S) uses a register that this lesson invents: it doubles what is written to it.
 */
public final class Lesson06Msr {
    /** Exit where the guest uses a register that KVM does not know. Without it, such a use is a fault. */
    private static final long UNKNOWN = 1 << 1;
    private static final int OWN_REGISTER = 0xB0B0;
    private static final int FAULT_PORT = 0xE1;

    private Lesson06Msr() {
    }

    public static void main(String[] args) {
        // LessonVm is the VM of lesson 2, with a name for everything.
        try (LessonVm machine = new LessonVm(args, "msr")) {
            machine.vm().enableCapability(KvmCap.X86_USER_SPACE_MSR, UNKNOWN);
            Vcpu vcpu = machine.realMode();
            KvmRun exit = vcpu.kvmRun();
            long value = 0;
            for (int reason = vcpu.run(); reason != KvmExit.HLT; reason = vcpu.run()) {
                switch (reason) {
                    case KvmExit.X86_WRMSR -> {
                        value = exit.msrData();
                        System.out.printf("the guest writes %d to register 0x%x%n", value, exit.msrIndex());
                        exit.msrError(exit.msrIndex() != OWN_REGISTER); // true would be a fault in the guest
                    }
                    case KvmExit.X86_RDMSR -> {
                        exit.msrData(2 * value);
                        exit.msrError(exit.msrIndex() != OWN_REGISTER);
                    }
                    case KvmExit.IO -> System.out.println(exit.ioPort() == FAULT_PORT
                            ? "the guest has a general protection fault" : "it reads " + LessonVm.written(exit));
                    default -> throw new IllegalStateException("unexpected exit " + KvmExit.name(reason));
                }
            }
        }
    }
}

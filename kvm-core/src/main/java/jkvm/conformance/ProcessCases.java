package jkvm.conformance;

import static jkvm.conformance.Subject.name;
import static jkvm.conformance.Subject.names;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSignalMask;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Mapping;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;

/** A process's descriptors in its child, and signals that only KVM's mask admits. */
final class ProcessCases {
    private static final long FORK = 57, WAIT4 = 61, KILL = 62, EXIT_GROUP = 231;
    private static final long SIGPROCMASK = 14, SIGPENDING = 127, SIGTIMEDWAIT = 128;
    private static final int SIGKILL = 9, SIGUSR1 = 10, BLOCK = 0, SET_MASK = 2, NO_HANG = 1;
    private static final long USR1_BIT = 1L << SIGUSR1 - 1;
    private static final int ATTEMPTS = 5, PATIENCE_MILLIS = 2_000;
    private static final long NOTHING = 1;

    private ProcessCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(6, "a child's requests: system, VM, vCPU", ProcessCases::inChild),
                new ConformanceCase(6, "a vCPU after its VM's descriptor was closed", kvm -> {
                    long vm = kvm.system(KvmIoctl.CREATE_VM, 0);
                    long vcpu = kvm.syscalls().ioctl((int) vm, KvmIoctl.CREATE_VCPU.number(), 0);
                    kvm.syscalls().call(SyscallNumber.CLOSE, vm, 0, 0, 0, 0, 0);
                    String results = names(kvm.syscalls().ioctl((int) vcpu, KvmIoctl.GET_REGS.number(),
                            new KvmRegs().address()), kvm.syscalls().ioctl((int) vcpu, KvmIoctl.RUN.number(), 0));
                    kvm.syscalls().call(SyscallNumber.CLOSE, vcpu, 0, 0, 0, 0, 0);
                    return results;
                }),
                new ConformanceCase(12, "a signal that only KVM's mask admits: result, still pending",
                        ProcessCases::admittedSignal));
    }

    /**
     * Forks this JVM. The child has one thread only: where it needs another, as for a garbage collection, it hangs, and
     * is killed and tried again. It asks the kernel itself, since no child has a KVM that is written in Java.
     */
    private static String inChild(Subject kvm) throws InterruptedException {
        kvm.createVcpu(0);
        Syscalls kernel = new FfmSyscalls();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answers = Mapping.map(kernel, arena, 4096, Mapping.MAP_SHARED | Mapping.MAP_ANONYMOUS, -1, 0,
                    "answers");
            KvmRegs regs = new KvmRegs();
            // Loads and links all that the child needs.
            ask(kernel, kvm, regs, answers);
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                answers.set(ValueLayout.JAVA_LONG, 16, NOTHING);
                long child = kernel.call(FORK, 0, 0, 0, 0, 0, 0);
                if (child == 0) {
                    ask(kernel, kvm, regs, answers);
                    kernel.call(EXIT_GROUP, 0, 0, 0, 0, 0, 0);
                }
                await(kernel, child);
                if (answers.get(ValueLayout.JAVA_LONG, 16) != NOTHING) {
                    return names(answers.get(ValueLayout.JAVA_LONG, 0), answers.get(ValueLayout.JAVA_LONG, 8),
                            answers.get(ValueLayout.JAVA_LONG, 16));
                }
            }
            return "no child has answered";
        }
    }

    private static void ask(Syscalls kernel, Subject kvm, KvmRegs regs, MemorySegment answers) {
        answers.set(ValueLayout.JAVA_LONG, 0,
                kernel.ioctl(kvm.systemFd(), KvmIoctl.GET_API_VERSION.number(), 0));
        answers.set(ValueLayout.JAVA_LONG, 8,
                kernel.ioctl(kvm.vmFd(), KvmIoctl.CHECK_EXTENSION.number(), 0));
        answers.set(ValueLayout.JAVA_LONG, 16,
                kernel.ioctl(kvm.vcpuFd(0), KvmIoctl.GET_REGS.number(), regs.address()));
    }

    private static void await(Syscalls kernel, long child) throws InterruptedException {
        for (int i = 0; i < PATIENCE_MILLIS; i++) {
            if (kernel.call(WAIT4, child, 0, NO_HANG, 0, 0, 0) == child) {
                return;
            }
            Thread.sleep(1);
        }
        kernel.call(KILL, child, SIGKILL, 0, 0, 0, 0);
        kernel.call(WAIT4, child, 0, 0, 0, 0, 0);
    }

    /** Blocks SIGUSR1 for this thread, sends it there, and gives KVM a mask that admits only this one. */
    private static String admittedSignal(Subject kvm) {
        kvm.guest("eb fe");
        Syscalls kernel = kvm.syscalls();
        MemorySegment set = kvm.allocate(8);
        MemorySegment before = kvm.allocate(8);
        set.set(ValueLayout.JAVA_LONG, 0, USR1_BIT);
        kernel.call(SIGPROCMASK, BLOCK, set.address(), before.address(), Long.BYTES, 0, 0);
        try {
            kernel.call(SyscallNumber.TGKILL, kernel.call(SyscallNumber.GETPID, 0, 0, 0, 0, 0, 0),
                    kernel.call(SyscallNumber.GETTID, 0, 0, 0, 0, 0, 0), SIGUSR1, 0, 0, 0);
            MemorySegment mask = kvm.allocate(KvmSignalMask.SIZE);
            mask.set(ValueLayout.JAVA_INT, 0, Long.BYTES);
            mask.set(ValueLayout.JAVA_LONG_UNALIGNED, Integer.BYTES, ~USR1_BIT);
            String masked = name(kvm.vcpu(0, KvmIoctl.SET_SIGNAL_MASK, mask.address()));
            String exit = kvm.run();
            kernel.call(SIGPENDING, set.address(), Long.BYTES, 0, 0, 0, 0);
            return masked + " " + exit + " " + ((set.get(ValueLayout.JAVA_LONG, 0) & USR1_BIT) != 0);
        } finally {
            // Takes the signal: it must not be there any more when it is admitted again.
            set.set(ValueLayout.JAVA_LONG, 0, USR1_BIT);
            kernel.call(SIGTIMEDWAIT, set.address(), 0, kvm.allocate(16).address(), Long.BYTES, 0, 0);
            kernel.call(SIGPROCMASK, SET_MASK, before.address(), 0, Long.BYTES, 0, 0);
        }
    }
}

package jkvm.vm;

import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmRun;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;

/**
 * A KVM that only pretends, for tests of what user space does. KVM_RUN answers what {@link #exit} and {@link #fail}
 * have queued; with nothing queued the guest spins until it is interrupted.
 */
final class FakeKvm {
    static final int MMAP_SIZE = 3 * 4096;

    final FaultySyscalls kernel = FaultySyscalls.pretending();
    final Kvm kvm;
    final Vm vm;
    final Vcpu vcpu;
    private final Map<Long, Integer> capabilities = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Integer> answers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger runs = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean signalled;

    FakeKvm() {
        kernel.onIoctl(KvmIoctl.GET_API_VERSION.number(), (fd, argument) -> Kvm.API_VERSION)
                .onIoctl(KvmIoctl.GET_VCPU_MMAP_SIZE.number(), (fd, argument) -> MMAP_SIZE)
                .onIoctl(KvmIoctl.CREATE_VM.number(), (fd, argument) -> kernel.newDescriptor())
                .onIoctl(KvmIoctl.CREATE_VCPU.number(), (fd, argument) -> kernel.newDescriptor())
                .onIoctl(KvmIoctl.CHECK_EXTENSION.number(), (fd, argument) -> capabilities.getOrDefault(argument, 0))
                .onIoctl(KvmIoctl.RUN.number(), (fd, argument) -> run())
                .onSignal(() -> signalled = true);
        kvm = Kvm.open(kernel);
        vm = kvm.createVm();
        vcpu = vm.createVcpu(0);
    }

    FakeKvm has(KvmCap capability, int value) {
        capabilities.put((long) capability.number(), value);
        return this;
    }

    /** One KVM_RUN returns with this exit reason. */
    FakeKvm exit(int reason) {
        answers.add(reason);
        return this;
    }

    /** One KVM_RUN fails. */
    FakeKvm fail(Errno errno) {
        answers.add(-errno.code());
        return this;
    }

    /** How often KVM_RUN was called. */
    int runs() {
        return runs.get();
    }

    /** True while a thread is in KVM_RUN. */
    boolean isRunning() {
        return running.get() > 0;
    }

    private long run() {
        runs.incrementAndGet();
        running.incrementAndGet();
        try {
            while (true) {
                if (signalled
                        || vcpu.kvmRun().segment().get(ValueLayout.JAVA_BYTE, KvmRun.IMMEDIATE_EXIT_OFFSET) != 0) {
                    signalled = false;
                    return -Errno.EINTR.code();
                }
                Integer answer = answers.poll();
                if (answer != null) {
                    vcpu.kvmRun().segment().set(ValueLayout.JAVA_INT, KvmRun.EXIT_REASON_OFFSET, Math.max(0, answer));
                    return Math.min(0, answer);
                }
                Thread.onSpinWait();
            }
        } finally {
            running.decrementAndGet();
        }
    }
}

package jkvm.app.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmRun;
import jkvm.app.harness.HarnessResult.End;
import jkvm.linux.Errno;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEachKvm
class HarnessFailureTest {
    private final Syscalls kvm;

    HarnessFailureTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    @Test
    @DisplayName("a triple fault ends in a report with registers, the bytes at RIP and advice")
    void shouldReportAShutdown() {
        HarnessResult result = HarnessGuest.runProtected(kvm, new HarnessCallbacks() { }, "shutdown");
        assertEquals(End.SHUTDOWN, result.end());
        assertTrue(result.report().contains("triple fault"), result.report());
        assertTrue(result.report().contains("EFER="), result.report());
        assertTrue(result.report().contains("Code="), result.report());
        assertTrue(result.report().contains("try: "), result.report());
    }

    @Test
    @DisplayName("a KVM internal error ends in a report that names the suberror")
    void shouldReportAnInternalError() {
        HarnessResult result = HarnessGuest.runProtected(kvm, new HarnessCallbacks() { }, "wild");
        assertEquals(End.FAILED, result.end());
        assertTrue(result.report().startsWith("vCPU 0: KVM internal error, suberror 1 (emulation failure)"),
                result.report());
        assertTrue(result.report().contains("EIP=d0000000"), result.report());
        assertTrue(result.report().contains("RIP points where there is no memory"), result.report());
    }

    /** A kernel whose first KVM_RUNs return what the test wants. */
    private static final class FaultyRun implements Syscalls {
        private final Syscalls kernel;
        private final Deque<LongSupplier> results = new ArrayDeque<>();

        FaultyRun(Syscalls kernel) {
            this.kernel = kernel;
        }

        @Override
        public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
            boolean isRun = number == SyscallNumber.IOCTL && a1 == KvmIoctl.RUN.number();
            if (isRun && !results.isEmpty()) {
                return results.remove().getAsLong();
            }
            return kernel.call(number, a0, a1, a2, a3, a4, a5);
        }

        @Override
        public long installInterruptingSignal(int signal) {
            return kernel.installInterruptingSignal(signal);
        }
    }

    private HarnessResult runAfter(Function<Harness, List<LongSupplier>> faults) {
        FaultyRun kernel = new FaultyRun(kvm);
        try (Harness harness = Harness.create(kernel, new HarnessCallbacks() { })) {
            harness.loadPayload(HarnessGuest.image("payload"));
            harness.enterProtectedMode();
            kernel.results.addAll(faults.apply(harness));
            return harness.run();
        }
    }

    @Test
    @DisplayName("a failed entry ends in a report that explains the hardware's reason")
    void shouldReportAFailedEntry() {
        HarnessResult result = runAfter(harness -> List.of(() -> {
            KvmRun run = harness.vcpu().kvmRun();
            run.data(KvmRun.EXIT_REASON_OFFSET, 4, KvmExit.FAIL_ENTRY);
            run.data(KvmRun.EXIT_OFFSET, 8, 0x80000021L);
            return 0;
        }));
        assertEquals(End.FAILED, result.end());
        assertTrue(result.report().contains("Intel: the guest's state is invalid"), result.report());
        assertTrue(result.report().contains("EIP=00100000"), result.report());
    }

    @Test
    @DisplayName("EINTR and EAGAIN from KVM_RUN are no failures")
    void shouldGoOnAfterInterruptedRuns() {
        HarnessResult result = runAfter(harness -> List.of(() -> -Errno.EINTR.code(), () -> -Errno.EAGAIN.code(),
                () -> -Errno.EINTR.code()));
        assertEquals(End.HALTED, result.end());
    }

    @Test
    @DisplayName("an errno of KVM_RUN ends in a report")
    void shouldReportAFailedCall() {
        HarnessResult result = runAfter(harness -> List.of(() -> -Errno.EFAULT.code()));
        assertEquals(End.FAILED, result.end());
        assertTrue(result.report().startsWith("vCPU 0: KVM_RUN: EFAULT (bad address)\n"), result.report());
        assertTrue(result.report().contains("EIP=00100000"), result.report());
    }

    @Test
    void shouldCallBackForAShutdownThatTheCallbackMends() {
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public boolean shutdown(Harness harness) {
                harness.loadPayload(HarnessGuest.image("payload"));
                harness.enterProtectedMode();
                return true;
            }
        };
        assertEquals(End.HALTED, HarnessGuest.runProtected(kvm, callbacks, "shutdown").end());
    }
}

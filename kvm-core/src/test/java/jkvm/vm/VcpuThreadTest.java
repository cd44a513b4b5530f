package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import jkvm.abi.KvmExit;
import jkvm.linux.Errno;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class VcpuThreadTest {
    private final FakeKvm fake = new FakeKvm();
    private final RecordingHandler handler = new RecordingHandler(reason -> reason != KvmExit.HLT);
    private final VcpuThread thread = new VcpuThread(fake.vcpu, handler, "vcpu");

    @Test
    @DisplayName("the vCPU goes on after KVM_RUN answers EINTR or EAGAIN")
    void shouldGoOnAfterEintrAndEagain() {
        fake.fail(Errno.EINTR).fail(Errno.EAGAIN).exit(KvmExit.IO).fail(Errno.EAGAIN).exit(KvmExit.HLT);

        thread.start();
        thread.join();

        assertEquals(List.of(KvmExit.IO, KvmExit.HLT), handler.reasons);
        assertEquals(List.of(), handler.failures);
        assertEquals(5, fake.runs());
    }

    @Test
    void shouldReportOtherErrorsOnceAndEnd() {
        fake.fail(Errno.EFAULT);

        thread.start();
        thread.join();

        assertEquals(List.of("KVM_RUN: EFAULT (bad address)"),
                handler.failures.stream().map(Throwable::getMessage).toList());
    }

    @Test
    void shouldReportWhatTheHandlerThrows() {
        VcpuThread failing = new VcpuThread(fake.vcpu, handlerThat(() -> {
            throw new StackOverflowError("deep");
        }), "vcpu");
        fake.exit(KvmExit.IO);

        failing.start();
        failing.join();

        assertEquals("exit handler failed: java.lang.StackOverflowError: deep",
                handler.failures.getFirst().getMessage());
    }

    @Test
    void shouldCompleteTheLastAccessBeforeItEnds() {
        RecordingHandler once = new RecordingHandler(reason -> false);
        VcpuThread ending = new VcpuThread(fake.vcpu, once, "vcpu");
        fake.exit(KvmExit.X86_RDMSR);

        ending.start();
        ending.join();

        assertEquals(2, fake.runs(), "one more KVM_RUN, interrupted at once");
        assertEquals(List.of(KvmExit.X86_RDMSR), once.reasons);
    }

    @Test
    @DisplayName("a second start or stop, and a start after a stop, do nothing")
    void shouldBearRepeatedStartAndStop() {
        thread.start();
        thread.start();
        await(fake::isRunning);
        thread.stop();
        thread.stop();
        thread.start();
        thread.close();

        assertFalse(thread.isAlive());
        assertEquals(List.of(), handler.failures);
    }

    @Test
    @DisplayName("a vCPU that is stopped before its start never runs")
    void shouldNeverRunWhenStoppedFirst() {
        thread.stop();
        thread.start();
        thread.join();

        assertEquals(0, fake.runs());
    }

    @Test
    void shouldStayOutOfTheGuestWhilePaused() {
        thread.start();
        await(fake::isRunning);
        for (int i = 0; i < 200; i++) {
            thread.pause();
            assertFalse(fake.isRunning());
            int runs = fake.runs();
            thread.pause();
            assertEquals(runs, fake.runs());
            thread.resume();
            thread.resume();
            await(fake::isRunning);
        }
        thread.stop();
    }

    @Test
    void shouldStartPausedWhenPausedFirst() {
        thread.pause();
        thread.start();
        thread.pause();
        assertEquals(0, fake.runs());

        thread.resume();
        await(fake::isRunning);
        thread.stop();
    }

    @Test
    void shouldEndWhilePaused() {
        thread.start();
        thread.pause();

        thread.stop();

        assertFalse(thread.isAlive());
    }

    @Test
    @DisplayName("a pause during a stop returns once the vCPU has stopped")
    void shouldReturnFromAPauseDuringStop() throws Exception {
        CountDownLatch inHandler = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        VcpuThread slow = new VcpuThread(fake.vcpu, handlerThat(() -> {
            inHandler.countDown();
            leave.await();
        }), "vcpu");
        fake.exit(KvmExit.IO);
        slow.start();
        inHandler.await();
        slow.requestStop();
        Thread pausing = Thread.ofPlatform().start(slow::pause);
        Thread.sleep(20);
        assertTrue(pausing.isAlive(), "the vCPU is not at rest yet");

        leave.countDown();
        pausing.join();
        slow.stop();

        assertFalse(slow.isAlive());
        assertEquals(List.of(), handler.failures);
    }

    @Test
    void shouldTakePauseAndStopFromItsOwnThread() {
        AtomicReference<VcpuThread> self = new AtomicReference<>();
        self.set(new VcpuThread(fake.vcpu, handlerThat(() -> {
            self.get().pause();
            self.get().resume();
            self.get().stop();
        }), "vcpu"));
        fake.exit(KvmExit.IO);

        self.get().start();
        self.get().join();

        assertFalse(self.get().isAlive());
        assertEquals(List.of(), handler.failures);
    }

    @Test
    @DisplayName("closing the VM ends a running vCPU's thread with a failure that says so; later calls do no harm")
    void shouldEndWithADefinedFailureWhenTheVmIsClosedUnderIt() {
        thread.start();
        await(fake::isRunning);

        fake.vm.close();
        fake.vm.close();
        thread.join();
        thread.pause();
        thread.resume();
        thread.stop();

        assertInstanceOf(IllegalStateException.class, handler.failures.getFirst());
        assertEquals("vCPU 0 is closed", handler.failures.getFirst().getMessage());
        assertEquals(0, fake.kernel.openMappings());
        assertEquals(List.of(), fake.kernel.wrongCloses());
    }

    @Test
    @DisplayName("interrupting a vCPU while it is closed never fails")
    void shouldBearInterruptsWhileItIsClosed() throws Exception {
        for (int round = 0; round < 20; round++) {
            FakeKvm one = new FakeKvm();
            AtomicReference<Throwable> problem = new AtomicReference<>();
            Thread interrupting = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 2_000; i++) {
                        one.vcpu.interrupt();
                        one.vcpu.clearInterrupt();
                    }
                } catch (Throwable e) {
                    problem.set(e);
                }
            });
            one.vm.close();
            interrupting.join();
            assertEquals(null, problem.get());
        }
    }

    @Test
    void shouldRefuseASecondThreadInsideTheSameVcpu() {
        thread.start();
        await(fake::isRunning);
        RecordingHandler second = new RecordingHandler(reason -> true);
        VcpuThread intruder = new VcpuThread(fake.vcpu, second, "intruder");

        intruder.start();
        intruder.join();

        assertEquals("vCPU 0 is running on another thread", second.failures.getFirst().getMessage());
        thread.stop();
        assertEquals(List.of(), handler.failures);
    }

    private interface Action {
        void run() throws InterruptedException;
    }

    private ExitHandler handlerThat(Action action) {
        return new ExitHandler() {
            @Override
            public boolean handle(Vcpu vcpu, int reason) {
                try {
                    action.run();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return true;
            }

            @Override
            public void failed(Vcpu vcpu, RuntimeException cause) {
                handler.failed(vcpu, cause);
            }
        };
    }

    static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }
}

package jkvm.device.virtio.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jkvm.linux.EventFd;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WorkerNotifierTest {
    private final List<String> bindings = new ArrayList<>();
    private final WorkerNotifier notifier = new WorkerNotifier(new FfmSyscalls(), new DoorbellBinder() {
        @Override
        public boolean bind(EventFd event, long address, int length, boolean matches, int value) {
            synchronized (bindings) {
                return bindings.add("+" + Long.toHexString(address));
            }
        }

        @Override
        public void unbind(EventFd event, long address, int length, boolean matches, int value) {
            synchronized (bindings) {
                bindings.add("-" + Long.toHexString(address));
            }
        }
    });

    @Test
    void shouldWorkOnceForEachWakeThatComesAlone() throws Exception {
        Semaphore worked = new Semaphore(0);
        QueueNotifier.Service service = notifier.start("queue", worked::release);
        for (int i = 0; i < 3; i++) {
            service.wake();
            assertTrue(worked.tryAcquire(10, TimeUnit.SECONDS));
        }
        CountDownLatch stopped = new CountDownLatch(1);
        service.stop(stopped::countDown);
        assertTrue(stopped.await(10, TimeUnit.SECONDS));
        service.wake();
        assertFalse(worked.tryAcquire(50, TimeUnit.MILLISECONDS), "not after it was stopped");
    }

    @Test
    @DisplayName("threat 35: a service is stopped only when its work has ended")
    void shouldReportTheStopWhenTheWorkEnds() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        QueueNotifier.Service service = notifier.start("queue", () -> {
            working.countDown();
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            ended.set(true);
        });
        service.wake();
        assertTrue(working.await(10, TimeUnit.SECONDS));
        CountDownLatch stopped = new CountDownLatch(1);
        service.stop(() -> {
            assertTrue(ended.get());
            stopped.countDown();
        });
        assertFalse(stopped.await(50, TimeUnit.MILLISECONDS));
        mayEnd.countDown();
        assertTrue(stopped.await(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldKeepItsWorkWaitingWhileSomebodyIsIn() throws Exception {
        Semaphore worked = new Semaphore(0);
        QueueNotifier.Service service = notifier.start("queue", worked::release);
        assertTrue(service.enter());
        service.wake();
        assertFalse(worked.tryAcquire(50, TimeUnit.MILLISECONDS));
        service.leave();
        assertTrue(worked.tryAcquire(10, TimeUnit.SECONDS), "what was asked for meanwhile is done");
        assertTrue(service.enter());
        CountDownLatch stopped = new CountDownLatch(1);
        service.stop(stopped::countDown);
        assertFalse(stopped.await(50, TimeUnit.MILLISECONDS));
        service.leave();
        assertTrue(stopped.await(10, TimeUnit.SECONDS));
        assertFalse(service.enter());
        assertEquals(0, worked.availablePermits());
    }

    @Test
    void shouldLetOneInAtATime() throws Exception {
        int[] count = new int[1];
        QueueNotifier.Service service = notifier.start("queue", () -> count[0]++);
        Runnable enterOften = () -> {
            for (int i = 0; i < 20_000 && service.enter(); i++) {
                count[0]++;
                service.leave();
            }
        };
        Thread first = Thread.ofPlatform().start(enterOften);
        Thread second = Thread.ofPlatform().start(enterOften);
        first.join();
        second.join();
        assertTrue(service.enter());
        assertEquals(40_000, count[0]);
        service.leave();
        service.stop(() -> { });
    }

    @Test
    void shouldListenAtOneAddressAtATime() {
        QueueNotifier.Service service = notifier.start("queue", () -> { });
        service.listen(0x1000, 2, false, 0);
        service.listen(0x2000, 2, false, 0);
        service.stop(() -> { });
        service.listen(0x3000, 2, false, 0);
        synchronized (bindings) {
            assertEquals(List.of("+1000", "-1000", "+2000", "-2000"), bindings);
        }
    }
}

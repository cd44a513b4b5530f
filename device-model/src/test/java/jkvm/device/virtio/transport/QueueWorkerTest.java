package jkvm.device.virtio.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.queue.QueueEvents;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.memory.GuestMemory;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class QueueWorkerTest {
    private final GuestMemory memory = QueueDriver.newMemory();
    private final Workers workers = Workers.onThreads();
    private final Semaphore served = new Semaphore(0);
    private final Semaphore stopped = new Semaphore(0);
    private volatile Runnable inService = () -> { };
    private volatile Throwable defect;
    private final QueueWorker worker = make(workers, QueueDoorbells.NONE);

    private QueueWorker make(Workers from, QueueDoorbells doorbells) {
        return new QueueWorker.Factory(from, doorbells).make("queue", new QueueWorker.Owner() {
            @Override
            public void serve(VirtQueue queue) {
                inService.run();
                served.release();
            }

            @Override
            public void defect(Throwable thrown) {
                defect = thrown;
            }

            @Override
            public void stopped() {
                stopped.release();
            }
        });
    }

    private VirtQueue queue() {
        return new VirtQueue(memory, VirtioDriver.queue(memory, 0, 8).layout(), 8, false, false, new QueueEvents() {
            @Override
            public void interrupt() {
                throw new AssertionError("nothing was given back");
            }

            @Override
            public void failed(String reason) {
                throw new AssertionError(reason);
            }
        });
    }

    private static boolean comes(Semaphore event) {
        try {
            return event.tryAcquire(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean staysAway(Semaphore event) throws InterruptedException {
        return !event.tryAcquire(50, TimeUnit.MILLISECONDS);
    }

    /** Starts, and waits until the rounds are over that this brings. */
    private void start() throws InterruptedException {
        worker.start(queue());
        assertTrue(comes(served), "once without being woken");
        while (!staysAway(served)) {
            Thread.onSpinWait();
        }
    }

    @AfterEach
    void shouldEndWithTheMachine() {
        worker.stop();
        worker.close();
        workers.close();
    }

    @Test
    void shouldServeOnceForEachWakeThatComesAlone() throws InterruptedException {
        start();
        for (int i = 0; i < 3; i++) {
            worker.wake();
            assertTrue(comes(served));
        }
        assertTrue(worker.serve(queue -> { }), "waits for the end of the worker's service");
        worker.stop();
        assertTrue(worker.isStopped());
        assertNull(worker.queue());
        worker.wake();
        assertTrue(staysAway(served), "not after it was stopped");
        assertEquals(0, stopped.availablePermits(), "nobody was waited for");
    }

    @Test
    void shouldServeTheNextQueueAfterAStop() throws InterruptedException {
        start();
        worker.stop();
        VirtQueue next = queue();
        worker.start(next);
        assertTrue(comes(served));
        assertTrue(worker.serve(queue -> assertSame(next, queue)));
        assertThrows(IllegalStateException.class, () -> worker.start(queue()), "it is served");
    }

    @Test
    @DisplayName("a service is stopped only when its work has ended, and says so once")
    void shouldReportTheStopWhenTheWorkEnds() throws InterruptedException {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        inService = () -> {
            working.countDown();
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            ended.set(true);
        };
        VirtQueue queue = queue();
        worker.start(queue);
        assertTrue(working.await(10, TimeUnit.SECONDS));
        worker.stop();
        worker.stop();
        assertTrue(queue.isStopped(), "a long request sees it");
        assertFalse(worker.isStopped());
        assertSame(queue, worker.queue());
        assertTrue(staysAway(stopped));
        mayEnd.countDown();
        assertTrue(comes(stopped));
        assertTrue(ended.get() && worker.isStopped());
        assertTrue(staysAway(stopped), "once");
    }

    @Test
    void shouldKeepItsWorkWaitingWhileSomebodyElseServes() throws InterruptedException {
        start();
        assertTrue(worker.serve(_ -> {
            worker.wake();
            try {
                assertTrue(staysAway(served));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }));
        assertTrue(comes(served), "what was asked for meanwhile is done");
        assertTrue(worker.serve(_ -> {
            worker.stop();
            assertEquals(0, stopped.availablePermits());
        }));
        assertTrue(comes(stopped));
        assertFalse(worker.serve(_ -> served.release()));
        assertEquals(0, served.availablePermits());
    }

    @Test
    void shouldLetOneServeAtATime() throws InterruptedException {
        int[] count = new int[1];
        start();
        inService = () -> count[0]++;
        Runnable serveOften = () -> {
            for (int i = 0; i < 20_000; i++) {
                worker.serve(_ -> count[0]++);
                worker.wake();
            }
        };
        Thread first = Thread.ofPlatform().start(serveOften);
        Thread second = Thread.ofPlatform().start(serveOften);
        first.join();
        second.join();
        workers.pause();
        assertEquals(40_000 + served.availablePermits(), count[0]);
        workers.resume();
    }

    @Test
    void shouldServeNothingWhileTheWorkersArePausedAndAllThatWasAskedForAfterwards() throws InterruptedException {
        start();
        workers.pause();
        worker.wake();
        assertTrue(staysAway(served));
        worker.stop();
        assertTrue(worker.isStopped(), "a reset does not wait for the end of the pause");
        worker.start(queue());
        assertTrue(staysAway(served));
        workers.resume();
        assertTrue(comes(served));
    }

    @Test
    void shouldGiveOutNothingMoreAfterADefect() throws InterruptedException {
        start();
        inService = () -> {
            throw new IllegalStateException("for a test");
        };
        VirtQueue queue = worker.queue();
        worker.wake();
        while (defect == null) {
            Thread.onSpinWait();
        }
        assertTrue(queue.isStopped());
        assertFalse(worker.serve(_ -> served.release()));
        worker.stop();
        inService = () -> { };
        worker.start(queue());
        assertTrue(comes(served), "its thread goes on");
    }

    @Test
    void shouldListenWhileItServes() {
        FakeWorkers fake = new FakeWorkers();
        QueueWorker listening = make(fake, fake);
        listening.listen(0x1000, 2, false, 0);
        listening.start(queue());
        assertEquals(List.of(""), fake.doorbells(), "nothing listened before the start");
        listening.listen(0x1000, 2, false, 0);
        listening.listen(0x2000, 4, true, 1);
        assertEquals(List.of("2000/4=1"), fake.doorbells());
        listening.stop();
        listening.listen(0x3000, 2, false, 0);
        assertEquals(List.of(""), fake.doorbells());
        listening.start(queue());
        listening.listen(0x3000, 2, false, 0);
        assertEquals(List.of("3000/2"), fake.doorbells());
        listening.unlisten();
        assertEquals(List.of(""), fake.doorbells());
    }
}

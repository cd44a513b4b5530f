package jkvm.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WorkersTest {
    private final Workers workers = Workers.onThreads();
    private final Semaphore rounds = new Semaphore(0);
    private final Semaphore wakes = new Semaphore(0);
    private final Semaphore waits = new Semaphore(0);
    private final AtomicBoolean isOver = new AtomicBoolean();

    @AfterEach
    void close() {
        isOver.set(true);
        workers.close();
    }

    private void awaitRound() throws InterruptedException {
        assertTrue(rounds.tryAcquire(10, TimeUnit.SECONDS));
    }

    /** Waits for {@link #wakes}, which also its unblocking gives. */
    private Worker waiting(Runnable serve) {
        return workers.waiting("waiting", () -> {
            wakes.acquireUninterruptibly();
            serve.run();
        }, wakes::release);
    }

    @Test
    void shouldWorkAfterEachWakeOnAThreadOfItsOwn() throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        Worker worker = workers.worker("worker", () -> {
            thread.set(Thread.currentThread());
            rounds.release();
        });
        awaitRound();
        for (int i = 0; i < 100; i++) {
            worker.wake();
            awaitRound();
        }
        worker.close();

        assertNotSame(Thread.currentThread(), thread.get());
        assertEquals("worker", thread.get().getName());
        assertFalse(thread.get().isAlive());
    }

    @Test
    void shouldNotLoseAWakeThatComesWhileItWorks() throws InterruptedException {
        AtomicInteger produced = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        Worker worker = workers.worker("worker", () -> {
            seen.set(produced.get());
            if (seen.get() == 100_000) {
                rounds.release();
            }
        });
        for (int i = 0; i < 100_000; i++) {
            produced.incrementAndGet();
            worker.wake();
        }

        awaitRound();
        assertEquals(100_000, seen.get());
    }

    @Test
    void shouldEndTheRoundOnlyAndLogOnceWithItsNameWhenARoundThrows() throws InterruptedException {
        List<String> logged = new CopyOnWriteArrayList<>();
        Logger logger = Logger.getLogger("jkvm.work");
        Handler recorder = recorder(logged);
        logger.setUseParentHandlers(false);
        logger.addHandler(recorder);
        try {
            Worker woken = workers.worker("woken", this::fail);
            Worker waiting = waiting(this::fail);
            awaitRound();
            for (int i = 0; i < 5; i++) {
                woken.wake();
                awaitRound();
                waiting.wake();
                awaitRound();
            }
            workers.close();
        } finally {
            logger.removeHandler(recorder);
            logger.setUseParentHandlers(true);
        }

        assertEquals(List.of("woken: a defect of jkvm: java.lang.IllegalStateException: for a test",
                "waiting: a defect of jkvm: java.lang.IllegalStateException: for a test"), logged);
    }

    private void fail() {
        rounds.release();
        throw new IllegalStateException("for a test");
    }

    private static Handler recorder(List<String> messages) {
        return new Handler() {
            @Override
            public void publish(LogRecord entry) {
                if (entry.getLevel().intValue() >= Level.SEVERE.intValue()) {
                    messages.add(entry.getMessage());
                }
            }

            @Override
            public void flush() {
                // Nothing is buffered.
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
    }

    @Test
    void shouldEndTheCurrentRoundBeforeAPauseBeginsAndKeepWakesUntilItsEnd() throws InterruptedException {
        AtomicBoolean inRound = new AtomicBoolean();
        AtomicInteger count = new AtomicInteger();
        Worker worker = workers.worker("worker", () -> {
            inRound.set(true);
            rounds.release();
            sleep(2);
            count.incrementAndGet();
            inRound.set(false);
        });
        for (int i = 0; i < 50; i++) {
            worker.wake();
            awaitRound();
            workers.pause();
            assertFalse(inRound.get(), "a round goes on");
            int before = count.get();
            worker.wake();
            worker.wake();
            sleep(1);
            assertEquals(before, count.get(), "a round in the pause");
            rounds.drainPermits();
            workers.resume();
            awaitRound();
        }
    }

    private static void sleep(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldNeverRunDuringAPauseHoweverOftenItIsWoken() throws InterruptedException {
        AtomicInteger count = new AtomicInteger();
        AtomicBoolean ended = new AtomicBoolean();
        Worker worker = workers.worker("worker", count::incrementAndGet);
        Thread waker = Thread.ofPlatform().start(() -> {
            while (!ended.get()) {
                worker.wake();
            }
        });
        for (int i = 0; i < 2000; i++) {
            worker.pause();
            int before = count.get();
            Thread.onSpinWait();
            assertEquals(before, count.get());
            worker.resume();
        }
        // A worker that is resumed for a moment only may have had no turn yet.
        while (count.get() == 0) {
            Thread.onSpinWait();
        }
        ended.set(true);
        waker.join();
    }

    @Test
    void shouldUnblockAWaitingRoundToPauseAndToClose() throws InterruptedException {
        AtomicInteger count = new AtomicInteger();
        Worker worker = waiting(() -> {
            count.incrementAndGet();
            rounds.release();
        });
        wakes.release();
        awaitRound();

        workers.pause();
        int before = count.get();
        wakes.release();
        sleep(5);
        assertEquals(before, count.get(), "a round in the pause");
        workers.resume();
        awaitRound();
        worker.close();
        int atClose = count.get();
        wakes.release();
        sleep(5);

        assertEquals(atClose, count.get(), "a round after the end");
    }

    @Test
    void shouldLetARoundEndItsOwnWorker() throws InterruptedException {
        AtomicReference<Worker> self = new AtomicReference<>();
        AtomicInteger count = new AtomicInteger();
        self.set(waiting(() -> {
            count.incrementAndGet();
            self.get().close();
            rounds.release();
        }));
        wakes.release(10);
        awaitRound();
        self.get().close();

        assertEquals(1, count.get());
    }

    @Test
    void shouldStandUntilEachOwnerHasResumedIt() throws InterruptedException {
        Worker worker = workers.worker("worker", rounds::release);
        awaitRound();
        worker.pause();
        workers.pause();
        worker.wake();
        workers.resume();

        assertFalse(rounds.tryAcquire(5, TimeUnit.MILLISECONDS));
        worker.resume();
        awaitRound();
        assertThrows(IllegalStateException.class, worker::resume);
    }

    @Test
    void shouldStandFromTheStartWhenMadeDuringAPause() throws InterruptedException {
        workers.pause();
        workers.pause();
        workers.worker("worker", rounds::release);

        assertFalse(rounds.tryAcquire(5, TimeUnit.MILLISECONDS));
        workers.resume();
        awaitRound();
    }

    @Test
    void shouldEndAPausedWorkerWithoutAnotherRound() throws InterruptedException {
        Worker worker = workers.worker("worker", rounds::release);
        awaitRound();
        workers.pause();
        worker.wake();
        worker.close();
        workers.resume();

        assertFalse(rounds.tryAcquire(5, TimeUnit.MILLISECONDS));
    }

    /** A worker whose wait for {@link #wakes} nothing ends before the end of the test. */
    private Worker patient() {
        AtomicBoolean hasBrought = new AtomicBoolean();
        return workers.waiting("patient", () -> {
            if (!hasBrought.get()) {
                waits.release();
                wakes.acquireUninterruptibly();
                hasBrought.set(true);
            }
        }, () -> {
            hasBrought.set(false);
            rounds.release();
        }, () -> {
            if (isOver.get()) {
                wakes.release();
            }
        });
    }

    @Test
    void shouldPauseThoughTheHostIsWaitedForAndServeAfterwards() throws InterruptedException {
        patient();
        waits.acquire();
        workers.pause();
        wakes.release();

        assertFalse(rounds.tryAcquire(5, TimeUnit.MILLISECONDS));
        workers.resume();
        awaitRound();
    }

    @Test
    void shouldGiveUpWaitingForTheEndOfAWaitThatNothingEnds() throws InterruptedException {
        Worker worker = patient();
        waits.acquire();

        assertFalse(worker.close(5));
        wakes.release();
        assertTrue(worker.close(10_000));
        assertFalse(rounds.tryAcquire(5, TimeUnit.MILLISECONDS), "a round after the end");
    }
}

package jkvm.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WorkerTest {

    @Test
    void shouldWorkAfterEachWakeOnAThreadOfItsOwn() throws InterruptedException {
        Semaphore done = new Semaphore(0);
        AtomicReference<Thread> thread = new AtomicReference<>();
        try (Worker worker = Worker.onThread("worker", () -> {
            thread.set(Thread.currentThread());
            done.release();
        })) {
            assertTrue(done.tryAcquire(5, TimeUnit.SECONDS), "once at the start");
            for (int i = 0; i < 100; i++) {
                worker.wake();
                assertTrue(done.tryAcquire(5, TimeUnit.SECONDS));
            }
        }
        assertNotSame(Thread.currentThread(), thread.get());
        assertTrue(!thread.get().isAlive());
    }

    @Test
    void shouldGoOnAfterADefect() throws InterruptedException {
        Semaphore done = new Semaphore(0);
        try (Worker worker = Worker.onThread("worker", () -> {
            done.release();
            throw new IllegalStateException("for a test");
        })) {
            assertTrue(done.tryAcquire(5, TimeUnit.SECONDS));
            worker.wake();
            assertTrue(done.tryAcquire(5, TimeUnit.SECONDS));
        }
    }

    @Test
    void shouldNotLoseAWakeThatComesWhileItWorks() throws InterruptedException {
        AtomicInteger produced = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        Semaphore all = new Semaphore(0);
        try (Worker worker = Worker.onThread("worker", () -> {
            seen.set(produced.get());
            if (seen.get() == 100_000) {
                all.release();
            }
        })) {
            for (int i = 0; i < 100_000; i++) {
                produced.incrementAndGet();
                worker.wake();
            }
            assertTrue(all.tryAcquire(10, TimeUnit.SECONDS));
        }
        assertEquals(100_000, seen.get());
    }
}

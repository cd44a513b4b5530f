package jkvm.soft.jit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The thread of a VM that compiles hot regions while its vCPUs interpret them. Starts with the first request. The queue
 * is bounded: what does not fit is dropped, and asked for again when it has become hotter. Any thread may call.
 */
public final class CompilerThread implements AutoCloseable {
    private static final int MAX_WAITING = 256;
    private static final long WARM_UP_NANOS = 500_000;
    private final BlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private Thread thread;
    private volatile boolean closed;
    /** Regions that the JVM has still to compile: of the thread itself. */
    private final List<WarmUp> warming = new ArrayList<>();
    private long lastWarmUp;

    /** Makes a thread that is not yet running. */
    public CompilerThread() {
    }

    /** @return false if the queue is full */
    boolean submit(Runnable work) {
        if (closed || !waiting.offer(work)) {
            return false;
        }
        start();
        return true;
    }

    private synchronized void start() {
        if (thread == null && !closed) {
            thread = Thread.ofPlatform().daemon().name("soft-compiler").start(this::loop);
        }
    }

    private void loop() {
        while (!closed) {
            try {
                Runnable work = warming.isEmpty() ? waiting.take() : waiting.poll(WARM_UP_NANOS, TimeUnit.NANOSECONDS);
                if (work != null) {
                    work.run();
                }
            } catch (InterruptedException e) {
                return;
            }
            if (!warming.isEmpty() && System.nanoTime() - lastWarmUp >= WARM_UP_NANOS) {
                warming.removeIf(region -> !region.proceed());
                lastWarmUp = System.nanoTime();
            }
        }
    }

    /** Hands a region over when it is warm. Called on this thread. */
    void warmUp(WarmUp region) {
        warming.add(region);
    }

    /** Ends the thread; what waits is dropped. */
    @Override
    public synchronized void close() {
        closed = true;
        waiting.clear();
        if (thread != null) {
            thread.interrupt();
        }
    }
}

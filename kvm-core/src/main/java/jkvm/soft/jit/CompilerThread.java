package jkvm.soft.jit;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * The thread of a VM that compiles hot regions while its vCPUs interpret them. Starts with the first request. The queue
 * is bounded: what does not fit is dropped, and asked for again when it has become hotter. Any thread may call.
 */
public final class CompilerThread implements AutoCloseable {
    private static final int MAX_WAITING = 256;
    private final BlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private Thread thread;
    private volatile boolean closed;

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
                waiting.take().run();
            } catch (InterruptedException e) {
                return;
            }
        }
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

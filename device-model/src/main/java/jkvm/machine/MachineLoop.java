package jkvm.machine;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import jkvm.vm.VcpuThread;
import jkvm.work.Threads;

/** The machine's thread: acts on one request after the other, from the start to the end of a guest. */
final class MachineLoop {
    private final MachineRequests requests;
    private final MachineLife life;
    private final List<VcpuThread> threads;
    private final Runnable powerOn;
    private final Runnable end;
    /** The thread in {@link #run()}, or the one that closes a machine that never ran; null before both. */
    private final AtomicReference<Thread> runner = new AtomicReference<>();
    /** Open when nobody is in {@link #run()} any more, nor will be. */
    private final CountDownLatch left = new CountDownLatch(1);

    /**
     * @param powerOn what comes before the first request
     * @param end     stops what the guest consists of, after the last one
     */
    MachineLoop(MachineRequests requests, MachineLife life, List<VcpuThread> threads, Runnable powerOn, Runnable end) {
        this.requests = requests;
        this.life = life;
        this.threads = threads;
        this.powerOn = powerOn;
        this.end = end;
    }

    /** Runs the machine on the calling thread, once, and answers how it ended. */
    MachineExit run() {
        if (!runner.compareAndSet(null, Thread.currentThread())) {
            throw new IllegalStateException("a machine runs once, and not after it was closed");
        }
        try {
            return runToEnd();
        } finally {
            requests.end();
            left.countDown();
        }
    }

    private MachineExit runToEnd() {
        powerOn.run();
        MachineExit exit = null;
        while (exit == null && requests.peek() != null) {
            exit = serve();
        }
        if (exit == null) {
            start();
        }
        while (exit == null) {
            exit = serve();
        }
        end.run();
        life.shutDown();
        return exit;
    }

    private void start() {
        life.start();
        threads.forEach(VcpuThread::start);
        if (life.isRunning()) {
            requests.letRun();
        }
    }

    /**
     * Waits for a request and acts on it.
     *
     * @return how the machine ended, null if it goes on
     */
    private MachineExit serve() {
        MachineRequest request = requests.await();
        if (!(request instanceof MachineRequest.Command command)) {
            MachineExit exit = life.act(request);
            if (exit == null) {
                requests.done(request, life.isRunning());
            }
            return exit;
        }
        MachineExit exit = null;
        Throwable refusal = null;
        try {
            exit = command.action().run();
        } catch (RuntimeException | Error e) {
            refusal = e;
        }
        requests.done(command, exit == null && life.isRunning());
        if (refusal == null) {
            command.result().complete(null);
        } else {
            command.result().completeExceptionally(refusal);
        }
        return exit;
    }

    /**
     * Ends a run on another thread and waits for that; refuses requests from now on.
     *
     * @throws IllegalStateException from within the run
     */
    void close() {
        if (!runner.compareAndSet(null, Thread.currentThread()) && left.getCount() > 0) {
            endRun();
        }
        requests.end();
        left.countDown();
    }

    private void endRun() {
        boolean isInside = runner.get() == Thread.currentThread();
        for (VcpuThread thread : threads) {
            isInside |= thread.isOwnThread();
        }
        if (isInside) {
            throw new IllegalStateException("a machine is not closed from within; quit it, and close it after run()");
        }
        requests.post(new MachineRequest.Quit(ShutdownCause.HOST_QMP_QUIT));
        Threads.await(left);
    }
}

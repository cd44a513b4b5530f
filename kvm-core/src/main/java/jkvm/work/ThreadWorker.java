package jkvm.work;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A worker on a thread of its own. The thread says that it is busy before it looks whether it may go round; the caller
 * of {@link #pause()} asks for the pause before it looks whether the thread is busy. So one of the two sees the other.
 */
final class ThreadWorker implements Worker {
    /** After a defect: a wait that fails at once would fail again and again. */
    private static final long DEFECT_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final MachineWorkers owner;
    private final String name;
    /** Null for a worker whose round is not apart from its wait. */
    private final Runnable wait;
    private final Runnable round;
    /** Null for a worker that is woken. */
    private final Runnable unblock;
    private final Thread thread;
    private volatile boolean pending = true;
    private volatile boolean busy;
    private volatile boolean closed;
    /** Written with this object's monitor held. */
    private volatile int pauses;
    private boolean defectLogged;

    ThreadWorker(MachineWorkers owner, String name, Runnable wait, Runnable round, Runnable unblock) {
        this.owner = owner;
        this.name = name;
        this.wait = wait;
        this.round = round;
        this.unblock = unblock;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::loop);
    }

    void start(boolean paused) {
        pauses = paused ? 1 : 0;
        thread.start();
    }

    private void loop() {
        while (!closed) {
            if (wait != null) {
                runGuarded(wait);
            }
            busy = true;
            if (pauses == 0 && !closed && (pending || unblock != null)) {
                pending = false;
                runGuarded(round);
            }
            busy = false;
            if (pauses > 0) {
                tellPausers();
            }
            if (pauses > 0 || !pending && unblock == null && !closed) {
                LockSupport.park(this);
            }
        }
    }

    private void runGuarded(Runnable work) {
        try {
            work.run();
        } catch (CancellationException _) {
            // What the round works on is given up.
        } catch (RuntimeException | Error e) {
            if (!defectLogged) {
                defectLogged = true;
                MachineWorkers.logDefect(name, e);
            }
            if (unblock != null && !closed) {
                LockSupport.parkNanos(this, DEFECT_DELAY_NANOS);
            }
        }
    }

    private synchronized void tellPausers() {
        notifyAll();
    }

    @Override
    public void wake() {
        if (unblock != null) {
            unblock.run();
        } else if (!pending) {
            pending = true;
            LockSupport.unpark(thread);
        }
    }

    @Override
    public synchronized void pause() {
        pauses++;
        if (unblock != null) {
            unblock.run();
        }
        Threads.waitWhile(this, () -> busy && thread != Thread.currentThread());
    }

    @Override
    public synchronized void resume() {
        if (pauses == 0) {
            throw new IllegalStateException(name + " is not paused");
        }
        pauses--;
        LockSupport.unpark(thread);
    }

    @Override
    public void close() {
        end();
        Threads.join(thread);
    }

    @Override
    public boolean close(long milliseconds) {
        end();
        return Threads.join(thread, milliseconds);
    }

    private void end() {
        closed = true;
        if (unblock != null) {
            unblock.run();
        }
        LockSupport.unpark(thread);
        owner.remove(this);
    }
}

package jkvm.work;

import java.util.concurrent.locks.LockSupport;

/** Does work that a vCPU does not wait for: once at the beginning, and at least once after each {@link #wake()}. */
public interface Worker extends AutoCloseable {

    /** There is something to do. Any thread may call, any lock held; returns at once. */
    void wake();

    /** Ends the thread when the work that runs is done, and waits for that. Not called with a device's lock held. */
    @Override
    void close();

    /** A worker on a platform thread of its own. */
    static Worker onThread(String name, Runnable work) {
        return new ThreadWorker(name, work);
    }

    /**
     * A worker of a machine whose time is counted in instructions. The work is done on the vCPU's thread, a fixed time
     * after the wake: what it changes becomes visible to the guest at that count and at no other.
     */
    static Worker counted(InstructionClock clock, Runnable work) {
        return new CountedWorker(clock, work);
    }

    /** Parks between two runs. */
    final class ThreadWorker implements Worker {
        private final Thread thread;
        private final Runnable work;
        private volatile boolean pending;
        private volatile boolean closed;
        private boolean defectLogged;

        private ThreadWorker(String name, Runnable work) {
            this.work = work;
            thread = Thread.ofPlatform().name(name).daemon().unstarted(this::loop);
            thread.start();
        }

        private void loop() {
            while (!closed) {
                pending = false;
                runGuarded();
                while (!pending && !closed) {
                    LockSupport.park(this);
                }
            }
        }

        /** A defect of the device ends this round of work and not the thread: the next round may do. */
        private void runGuarded() {
            try {
                work.run();
            } catch (RuntimeException | Error defect) {
                if (!defectLogged) {
                    defectLogged = true;
                    System.Logger log = System.getLogger("jkvm.work");
                    log.log(System.Logger.Level.ERROR, thread.getName() + ": a defect of jkvm: " + defect);
                    log.log(System.Logger.Level.DEBUG, "thrown here", defect);
                }
            }
        }

        @Override
        public void wake() {
            if (!pending) {
                pending = true;
                LockSupport.unpark(thread);
            }
        }

        @Override
        public void close() {
            closed = true;
            LockSupport.unpark(thread);
            Threads.join(thread);
        }
    }
}

package jkvm.device.virtio.transport;

import jkvm.work.InstructionClock;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Serves queues at moments of a clock that counts instructions, on the vCPU's thread: a request is complete, its data
 * in memory and its interrupt raised, at a count that depends on nothing but the guest.
 */
public final class CountedNotifier implements QueueNotifier {
    private final Workers workers;

    public CountedNotifier(InstructionClock clock) {
        this.workers = Workers.counted(clock);
    }

    @Override
    public Service start(String name, Runnable work) {
        return new Counted(name, work);
    }

    private final class Counted implements Service {
        private final Worker worker;
        private final Runnable work;
        private boolean busy;
        private boolean stopped;
        private Runnable whenStopped;

        Counted(String name, Runnable work) {
            this.work = work;
            this.worker = workers.worker(name, this::serve);
        }

        private void serve() {
            if (enter()) {
                try {
                    work.run();
                } finally {
                    leave();
                }
            }
        }

        @Override
        public void wake() {
            worker.wake();
        }

        /** The guest's write exits, and the device that it reaches wakes this service. */
        @Override
        public void listen(long address, int length, boolean matches, int value) {
            // Nothing is bound.
        }

        @Override
        public void unlisten() {
            // Nothing was bound.
        }

        @Override
        public void awaitIdle() {
            // One thread: whoever calls this has it, and the work does not run.
        }

        @Override
        public boolean enter() {
            if (stopped) {
                return false;
            }
            busy = true;
            return true;
        }

        @Override
        public void leave() {
            busy = false;
            if (whenStopped != null) {
                Runnable told = whenStopped;
                whenStopped = null;
                told.run();
            }
        }

        @Override
        public void stop(Runnable newWhenStopped) {
            if (stopped) {
                throw new IllegalStateException("stopped twice");
            }
            stopped = true;
            worker.close();
            if (busy) {
                whenStopped = newWhenStopped;
            } else {
                newWhenStopped.run();
            }
        }
    }
}

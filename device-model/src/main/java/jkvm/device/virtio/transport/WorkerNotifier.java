package jkvm.device.virtio.transport;

import jkvm.linux.EventFd;
import jkvm.linux.Syscalls;

/** Serves each queue on a platform thread that waits on an event descriptor. */
public final class WorkerNotifier implements QueueNotifier {
    private final Syscalls syscalls;
    private final DoorbellBinder doorbells;

    public WorkerNotifier(Syscalls syscalls, DoorbellBinder doorbells) {
        this.syscalls = syscalls;
        this.doorbells = doorbells;
    }

    @Override
    public Service start(String name, Runnable work) {
        QueueThread worker = new QueueThread(EventFd.blocking(syscalls), work);
        Thread.ofPlatform().name(name).daemon().start(worker);
        return worker;
    }

    private final class QueueThread implements Service, Runnable {
        private final EventFd event;
        private final Runnable work;
        private Binding doorbell;
        private boolean busy;
        private boolean ended;
        private Runnable whenStopped;

        /** What is bound, to unbind the same. */
        private record Binding(long address, int length, boolean matches, int value) {
        }

        QueueThread(EventFd event, Runnable work) {
            this.event = event;
            this.work = work;
        }

        @Override
        public void run() {
            while (begin()) {
                try {
                    work.run();
                } finally {
                    leave();
                }
            }
            synchronized (this) {
                ended = true;
                event.close();
            }
            // Only now: a driver that resets in a loop has one thread and one descriptor a queue, no more.
            whenStopped.run();
        }

        /**
         * Waits for a signal.
         *
         * @return false if there is nothing more to do
         */
        private boolean begin() {
            event.await();
            return enter();
        }

        @Override
        public synchronized boolean enter() {
            awaitIdle();
            busy = whenStopped == null;
            return busy;
        }

        @Override
        public synchronized void leave() {
            busy = false;
            notifyAll();
        }

        @Override
        public synchronized void wake() {
            if (!ended) {
                event.signal();
            }
        }

        @Override
        public synchronized void listen(long address, int length, boolean matches, int value) {
            unlisten();
            if (whenStopped == null && doorbells.bind(event, address, length, matches, value)) {
                doorbell = new Binding(address, length, matches, value);
            }
        }

        @Override
        public synchronized void unlisten() {
            if (doorbell != null) {
                doorbells.unbind(event, doorbell.address, doorbell.length, doorbell.matches, doorbell.value);
                doorbell = null;
            }
        }

        @Override
        public synchronized void awaitIdle() {
            boolean interrupted = false;
            while (busy) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public synchronized void stop(Runnable newWhenStopped) {
            if (whenStopped != null) {
                throw new IllegalStateException("stopped twice");
            }
            unlisten();
            whenStopped = newWhenStopped;
            wake();
        }
    }
}

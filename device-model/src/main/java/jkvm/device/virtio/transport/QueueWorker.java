package jkvm.device.virtio.transport;

import jkvm.device.virtio.QueueWork;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.work.Threads;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Serves one queue: its {@link Worker} does, or a thread of the device's through {@link #serve}, never both at once. It
 * is there as long as the device, and serves one {@link VirtQueue} after the other:
 *
 * <pre>
 * STOPPED  -> IDLE      start()
 * IDLE     -> SERVING   the worker goes round, or serve() is called
 * SERVING  -> IDLE      that has ended
 * SERVING  -> STOPPING  stop()
 * STOPPING -> STOPPED   the service has ended, and Owner.stopped() is called
 * IDLE     -> STOPPED   stop()
 * </pre>
 *
 * <p>Any thread may call. The monitor guards the state; nothing but the doorbell is called with it held.
 */
final class QueueWorker {
    enum State { STOPPED, IDLE, SERVING, STOPPING }

    private final String name;
    private final Workers workers;
    private final QueueDoorbells doorbells;
    private final Owner owner;
    private State state = State.STOPPED;
    private VirtQueue queue;
    /** Made at the first start; a queue that no driver uses has no thread. */
    private QueueDoorbell doorbell;
    private volatile Worker worker;

    /** Whose queue it is. Called with no lock of this class held. */
    interface Owner {

        /** Does all that is to be done in the queue. */
        void serve(VirtQueue queue);

        /** A service has thrown what it should not have. The queue gives out nothing more. */
        void defect(Throwable thrown);

        /** A service has ended that {@link QueueWorker#stop()} did not wait for. On the thread that served. */
        void stopped();
    }

    /** Makes a device's workers. */
    record Factory(Workers workers, QueueDoorbells doorbells) {

        /** @param name for the thread */
        QueueWorker make(String name, Owner owner) {
            return new QueueWorker(name, workers, doorbells, owner);
        }
    }

    private QueueWorker(String name, Workers workers, QueueDoorbells doorbells, Owner owner) {
        this.name = name;
        this.workers = workers;
        this.doorbells = doorbells;
        this.owner = owner;
    }

    /** Begins to serve a queue, at first without a notification. Called while stopped, by one thread at a time. */
    void start(VirtQueue started) {
        synchronized (this) {
            if (state != State.STOPPED) {
                throw new IllegalStateException(name + " is " + state);
            }
            state = State.IDLE;
            queue = started;
            if (worker == null) {
                doorbell = doorbells.open();
            }
        }
        if (worker == null) {
            worker = doorbell == null ? workers.worker(name, this::round)
                    : workers.waiting(name, this::awaitAndRound, doorbell::ring);
        }
        worker.wake();
    }

    synchronized boolean isStopped() {
        return state == State.STOPPED;
    }

    /** The queue that is served, also while that ends; null if it is stopped. */
    synchronized VirtQueue queue() {
        return queue;
    }

    /** Wakes the worker to look into the queue. */
    void wake() {
        Worker woken = worker;
        if (woken != null) {
            woken.wake();
        }
    }

    private void awaitAndRound() {
        doorbell.await();
        round();
    }

    private void round() {
        VirtQueue served = enter();
        if (served != null) {
            try {
                if (!served.isStopped()) {
                    owner.serve(served);
                }
            } catch (RuntimeException | Error e) {
                failed(served, e);
            } finally {
                leave();
            }
        }
    }

    /**
     * Does work on the queue on the calling thread. Waits for a service that runs.
     *
     * @return false if the queue is not served now
     */
    boolean serve(QueueWork work) {
        VirtQueue served = enter();
        if (served == null) {
            return false;
        }
        try {
            boolean serves = !served.isStopped();
            if (serves) {
                work.run(served);
            }
            return serves;
        } catch (RuntimeException | Error e) {
            failed(served, e);
            return true;
        } finally {
            leave();
        }
    }

    private void failed(VirtQueue served, Throwable cause) {
        served.stop();
        owner.defect(cause);
    }

    /** @return null if the queue is not to be served now; else {@link #leave()} follows */
    private synchronized VirtQueue enter() {
        awaitService();
        if (state != State.IDLE) {
            return null;
        }
        state = State.SERVING;
        return queue;
    }

    private void leave() {
        boolean stopped;
        synchronized (this) {
            stopped = state == State.STOPPING;
            if (stopped) {
                stopNow();
            } else {
                state = State.IDLE;
            }
            notifyAll();
        }
        if (stopped) {
            owner.stopped();
        }
    }

    private void stopNow() {
        state = State.STOPPED;
        queue = null;
    }

    /** Waits until no service runs. The monitor is held. */
    private void awaitService() {
        if (isServing()) {
            Threads.waitWhile(this, this::isServing);
        }
    }

    private boolean isServing() {
        return state == State.SERVING || state == State.STOPPING;
    }

    /**
     * Ends the service: at once if none runs, as {@link #isStopped()} then says, or else when it ends, and {@link
     * Owner#stopped()} is called.
     */
    synchronized void stop() {
        if (state == State.IDLE || state == State.SERVING) {
            queue.stop();
            if (doorbell != null) {
                doorbell.unlisten();
            }
            if (state == State.SERVING) {
                state = State.STOPPING;
            } else {
                stopNow();
            }
        }
    }

    /** The guest's writes to this address wake the worker, as {@link QueueDoorbell#listen} says. */
    synchronized void listen(long address, int length, boolean matches, int value) {
        if (doorbell != null && (state == State.IDLE || state == State.SERVING)) {
            doorbell.listen(address, length, matches, value);
        }
    }

    /** No writes of the guest wake the worker. */
    synchronized void unlisten() {
        if (doorbell != null) {
            doorbell.unlisten();
        }
    }

    /** Ends the worker. The queue is stopped. */
    void close() {
        if (worker != null) {
            worker.close();
        }
        if (doorbell != null) {
            doorbell.close();
        }
    }
}

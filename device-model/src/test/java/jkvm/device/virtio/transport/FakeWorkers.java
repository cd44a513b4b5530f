package jkvm.device.virtio.transport;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.InstructionClock;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Serves queues on the test's own thread: at once when they are woken, or when {@link #run} is called. Gives them
 * doorbells that ring nothing but say where they are.
 */
public final class FakeWorkers implements Workers, QueueDoorbells {
    private final List<FakeDoorbell> doorbells = new ArrayList<>();
    private final Deque<FakeWorker> woken = new ArrayDeque<>();
    private boolean held;

    /** From now on work waits for {@link #run}. */
    public void hold() {
        held = true;
    }

    /** Does all the work that waits. */
    public void run() {
        while (!woken.isEmpty()) {
            woken.poll().go();
        }
    }

    /** Where the queues listen that are served, in order of their start: {@code address/length[=value]}, or nothing. */
    public List<String> doorbells() {
        return doorbells.stream().map(doorbell -> doorbell.place).toList();
    }

    /** Queues that listen. */
    public int listening() {
        return (int) doorbells().stream().filter(place -> !place.isEmpty()).count();
    }

    @Override
    public QueueDoorbell open() {
        doorbells.add(new FakeDoorbell());
        return doorbells.getLast();
    }

    @Override
    public Worker worker(String name, Runnable work) {
        return waiting(name, work, () -> { });
    }

    @Override
    public Worker waiting(String name, Runnable round, Runnable unblock) {
        return new FakeWorker(round);
    }

    @Override
    public InstructionClock clock() {
        return null;
    }

    @Override
    public void save(StateWriter out) {
        throw new UnsupportedOperationException("no machine is saved with these");
    }

    @Override
    public void load(StateReader in) {
        throw new UnsupportedOperationException("no machine is loaded with these");
    }

    @Override
    public void pause() {
        // The test's own thread does the work.
    }

    @Override
    public void resume() {
        // The test's own thread does the work.
    }

    @Override
    public void close() {
        woken.clear();
    }

    private final class FakeWorker implements Worker {
        private final Runnable round;
        private boolean pending;
        private boolean going;

        FakeWorker(Runnable round) {
            this.round = round;
        }

        private void go() {
            pending = true;
            while (pending && !going) {
                pending = false;
                going = true;
                round.run();
                going = false;
            }
        }

        @Override
        public void wake() {
            if (held) {
                woken.add(this);
            } else {
                go();
            }
        }

        @Override
        public void pause() {
            // The test's own thread does the work.
        }

        @Override
        public void resume() {
            // The test's own thread does the work.
        }

        @Override
        public void close() {
            woken.remove(this);
        }
    }

    private static final class FakeDoorbell implements QueueDoorbell {
        private String place = "";

        @Override
        public void await() {
            // It was rung: the worker goes round for nothing else.
        }

        @Override
        public void ring() {
            // Nobody waits.
        }

        @Override
        public void listen(long address, int length, boolean matches, int value) {
            place = Long.toHexString(address) + "/" + length + (matches ? "=" + value : "");
        }

        @Override
        public void unlisten() {
            place = "";
        }

        @Override
        public void close() {
            unlisten();
        }
    }
}

package jkvm.device.virtio.transport;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Serves queues on the test's own thread: at once when they are woken, or when {@link #run} is called. */
public final class FakeNotifier implements QueueNotifier {
    private final List<Fake> services = new ArrayList<>();
    private final Deque<Fake> woken = new ArrayDeque<>();
    private boolean held;

    /** From now on work waits for {@link #run}. */
    public void hold() {
        held = true;
    }

    /** Does all the work that waits. */
    public void run() {
        while (!woken.isEmpty()) {
            woken.poll().work();
        }
    }

    /** Where each service that runs listens, in order of their start: {@code address/length[=value]}, or nothing. */
    public List<String> doorbells() {
        return services.stream().filter(service -> !service.stopped).map(service -> service.doorbell).toList();
    }

    /** Services that run. */
    public int running() {
        return doorbells().size();
    }

    @Override
    public Service start(String name, Runnable work) {
        Fake service = new Fake(work);
        services.add(service);
        return service;
    }

    private final class Fake implements Service {
        private final Runnable work;
        private String doorbell = "";
        private boolean stopped;
        private boolean working;
        private Runnable whenStopped;

        Fake(Runnable work) {
            this.work = work;
        }

        private void work() {
            if (!working && enter()) {
                work.run();
                leave();
            }
        }

        @Override
        public boolean enter() {
            if (working) {
                throw new AssertionError("waits for itself");
            }
            working = !stopped;
            return working;
        }

        @Override
        public void leave() {
            working = false;
            if (whenStopped != null) {
                stopped = true;
                whenStopped.run();
            }
        }

        @Override
        public void wake() {
            if (held) {
                woken.add(this);
            } else {
                work();
            }
        }

        @Override
        public void listen(long address, int length, boolean matches, int value) {
            doorbell = Long.toHexString(address) + "/" + length + (matches ? "=" + value : "");
        }

        @Override
        public void unlisten() {
            doorbell = "";
        }

        @Override
        public void awaitIdle() {
            // One thread: nothing runs beside the caller.
        }

        @Override
        public void stop(Runnable newWhenStopped) {
            if (working) {
                whenStopped = newWhenStopped;
            } else {
                stopped = true;
                newWhenStopped.run();
            }
        }
    }
}

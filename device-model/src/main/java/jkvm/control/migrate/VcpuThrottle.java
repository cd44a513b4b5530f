package jkvm.control.migrate;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jkvm.machine.Machine;
import jkvm.work.Worker;
import jkvm.work.Workers;

/** Keeps a machine's vCPUs from running for a share of the time. Any thread may call. */
final class VcpuThrottle implements AutoCloseable {
    private static final long RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** So that the machine acts on other commands soon. */
    private static final long MAX_STOP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Machine machine;
    private final Worker worker;
    private volatile long percent;

    VcpuThrottle(Machine machine, Workers workers) {
        this.machine = machine;
        worker = workers.worker("migration-throttle", this::round);
    }

    /** The share in percent, 0 to 99. */
    long percent() {
        return percent;
    }

    /** @param share 0 to 99 */
    void set(long share) {
        percent = share;
        worker.wake();
    }

    private void round() {
        long share = percent;
        if (share == 0) {
            return;
        }
        long stop = RUN_NANOS * share / (100 - share);
        long run = stop <= MAX_STOP_NANOS ? RUN_NANOS : MAX_STOP_NANOS * (100 - share) / share;
        LockSupport.parkNanos(run);
        CompletableFuture<Void> stopped = machine.migration().throttle(Duration.ofNanos(Math.min(stop,
                MAX_STOP_NANOS)));
        try {
            stopped.join();
            worker.wake();
        } catch (CompletionException _) {
            // The machine has ended.
        }
    }

    @Override
    public void close() {
        percent = 0;
        worker.close();
    }
}

package jkvm.control.migrate;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import jkvm.machine.Machine;
import jkvm.machine.MachineMigration;
import jkvm.machine.RunState;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.memory.MissingPages;
import jkvm.memory.PageBitmap;
import jkvm.state.StateException;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * The machine that comes before all of its RAM: it loads its devices and runs while the thread that reads the stream
 * puts in what comes. A worker writes the messages to the source, so that a vCPU that needs a page never waits for the
 * connection itself.
 */
final class PostcopyTarget implements AutoCloseable {
    private final MachineMigration steps;
    private final MissingPages.Host host;
    private final MissingPages pages;
    private final Queue<SwitchMessage> messages = new ConcurrentLinkedQueue<>();
    private final MigrationChannel open;
    private final Worker writer;
    /** Null before its step begins, as the next one. Of the thread that reads. */
    private CompletableFuture<Void> loaded;
    private CompletableFuture<Void> runs;
    private volatile boolean isReady;

    /**
     * Begins it: pages are missing from now on.
     *
     * @param missing the source's word for which
     */
    @SuppressWarnings("this-escape")
    PostcopyTarget(Machine machine, byte[] missing, MigrationChannel open, Workers workers) {
        this.open = open;
        steps = machine.migration();
        host = steps.pageHost().orElseThrow(() -> new StateException("postcopy-ram: this machine cannot run before its"
                + " memory has come: that needs -accel soft, and time that is not counted in instructions"));
        pages = new MissingPages(machine.memory(), bits(machine, missing), this::request);
        writer = workers.worker("migration requests", this::write);
        pages.begin(host);
    }

    private static PageBitmap bits(Machine machine, byte[] missing) {
        PageBitmap bitmap = new PageBitmap(machine.memory());
        long[] bits = new long[bitmap.toBits().length];
        if (missing.length != bits.length * Long.BYTES) {
            throw new StateException("the list of missing pages is of a machine with other memory");
        }
        ByteBuffer.wrap(missing).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(bits);
        int rest = (int) (bitmap.pages() % Long.SIZE);
        if (rest != 0 && bits[bits.length - 1] >>> rest != 0) {
            throw new StateException("the list of missing pages names some that there are not");
        }
        bitmap.addBits(0, MemorySegment.ofArray(bits));
        return bitmap;
    }

    private void request(long gpa) {
        tell(new SwitchMessage(SwitchMessage.Kind.PAGE, Long.toHexString(gpa)));
    }

    private void tell(SwitchMessage message) {
        messages.add(message);
        writer.wake();
    }

    private synchronized void write() {
        try {
            for (SwitchMessage next = messages.poll(); next != null; next = messages.poll()) {
                next.write(open);
            }
        } catch (IOException _) {
            // Who reads sees the end of the connection too.
        }
    }

    /** Tells the source how a step has ended; the answer is complete after that. */
    private CompletableFuture<Void> told(CompletableFuture<Void> step, SwitchMessage.Kind kind) {
        return step.whenComplete((_, failure) -> {
            isReady |= failure == null;
            tell(failure == null ? SwitchMessage.of(kind)
                    : new SwitchMessage(SwitchMessage.Kind.FAILED, Steps.reason(failure)));
        });
    }

    /** The states of devices are there: loads them, while pages come. */
    void load(MachineSnapshot state) {
        if (loaded != null) {
            throw outOfTurn();
        }
        loaded = told(steps.load(state), SwitchMessage.Kind.READY);
    }

    /** The source has given up its disks: the machine goes on. */
    void go(RunState as) {
        if (!isReady || runs != null) {
            throw outOfTurn();
        }
        runs = told(steps.arrive(as), SwitchMessage.Kind.RUNNING);
    }

    private static StateException outOfTurn() {
        return new StateException("the other side does a step of post-copy out of turn");
    }

    /** @throws IOException if the machine could not load its state, or take its disks */
    void requireWell() throws IOException {
        if (loaded != null && loaded.isCompletedExceptionally()) {
            Steps.await(loaded);
        }
        if (runs != null && runs.isCompletedExceptionally()) {
            Steps.await(runs);
        }
    }

    /** True once the machine may have run. */
    boolean mayHaveRun() {
        return runs != null && !runs.isCompletedExceptionally();
    }

    /** Takes pages that have come. */
    void take(long gpa, MemorySegment bytes) {
        pages.take(gpa, bytes);
    }

    /** Takes pages of zeroes. */
    void takeZeroes(long gpa, long count) {
        pages.takeZeroes(gpa, count);
    }

    /** The stream has ended. */
    void finish() throws IOException {
        if (runs == null || pages.count() > 0) {
            throw new StateException("the other side has left out %d pages".formatted(pages.count()));
        }
        Steps.await(runs);
        pages.end(host);
        messages.add(SwitchMessage.of(SwitchMessage.Kind.RECEIVED));
        write();
    }

    /** The rest does not come: whoever waits for it is let go, and the machine stands. */
    void lose() {
        pages.lose();
        if (mayHaveRun()) {
            var _ = steps.lacksPages();
        }
    }

    @Override
    public void close() {
        writer.close();
    }
}

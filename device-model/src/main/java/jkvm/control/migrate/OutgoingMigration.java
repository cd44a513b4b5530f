package jkvm.control.migrate;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import jkvm.machine.Machine;
import jkvm.machine.MachineMigration;
import jkvm.machine.RunState;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.RamLayout;
import jkvm.machine.snapshot.SnapshotWriter;
import jkvm.memory.DirtyPages;
import jkvm.memory.PageBitmap;
import jkvm.work.Threads;
import jkvm.work.Workers;

/**
 * Sends a machine to another process. {@link #run()} carries it out on a thread of its own; other threads may look,
 * cancel and let it go on. {@link jkvm.control.migrate} tells the conversation.
 */
final class OutgoingMigration {
    /** Opens the connection. */
    @FunctionalInterface
    interface Opening {
        /**
         * Returns when there is one.
         *
         * @param begun gets what ends the wait when it is closed
         * @throws IOException with a sentence for the user
         */
        MigrationChannel open(Consumer<Closeable> begun) throws IOException;
    }

    private static final String CANCELLED = "the migration was cancelled";
    /** Passes beyond those that the downtime asks for, as long as each leaves at most half. */
    private static final int MAX_FURTHER_PASSES = 6;
    private static final long FEW_BYTES = 1 << 20;

    private final Machine machine;
    private final MachineMigration steps;
    private final MigrationSettings settings;
    private final Opening opening;
    private final ChannelSecurity security;
    private final MigrationListener listener;
    private final VcpuThrottle throttle;
    private final SendStatistics statistics;
    /** Guarded by this, as the next four. */
    private MigrationStatus status = MigrationStatus.SETUP;
    private String error;
    /** What a cancellation closes; null before there is something. */
    private Closeable connection;
    private boolean isCancelled;
    private boolean mayProceed;
    /** The state before the machine stopped; null before that. */
    private RunState before;
    /** The other side may run. */
    private boolean isHandedOver;
    private boolean wantsPostcopy;
    /** The machine goes on before its RAM is there: once that has happened, it cannot go on here. */
    private boolean isPostcopy;
    private final Workers workers;

    OutgoingMigration(Machine machine, MigrationSettings settings, Opening opening, ChannelSecurity security,
            MigrationListener listener, Workers workers) {
        this.machine = machine;
        this.steps = machine.migration();
        this.settings = settings;
        this.opening = opening;
        this.security = security;
        this.listener = listener;
        this.workers = workers;
        throttle = new VcpuThrottle(machine, workers);
        statistics = new SendStatistics(machine.memory().size());
    }

    /** Carries it out, to whatever end. */
    void run() {
        try (throttle) {
            carryOut();
        } catch (IOException | RuntimeException e) {
            fail(Steps.reason(e));
        }
    }

    private void carryOut() throws IOException {
        try (MigrationChannel raw = opening.open(this::keep)) {
            keep(raw);
            requireWanted();
            MigrationChannel open = security.secure(raw, false);
            if (!open.isTwoWay() && settings.has(MigrationCapability.POSTCOPY_RAM)) {
                throw new IOException("Unable to open return-path for postcopy");
            }
            SnapshotWriter out = new SnapshotWriter(open);
            try (DirtyPages dirty = Steps.await(machine.trackWrites())) {
                out.configuration(Steps.await(steps.configuration()));
                out.layout(RamLayout.of(machine.memory()));
                MigrationHeader.write(out, open.isTwoWay());
                sendMachine(out, dirty, open);
            } catch (IOException | RuntimeException e) {
                abort(out, Steps.reason(e));
                throw e;
            }
            handOver(open);
        }
    }

    private synchronized void keep(Closeable open) {
        connection = open;
        if (isCancelled) {
            closeQuietly(open);
        }
    }

    private static void closeQuietly(Closeable open) {
        try {
            open.close();
        } catch (IOException _) {
            // It is of no use any more.
        }
    }

    /** Tells the other side the reason, if it is there. */
    private static void abort(SnapshotWriter out, String why) {
        try {
            out.abort(why);
        } catch (IOException | IllegalStateException _) {
            // It sees the end of the connection.
        }
    }

    private void sendMachine(SnapshotWriter out, DirtyPages dirty, MigrationChannel open) throws IOException {
        if (settings.has(MigrationCapability.COMPRESS)) {
            out.compress((int) settings.number(MigrationParameter.COMPRESS_LEVEL));
        }
        PageBitmap pages = new PageBitmap(machine.memory());
        pages.addAll();
        statistics.begin(out, pages);
        tellPass();
        become(MigrationStatus.ACTIVE);
        PageSender sender = new PageSender(machine.memory(), out, settings::bandwidth);
        sendWhileRunning(sender, pages, dirty);
        RunState stopped = stopMachine();
        MachineSnapshot devices = Steps.await(steps.save());
        dirty.take(pages);
        tellPass();
        if (beginsPostcopy()) {
            sendLate(new PostcopySource.Line(open, out, statistics), pages, devices, stopped);
            return;
        }
        new PageSender(machine.memory(), out, () -> Long.MAX_VALUE).send(pages, this::requireWanted);
        devices.writeSections(out);
        MigrationHeader.writeState(out, stopped);
        if (!open.isTwoWay()) {
            // The other side runs as soon as it sees the end.
            Steps.await(steps.giveUpDisks());
        }
        out.end();
        statistics.update();
    }

    private RunState stopMachine() throws IOException {
        statistics.stops();
        RunState stopped = Steps.await(steps.stop());
        synchronized (this) {
            before = stopped;
        }
        throttle.set(0);
        if (settings.has(MigrationCapability.PAUSE_BEFORE_SWITCHOVER)) {
            become(MigrationStatus.PRE_SWITCHOVER);
            awaitPermission();
            become(MigrationStatus.DEVICE);
        }
        return stopped;
    }

    /** The machine goes on there, then the rest of its RAM follows. */
    private void sendLate(PostcopySource.Line line, PageBitmap pages, MachineSnapshot devices, RunState stopped)
            throws IOException {
        line.out().section(MigrationHeader.MISSING, PostcopySource.missing(pages));
        devices.writeSections(line.out());
        MigrationHeader.writeState(line.out(), stopped);
        line.out().section(MigrationHeader.DEVICES, new byte[0]);
        statistics.update();
        statistics.beginsPostcopy(pages.count() * PageBitmap.PAGE);
        become(MigrationStatus.POSTCOPY_ACTIVE);
        PostcopySource rest = new PostcopySource(line, machine.memory(), pages, settings, new Departure(), workers);
        try {
            rest.send();
        } finally {
            closeQuietly(line.open());
            rest.close();
        }
    }

    private final class Departure implements PostcopySource.Switch {
        @Override
        public void requireWanted() throws IOException {
            OutgoingMigration.this.requireWanted();
        }

        @Override
        public void handOver() throws IOException {
            Steps.await(steps.giveUpDisks());
            synchronized (OutgoingMigration.this) {
                OutgoingMigration.this.requireWanted();
                isHandedOver = true;
            }
        }

        @Override
        public void runsThere() {
            statistics.resumes();
        }

        @Override
        public void isRefused() {
            synchronized (OutgoingMigration.this) {
                isHandedOver = false;
            }
        }
    }

    private synchronized boolean beginsPostcopy() {
        isPostcopy = wantsPostcopy;
        return isPostcopy;
    }

    private synchronized boolean wantsPostcopy() {
        return wantsPostcopy;
    }

    /** Stops soon and lets the machine go on there, whatever RAM is missing. */
    synchronized void startPostcopy() {
        wantsPostcopy = true;
    }

    /** Until the rest fits into the downtime that is allowed. */
    private void sendWhileRunning(PageSender sender, PageBitmap pages, DirtyPages dirty) throws IOException {
        AutoConverge converge = new AutoConverge(settings, throttle);
        long last = Long.MAX_VALUE;
        for (int further = 0; further < MAX_FURTHER_PASSES;) {
            sender.send(pages, () -> {
                statistics.update();
                return requireWanted() && !wantsPostcopy();
            });
            if (wantsPostcopy()) {
                return;
            }
            dirty.take(pages);
            tellPass();
            statistics.passed();
            long left = pages.count() * PageBitmap.PAGE;
            boolean fits = statistics.millisToSend(left) <= settings.number(MigrationParameter.DOWNTIME_LIMIT);
            if (fits && (left <= FEW_BYTES || left > last / 2)) {
                return;
            }
            if (fits) {
                further++;
            } else {
                converge.passed(statistics);
            }
            last = left;
        }
    }

    private void tellPass() {
        listener.pass(statistics.countPass());
    }

    /** The stream is with the other side, or on its way. */
    private void handOver(MigrationChannel open) throws IOException {
        if (open.isTwoWay() && !isHandedOver()) {
            expect(open, SwitchMessage.Kind.READY);
            requireWanted();
            Steps.await(steps.giveUpDisks());
            SwitchMessage.of(SwitchMessage.Kind.GO).write(open);
            synchronized (this) {
                isHandedOver = true;
            }
            expect(open, SwitchMessage.Kind.RUNNING);
        }
        open.finish();
        Steps.await(steps.left());
        statistics.ends();
        become(MigrationStatus.COMPLETED);
    }

    private synchronized boolean isHandedOver() {
        return isHandedOver;
    }

    private void expect(MigrationChannel open, SwitchMessage.Kind kind) throws IOException {
        SwitchMessage message = SwitchMessage.read(open);
        if (message.kind() == SwitchMessage.Kind.FAILED) {
            synchronized (this) {
                // It says so itself: it does not run.
                isHandedOver = false;
            }
            throw new IOException("the other side: " + message.text());
        }
        if (message.kind() != kind) {
            throw new IOException("the other side answers out of turn");
        }
    }

    /** @return true */
    private synchronized boolean requireWanted() throws IOException {
        if (isCancelled) {
            throw new IOException(CANCELLED);
        }
        return true;
    }

    private synchronized void awaitPermission() throws IOException {
        Threads.waitWhile(this, () -> !mayProceed && !isCancelled);
        requireWanted();
    }

    /** Ends it; the machine goes on here, but where the other one may. */
    private void fail(String why) {
        boolean mayStay;
        boolean cancelled;
        boolean isLate;
        synchronized (this) {
            mayStay = !isHandedOver;
            cancelled = isCancelled;
            isLate = isPostcopy;
        }
        String told = why;
        try {
            if (!mayStay && isLate) {
                told = why + "; the machine runs there, and does not go on here";
            } else if (!mayStay) {
                Steps.await(steps.left());
                told = why + "; the machine may run there: cont lets it go on here if it does not";
            } else if (before != null) {
                Steps.await(steps.stay(before));
            }
        } catch (IOException e) {
            told = why + "; " + e.getMessage();
        }
        synchronized (this) {
            error = told;
        }
        statistics.ends();
        become(!mayStay && isLate ? MigrationStatus.POSTCOPY_PAUSED
                : mayStay && cancelled ? MigrationStatus.CANCELLED : MigrationStatus.FAILED);
    }

    /** Cancels it where that is still possible, and returns at once. */
    void cancel() {
        Closeable open;
        synchronized (this) {
            if (!status.isUnderWay() || isCancelled || isPostcopy && isHandedOver) {
                return;
            }
            isCancelled = true;
            open = connection;
            notifyAll();
        }
        become(MigrationStatus.CANCELLING);
        if (open != null) {
            closeQuietly(open);
        }
    }

    /** Ends it, as its machine ends. */
    void stop() {
        cancel();
        Closeable open;
        synchronized (this) {
            open = connection;
        }
        if (open != null) {
            closeQuietly(open);
        }
    }

    /** @throws MigrationException if it is not in the state that the user means */
    synchronized void proceed(MigrationStatus from) throws MigrationException {
        if (status != from || from != MigrationStatus.PRE_SWITCHOVER) {
            throw new MigrationException("Migration not in expected state: " + status.text());
        }
        mayProceed = true;
        notifyAll();
    }

    private void become(MigrationStatus next) {
        synchronized (this) {
            if (status == MigrationStatus.CANCELLING && next.isUnderWay()) {
                return;
            }
            status = next;
            notifyAll();
        }
        listener.status(next);
    }

    /** Waits for its end, and answers how it ended. */
    MigrationProgress awaitEnd() {
        synchronized (this) {
            Threads.waitWhile(this, () -> status.isUnderWay() && status != MigrationStatus.POSTCOPY_PAUSED);
        }
        return progress();
    }

    MigrationStatus status() {
        synchronized (this) {
            return status;
        }
    }

    MigrationProgress progress() {
        MigrationStatus now;
        Optional<String> why;
        synchronized (this) {
            now = status;
            why = Optional.ofNullable(error).filter(_ ->
                    now == MigrationStatus.FAILED || now == MigrationStatus.POSTCOPY_PAUSED);
        }
        return statistics.progress(now, why, throttle.percent(),
                settings.number(MigrationParameter.DOWNTIME_LIMIT));
    }
}

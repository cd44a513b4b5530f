package jkvm.control.migrate;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;
import java.util.Optional;
import jkvm.machine.Machine;
import jkvm.machine.MachineMigration;
import jkvm.machine.snapshot.MachineConfiguration;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.SnapshotFile;
import jkvm.machine.snapshot.SnapshotReader;
import jkvm.machine.snapshot.SnapshotRecord;
import jkvm.memory.GuestMemory;
import jkvm.memory.PageBitmap;
import jkvm.state.StateException;
import jkvm.work.Workers;

/**
 * Receives a machine from another process, into one that waits for it. {@link #run()} carries it out on a thread of its
 * own. Where it fails, the machine ends with one line and status 1.
 */
final class IncomingMigration {
    private static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[PageBitmap.PAGE]);

    private final Machine machine;
    private final MachineMigration steps;
    private final MigrationEndpoints.Listener listener;
    private final ChannelSecurity security;
    private final MigrationListener events;
    private final MigrationHeader header = new MigrationHeader();
    private final MachineSnapshot.Sections sections = new MachineSnapshot.Sections();
    private final long begin = System.nanoTime();
    /** Guarded by this, as the next three. */
    private MigrationStatus status = MigrationStatus.SETUP;
    private String error;
    private MigrationChannel channel;
    private boolean isStopped;
    private final Workers workers;
    /** Null before the source switches to post-copy. Of the thread that carries it out. */
    private PostcopyTarget late;

    IncomingMigration(Machine machine, MigrationEndpoints.Listener listener, ChannelSecurity security,
            MigrationListener events, Workers workers) {
        this.workers = workers;
        this.machine = machine;
        this.steps = machine.migration();
        this.listener = listener;
        this.security = security;
        this.events = events;
    }

    /** Carries it out, to whatever end. */
    void run() {
        MigrationChannel open = null;
        try {
            MigrationChannel accepted = listener.accept();
            keep(accepted);
            open = security.secure(accepted, true);
            become(MigrationStatus.ACTIVE);
            try (SnapshotFile file = listener.mapped(machine.memory().size()).orElse(null)) {
                if (file == null) {
                    receive(open);
                } else {
                    receive(file.snapshot());
                    requireAnswerable(open);
                }
            }
            if (late == null) {
                goOn(open);
            }
            become(MigrationStatus.COMPLETED);
        } catch (IOException | RuntimeException e) {
            failAt(open, Steps.reason(e));
        } finally {
            close(open);
            if (late != null) {
                late.close();
            }
        }
    }

    private void failAt(MigrationChannel open, String why) {
        if (late == null) {
            fail(open, why);
            return;
        }
        String told = why;
        try {
            late.requireWell();
        } catch (IOException e) {
            told = Steps.reason(e);
        }
        late.lose();
        if (late.mayHaveRun()) {
            stand(told);
        } else {
            fail(open, told);
        }
    }

    /** The machine has run here, and the rest of its RAM does not come. */
    private void stand(String why) {
        boolean isWanted;
        synchronized (this) {
            error = why;
            isWanted = !isStopped;
        }
        if (isWanted) {
            System.getLogger("jkvm.migration").log(System.Logger.Level.WARNING, "post-copy: " + why + "; the guest"
                    + " stands, as pages of its memory are in the other machine only, and jkvm does not fetch them over"
                    + " a new connection");
        }
        become(MigrationStatus.POSTCOPY_PAUSED);
    }

    private void keep(MigrationChannel open) {
        boolean isUnwanted;
        synchronized (this) {
            channel = open;
            isUnwanted = isStopped;
        }
        if (isUnwanted) {
            close(open);
        }
    }

    private void receive(MigrationChannel open) throws IOException {
        SnapshotReader in = new SnapshotReader(open);
        MachineConfiguration configuration = null;
        boolean hasRam = false;
        GuestMemory memory = machine.memory();
        for (SnapshotRecord record = in.next(); !(record instanceof SnapshotRecord.End); record = in.next()) {
            switch (record) {
                case SnapshotRecord.Configuration first -> {
                    configuration = first.configuration();
                    configuration.requireSame(Steps.await(steps.configuration()));
                }
                case SnapshotRecord.Layout place -> {
                    place.layout().requireSame(memory);
                    hasRam = true;
                }
                case SnapshotRecord.Pages pages -> take(memory, pages);
                case SnapshotRecord.ZeroPages zeroes -> clear(memory, zeroes);
                case SnapshotRecord.Section section -> {
                    if (hasRam && section.name().equals(MigrationHeader.MISSING)) {
                        beginPostcopy(section, open);
                    } else if (late == null || !step(section.name(), configuration)) {
                        if (!header.take(section)) {
                            sections.put(section);
                        }
                        requireAnswerable(open);
                    }
                }
                case SnapshotRecord.Abort abort ->
                        throw new StateException("the other side gave up: " + abort.reason());
                case SnapshotRecord.End _ -> throw new IllegalStateException("ends the loop");
            }
        }
        if (!hasRam) {
            throw new StateException("the state is without RAM");
        }
        if (late != null) {
            late.finish();
        } else {
            Steps.await(steps.load(sections.of(configuration, null)));
        }
    }

    private void beginPostcopy(SnapshotRecord.Section section, MigrationChannel open) {
        if (late != null || !header.wantsAnswers()) {
            throw new StateException("the other side begins post-copy out of turn");
        }
        late = new PostcopyTarget(machine, section.bytes(), open, workers);
        become(MigrationStatus.POSTCOPY_ACTIVE);
    }

    /** @return false if the section is none of post-copy's steps */
    private boolean step(String section, MachineConfiguration configuration) {
        switch (section) {
            case MigrationHeader.DEVICES -> late.load(sections.of(configuration, null));
            case MigrationHeader.GO -> late.go(header.runState());
            default -> {
                return false;
            }
        }
        return true;
    }

    private void take(GuestMemory memory, SnapshotRecord.Pages pages) {
        if (late != null) {
            late.take(pages.gpa(), pages.bytes());
        } else {
            memory.write(pages.gpa(), pages.bytes(), 0, pages.bytes().byteSize());
        }
    }

    /** A source that waits for answers goes on where none comes, and this machine would run too. */
    private void requireAnswerable(MigrationChannel open) {
        if (header.wantsAnswers() && !open.isTwoWay()) {
            throw new StateException("the other side waits for answers, which do not go through a pipe");
        }
    }

    /** Takes a state whose RAM is mapped. */
    private void receive(MachineSnapshot state) throws IOException {
        Steps.await(steps.load(header.takeFrom(state)));
    }

    /** Pages that are zero already are not touched, so that they take no memory of the host. */
    private void clear(GuestMemory memory, SnapshotRecord.ZeroPages zeroes) {
        if (late != null) {
            late.takeZeroes(zeroes.gpa(), zeroes.count());
            return;
        }
        MemorySegment pages = memory.slice(zeroes.gpa(), zeroes.count() * PageBitmap.PAGE);
        for (long at = 0; at < pages.byteSize(); at += PageBitmap.PAGE) {
            if (MemorySegment.mismatch(pages, at, at + PageBitmap.PAGE, ZEROES, 0, PageBitmap.PAGE) >= 0) {
                pages.asSlice(at, PageBitmap.PAGE).fill((byte) 0);
            }
        }
    }

    private void goOn(MigrationChannel open) throws IOException {
        boolean answers = header.wantsAnswers();
        if (answers) {
            SwitchMessage.of(SwitchMessage.Kind.READY).write(open);
            if (SwitchMessage.read(open).kind() != SwitchMessage.Kind.GO) {
                throw new IOException("the other side answers out of turn");
            }
        }
        Steps.await(steps.arrive(header.runState()));
        if (answers) {
            try {
                SwitchMessage.of(SwitchMessage.Kind.RUNNING).write(open);
            } catch (IOException _) {
                // The source stands until its user decides; this machine runs.
            }
        }
    }

    private void fail(MigrationChannel open, String why) {
        synchronized (this) {
            error = why;
        }
        if (open != null && open.isTwoWay() && header.wantsAnswers()) {
            try {
                new SwitchMessage(SwitchMessage.Kind.FAILED, why).write(open);
            } catch (IOException _) {
                // The source sees the end of the connection.
            }
        }
        become(MigrationStatus.FAILED);
        steps.fail("jkvm: load of migration failed: " + why);
    }

    private static void close(MigrationChannel open) {
        if (open != null) {
            try {
                open.close();
            } catch (IOException _) {
                // All that it had to bring has come.
            }
        }
    }

    /** Ends it with the machine. */
    void stop() {
        MigrationChannel open;
        synchronized (this) {
            isStopped = true;
            open = channel;
        }
        close(open);
        try {
            listener.close();
        } catch (IOException _) {
            // Nobody comes any more.
        }
    }

    private void become(MigrationStatus next) {
        synchronized (this) {
            status = next;
        }
        events.status(next);
    }

    synchronized MigrationProgress progress() {
        // Until the peer has come QEMU tells no status.
        Optional<SocketAddress> address = status == MigrationStatus.SETUP ? Optional.ofNullable(listener.address())
                : Optional.empty();
        return new MigrationProgress(status == MigrationStatus.SETUP ? MigrationStatus.NONE : status,
                Optional.ofNullable(error), Optional.empty(), (System.nanoTime() - begin) / 1_000_000, -1, -1, 0,
                address);
    }
}

package jkvm.control.qmp;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import jkvm.control.job.JobException;
import jkvm.control.job.JobSpec;
import jkvm.control.job.JobType;
import jkvm.control.job.Jobs;
import jkvm.machine.Machine;
import jkvm.machine.MachineSnapshots;
import jkvm.machine.SnapshotScope;

/** Jobs that save the machine into its disks and return to what was saved. */
final class SnapshotCommands {
    private static final Argument<String> JOB = Argument.required("job-id", Types.STR);
    private static final Argument<String> TAG = Argument.required("tag", Types.STR);
    private static final Argument<String> STATE_DISK = Argument.required("vmstate", Types.STR);
    private static final Argument<List<String>> DISKS = Argument.required("devices", Types.items(Types.STR));

    private final MachineSnapshots snapshots;
    private final BlockCommands blocks;
    private final Jobs jobs;

    SnapshotCommands(Machine machine, BlockCommands blocks, Jobs jobs) {
        snapshots = machine.snapshots();
        this.blocks = blocks;
        this.jobs = jobs;
    }

    void addTo(CommandTable table) {
        table.add(Declaration.of("snapshot-save").takes(JOB, TAG, STATE_DISK, DISKS), arguments -> start(arguments,
                JobType.SNAPSHOT_SAVE, () -> snapshots.save(arguments.get(TAG), scope(arguments, true), false)));
        table.add(Declaration.of("snapshot-load").takes(JOB, TAG, STATE_DISK, DISKS), arguments -> start(arguments,
                JobType.SNAPSHOT_LOAD, () -> snapshots.load(arguments.get(TAG), scope(arguments, true))));
        table.add(Declaration.of("snapshot-delete").takes(JOB, TAG, DISKS), arguments -> start(arguments,
                JobType.SNAPSHOT_DELETE, () -> snapshots.delete(arguments.get(TAG), scope(arguments, false))));
    }

    private SnapshotScope scope(Arguments arguments, boolean hasState) {
        return new SnapshotScope(hasState ? Optional.of(blocks.diskOf(arguments.get(STATE_DISK))) : Optional.empty(),
                Optional.of(arguments.get(DISKS).stream().map(blocks::diskOf).toList()));
    }

    private void start(Arguments arguments, JobType type, Supplier<CompletableFuture<?>> work) throws QmpException {
        try {
            jobs.start(JobSpec.of(arguments.get(JOB), type), control -> {
                control.setTotal(1);
                try {
                    work.get().join();
                } catch (CompletionException e) {
                    throw e.getCause() instanceof Exception cause ? cause : e;
                } finally {
                    control.advance(1);
                }
            });
        } catch (JobException e) {
            throw new QmpException(e.getMessage());
        }
    }
}

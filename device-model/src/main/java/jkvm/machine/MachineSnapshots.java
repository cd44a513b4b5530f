package jkvm.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import jkvm.host.disk.DiskSnapshots;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.NewSnapshot;
import jkvm.host.image.NodeException;
import jkvm.machine.board.DiskSide;
import jkvm.machine.board.MachineBoard;
import jkvm.machine.snapshot.Lineage;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.VmSnapshotException;
import jkvm.machine.snapshot.VmSnapshotException.Kind;
import jkvm.work.InstructionClock;

/**
 * Snapshots of a machine in its disks: the state in one of them, and the content of all writable ones at the same
 * moment. They are qcow2's internal snapshots. A disk that a device can write and that has none of these keeps the
 * machine from being saved. Any thread may call but the machine's, a vCPU's and a worker's. A refusal is a
 * {@link VmSnapshotException}, or a {@link jkvm.state.StateException} where a state is damaged or does not fit.
 *
 * <pre>{@code
 * machine.snapshots().save("clean", SnapshotScope.ALL, false).join();
 * machine.snapshots().load("clean", SnapshotScope.ALL).join();
 * }</pre>
 */
public final class MachineSnapshots {
    private static final int MAX_NAME = 255;

    private final MachineSaver saver;
    private final MachineBoard board;
    private final MachineLife life;
    private final MachineHold hold;
    private final MachineRequests requests;
    private final boolean isRecorded;

    /** @param isRecorded the machine's inputs are recorded, or come from a recording */
    MachineSnapshots(MachineSaver saver, MachineBoard board, MachineLife life, MachineHold hold,
            MachineRequests requests, boolean isRecorded) {
        this.saver = saver;
        this.board = board;
        this.life = life;
        this.hold = hold;
        this.requests = requests;
        this.isRecorded = isRecorded;
    }

    /**
     * A snapshot that was taken.
     *
     * @param replaced the date of the older one whose name it has
     */
    public record Taken(String tag, Optional<Instant> replaced) {
    }

    /** The snapshots of each disk that a device can write, first those of the disk that takes the state. */
    public List<SnapshotDisk.Listing> list() {
        return SnapshotDisk.writable(board.diskSides()).stream().map(SnapshotDisk::listing).toList();
    }

    /** The snapshots that a disk lists, which the guest may be unable to write; none if the host cannot read them. */
    public List<InternalSnapshot> listOf(String disk) {
        return board.diskSides().stream().filter(side -> side.name().equals(disk)).findFirst()
                .flatMap(side -> side.image().snapshots()).map(MachineSnapshots::readable).orElse(List.of());
    }

    private static List<InternalSnapshot> readable(DiskSnapshots snapshots) {
        try {
            return snapshots.list();
        } catch (IOException _) {
            return List.of();
        }
    }

    /**
     * Saves the machine, which stands meanwhile and resumes if it ran: listeners hear of both. If that is not
     * possible, no disk lists the snapshot.
     *
     * @param mayReplace whether older snapshots of the name are deleted, once the new one is whole
     */
    public CompletableFuture<Taken> save(String tag, SnapshotScope scope, boolean mayReplace) {
        AtomicReference<Taken> taken = new AtomicReference<>();
        return command(() -> {
            requireNoRecording();
            requireName(tag);
            life.requireGuest();
            List<SnapshotDisk> disks = scope.choose(board.diskSides());
            List<List<InternalSnapshot>> old = disks.stream().map(disk -> disk.named(tag)).toList();
            Optional<Instant> replaced = old.stream().flatMap(List::stream).map(InternalSnapshot::date)
                    .max(Comparator.naturalOrder());
            if (!mayReplace && replaced.isPresent()) {
                throw new VmSnapshotException(Kind.EXISTS, tag, "Snapshot '" + tag
                        + "' already exists in one or more devices");
            }
            life.during(RunState.SAVE_VM, () -> take(tag, disks));
            for (int i = 0; i < disks.size(); i++) {
                old.get(i).forEach(disks.get(i)::delete);
            }
            taken.set(new Taken(tag, replaced));
        }).thenApply(_ -> taken.get());
    }

    private void requireNoRecording() {
        if (isRecorded) {
            throw new VmSnapshotException(Kind.RECORDING, "",
                    "a machine is neither saved nor loaded in a recording or its replay");
        }
    }

    private static void requireName(String tag) {
        if (tag.isEmpty() || tag.length() > MAX_NAME || tag.chars().anyMatch(Character::isISOControl)) {
            throw new VmSnapshotException(Kind.INVALID_NAME, tag, "a snapshot's name has 1 to " + MAX_NAME
                    + " characters that can be printed");
        }
    }

    private void take(String tag, List<SnapshotDisk> disks) {
        InstructionClock counted = board.workers().clock();
        NewSnapshot snapshot = new NewSnapshot(tag, Instant.now(), board.clock().nanoTime(),
                counted == null ? NewSnapshot.NOT_COUNTED : counted.count());
        board.guestMemory().requireWhole();
        LiveState state = new LiveState(saver.saveWithoutRam(), board.guestMemory());
        List<Runnable> undo = new ArrayList<>();
        try {
            for (SnapshotDisk disk : disks) {
                InternalSnapshot made = disk.create(snapshot, undo.isEmpty() ? Optional.of(state) : Optional.empty());
                undo.add(() -> disk.delete(made));
            }
        } catch (VmSnapshotException e) {
            undo.forEach(each -> takeBack(each, e));
            throw e;
        }
    }

    private static void takeBack(Runnable step, VmSnapshotException reason) {
        try {
            step.run();
        } catch (VmSnapshotException e) {
            reason.addSuppressed(e);
        }
    }

    /**
     * Returns to a snapshot: the machine, and the content of all its writable disks. A machine that ran runs on from
     * there. Reads and checks the state before it returns; meanwhile the guest runs.
     *
     * @return completes exceptionally where the state does not fit: the machine and its disks then are as they were,
     *         and the guest goes on
     */
    public CompletableFuture<Void> load(String tag, SnapshotScope scope) {
        try {
            requireNoRecording();
            if (!board.undoDisks().isEmpty()) {
                throw new VmSnapshotException(Kind.RECORDING, "", "a machine with reset points returns to these alone");
            }
            SnapshotPlan plan = SnapshotPlan.find(tag, scope.choose(board.diskSides()),
                    scope.stateDisk().isPresent());
            MachineSnapshot snapshot = plan.read(board.guestMemory().size());
            return command(() -> {
                life.requireGuest();
                requireNoJob();
                saver.check(snapshot);
                boolean isNew = life.runState() == RunState.PRELAUNCH;
                life.during(RunState.RESTORE_VM, () -> takeOver(snapshot, plan, isNew));
            });
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** A job counts on what it has copied from a disk or into it staying there. */
    private void requireNoJob() {
        for (DiskSide side : board.diskSides()) {
            try {
                side.image().node().requireNoJob();
            } catch (NodeException e) {
                throw new VmSnapshotException(Kind.BUSY_DISK, side.name(), e.getMessage());
            }
        }
    }

    private void takeOver(MachineSnapshot snapshot, SnapshotPlan plan, boolean isNew) {
        try {
            saver.takeOver(snapshot, Lineage.COPY, isNew, plan::apply);
        } catch (UncheckedIOException e) {
            // RAM is neither the one nor the other.
            fail("the state could not be read: " + e.getMessage());
            throw e;
        } finally {
            hold.clocksLoaded();
        }
        if (plan.isTorn()) {
            fail("a disk could not return to the snapshot though others have");
        }
    }

    private void fail(String reason) {
        requests.post(new MachineRequest.Failure(reason, false));
    }

    /** Deletes a snapshot from all disks that have it; the guest goes on meanwhile. */
    public CompletableFuture<Void> delete(String tag, SnapshotScope scope) {
        try {
            requireNoRecording();
            boolean isFound = false;
            for (SnapshotDisk disk : scope.choose(board.diskSides())) {
                List<InternalSnapshot> named = disk.named(tag);
                isFound |= !named.isEmpty();
                named.forEach(disk::delete);
            }
            if (!isFound) {
                throw new VmSnapshotException(Kind.NOT_FOUND, tag, "Snapshot '" + tag + "' does not exist");
            }
            return CompletableFuture.completedFuture(null);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<Void> command(Runnable action) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        requests.post(new MachineRequest.Command(true, () -> {
            action.run();
            return null;
        }, result));
        return result;
    }
}

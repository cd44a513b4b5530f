package jkvm.machine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.InternalSnapshot;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.VmSnapshotException;
import jkvm.machine.snapshot.VmSnapshotException.Kind;

/** The snapshots of each disk that belong together, and how the disks return to them. */
final class SnapshotPlan {
    private final String tag;
    private final List<Step> steps;
    private int applied;

    /** A disk, and the snapshot that it returns to. */
    private record Step(SnapshotDisk disk, InternalSnapshot snapshot) {
    }

    private SnapshotPlan(String tag, List<Step> steps) {
        this.tag = tag;
        this.steps = steps;
    }

    /**
     * Looks for the newest snapshot of a name with a machine's state that all disks took at that moment.
     *
     * @param isFirst whether the first disk has the state; else any may have
     * @throws VmSnapshotException if there is none
     */
    static SnapshotPlan find(String tag, List<SnapshotDisk> disks, boolean isFirst) {
        List<List<InternalSnapshot>> named = disks.stream().map(disk -> disk.named(tag)).toList();
        if (named.stream().anyMatch(List::isEmpty)) {
            throw new VmSnapshotException(Kind.NOT_FOUND, tag, "Snapshot '" + tag
                    + "' does not exist in one or more devices");
        }
        boolean hasState = false;
        for (int i = 0; i < (isFirst ? 1 : disks.size()); i++) {
            for (InternalSnapshot each : named.get(i).reversed()) {
                if (each.vmStateSize() > 0) {
                    hasState = true;
                    Optional<List<Step>> steps = together(disks, named, each);
                    if (steps.isPresent()) {
                        List<Step> ordered = new ArrayList<>(steps.get());
                        ordered.addFirst(ordered.remove(i));
                        return new SnapshotPlan(tag, ordered);
                    }
                }
            }
        }
        throw hasState ? new VmSnapshotException(Kind.NOT_FOUND, tag, "Snapshot '" + tag
                + "' was taken at different moments on the disks") : new VmSnapshotException(Kind.DISK_ONLY, tag,
                "This is a disk-only snapshot. Revert to it offline using qemu-img");
    }

    private static Optional<List<Step>> together(List<SnapshotDisk> disks, List<List<InternalSnapshot>> named,
            InternalSnapshot wanted) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < disks.size(); i++) {
            SnapshotDisk disk = disks.get(i);
            named.get(i).reversed().stream().filter(each -> each.date().equals(wanted.date())).findFirst()
                    .ifPresent(each -> steps.add(new Step(disk, each)));
        }
        return steps.size() == disks.size() ? Optional.of(steps) : Optional.empty();
    }

    /**
     * Reads and checks the machine's state.
     *
     * @param mostRam bytes
     */
    MachineSnapshot read(long mostRam) {
        Step first = steps.getFirst();
        try {
            return MachineSnapshot.readFrom(() -> first.disk.requireCapable().state(first.snapshot), mostRam);
        } catch (IOException e) {
            throw failure(first.disk, e);
        }
    }

    private VmSnapshotException failure(SnapshotDisk disk, IOException cause) {
        return new VmSnapshotException(Kind.HOST, disk.name(), "Error while loading snapshot '" + tag + "' on '"
                + disk.name() + "': " + cause.getMessage());
    }

    /**
     * Takes all disks back, each when all others are ready for it.
     *
     * @throws VmSnapshotException if no disk has changed
     */
    void apply() {
        try {
            apply(0);
        } catch (IOException e) {
            if (applied == 0) {
                throw failure(steps.getFirst().disk, e);
            }
        }
    }

    private void apply(int index) throws IOException {
        if (index < steps.size()) {
            Step step = steps.get(index);
            step.disk.requireCapable().apply(step.snapshot, () -> apply(index + 1));
            applied++;
        }
    }

    /** True if the host has failed after some disks had returned, and others have not. */
    boolean isTorn() {
        return applied > 0 && applied < steps.size();
    }
}

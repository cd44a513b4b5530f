package jkvm.machine;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.DiskSnapshots;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.NewSnapshot;
import jkvm.machine.board.DiskSide;
import jkvm.machine.snapshot.VmSnapshotException;
import jkvm.machine.snapshot.VmSnapshotException.Kind;

/**
 * A disk that takes part in snapshots of the machine. What the host fails at is a {@link VmSnapshotException}.
 *
 * @param snapshots empty for an image that keeps none
 */
public record SnapshotDisk(String name, Optional<DiskSnapshots> snapshots) {
    /**
     * What a disk lists.
     *
     * @param isCapable false for an image that keeps no snapshots
     */
    public record Listing(String disk, boolean isCapable, List<InternalSnapshot> snapshots) {
    }

    static SnapshotDisk of(DiskSide side) {
        return new SnapshotDisk(side.name(), side.image().isReadOnly() ? Optional.empty() : side.image().snapshots());
    }

    /** Those that the guest can write. */
    static List<SnapshotDisk> writable(List<DiskSide> sides) {
        return sides.stream().filter(side -> !side.image().isReadOnly()).map(SnapshotDisk::of).toList();
    }

    /** An access to the image. */
    private interface Access<T> {
        T run(DiskSnapshots snapshots) throws IOException;
    }

    private <T> T access(String what, Access<T> access) {
        try {
            return access.run(requireCapable());
        } catch (IOException e) {
            throw new VmSnapshotException(Kind.HOST, name, "Error while " + what + " snapshot on '" + name + "': "
                    + e.getMessage());
        }
    }

    DiskSnapshots requireCapable() {
        return snapshots.orElseThrow(() -> new VmSnapshotException(Kind.UNSUPPORTED_DISK, name, "Device '" + name
                + "' is writable but does not support snapshots"));
    }

    Listing listing() {
        return new Listing(name, snapshots.isPresent(),
                snapshots.isPresent() ? access("reading", DiskSnapshots::list) : List.of());
    }

    /** The snapshots of a name. */
    List<InternalSnapshot> named(String tag) {
        return access("reading", DiskSnapshots::list).stream().filter(each -> each.name().equals(tag)).toList();
    }

    InternalSnapshot create(NewSnapshot snapshot, Optional<LiveState> state) {
        return access("creating", disk -> disk.create(snapshot, state.map(each -> each)));
    }

    void delete(InternalSnapshot snapshot) {
        access("deleting", disk -> {
            disk.delete(snapshot);
            return null;
        });
    }
}

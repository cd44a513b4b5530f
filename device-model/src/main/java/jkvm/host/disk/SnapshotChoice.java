package jkvm.host.disk;

import java.util.List;
import java.util.Optional;

/**
 * Which internal snapshot is meant: QEMU's {@code snapshot.id=ID,snapshot.name=NAME}, where each that is given has to
 * fit, or one word that is an id or, if no snapshot has that id, a name.
 */
public record SnapshotChoice(Optional<String> id, Optional<String> name, boolean either) {

    public static SnapshotChoice of(Optional<String> id, Optional<String> name) {
        return new SnapshotChoice(id, name, false);
    }

    /** The snapshot with this id, else the one with this name. */
    public static SnapshotChoice idOrName(String text) {
        return new SnapshotChoice(Optional.of(text), Optional.of(text), true);
    }

    /** The first of the snapshots that fits; empty if none does. */
    public Optional<InternalSnapshot> find(List<InternalSnapshot> snapshots) {
        if (either) {
            return of(id, Optional.empty()).find(snapshots).or(() -> of(Optional.empty(), name).find(snapshots));
        }
        return snapshots.stream().filter(each -> id.isEmpty() || id.get().equals(each.id()))
                .filter(each -> name.isEmpty() || name.get().equals(each.name())).findFirst();
    }
}

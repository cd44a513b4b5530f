package jkvm.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.machine.board.DiskSide;
import jkvm.machine.snapshot.VmSnapshotException;
import jkvm.machine.snapshot.VmSnapshotException.Kind;

/**
 * The disks that a snapshot of the machine is of.
 *
 * @param stateDisk the name of the disk that has the machine's state; empty for the first
 * @param disks     names; empty for all that a device can write
 */
public record SnapshotScope(Optional<String> stateDisk, Optional<List<String>> disks) {
    /** All disks that a device can write. */
    public static final SnapshotScope ALL = new SnapshotScope(Optional.empty(), Optional.empty());

    /**
     * The disks, first the one that has the state.
     *
     * @throws VmSnapshotException if one is not there or keeps no snapshots
     */
    List<SnapshotDisk> choose(List<DiskSide> sides) {
        List<SnapshotDisk> chosen = new ArrayList<>(disks.map(names -> named(names, sides))
                .orElseGet(() -> SnapshotDisk.writable(sides)));
        chosen.forEach(SnapshotDisk::requireCapable);
        if (chosen.isEmpty()) {
            throw disks.isPresent()
                    ? new VmSnapshotException(Kind.NO_DISK, "", "At least one device is required for snapshot")
                    : new VmSnapshotException(Kind.NO_DISK, "", "no block device can store vmstate for snapshot");
        }
        stateDisk.ifPresent(name -> {
            SnapshotDisk first = chosen.stream().filter(disk -> disk.name().equals(name)).findFirst().orElseThrow(() ->
                    new VmSnapshotException(Kind.UNKNOWN_DISK, name, "vmstate block device '" + name
                            + "' does not exist"));
            chosen.remove(first);
            chosen.addFirst(first);
        });
        return chosen;
    }

    private static List<SnapshotDisk> named(List<String> names, List<DiskSide> sides) {
        return names.stream().distinct().map(name -> sides.stream().filter(side -> side.name().equals(name))
                .findFirst().map(SnapshotDisk::of).orElseThrow(() -> new VmSnapshotException(Kind.UNKNOWN_DISK, name,
                        "No block device node '" + name + "'"))).toList();
    }
}

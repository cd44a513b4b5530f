package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.optional;
import static jkvm.control.hmp.Parameter.required;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import jkvm.control.hmp.Parameter.Kind;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.SnapshotText;
import jkvm.machine.MachineSnapshots;
import jkvm.machine.SnapshotDisk;
import jkvm.machine.SnapshotScope;
import jkvm.machine.snapshot.VmSnapshotException;

/** Commands that save the machine into its disks and return to what was saved. */
final class SnapshotCommands {
    private static final String TAG = "name";
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("'vm-'yyyyMMddHHmmss");

    private final MonitorSession session;
    private final MachineSnapshots snapshots;

    SnapshotCommands(MonitorSession session) {
        this.session = session;
        snapshots = session.machine().snapshots();
    }

    void addTo(CommandTable commands, CommandTable infos) {
        commands.add(MonitorCommand.of("savevm", "tag", "save a VM snapshot. If no tag is provided, a new snapshot is"
                + " created", this::save, optional(TAG, Kind.WORD)));
        commands.add(MonitorCommand.of("loadvm", "tag", "restore a VM snapshot from its tag", this::load,
                required(TAG, Kind.WORD)));
        commands.add(MonitorCommand.of("delvm", "tag", "delete a VM snapshot from its tag", this::delete,
                required(TAG, Kind.WORD)));
        infos.add(MonitorCommand.of("snapshots", "", "show the currently saved VM snapshots", _ -> list()));
    }

    private String save(Arguments arguments) {
        Optional<String> tag = arguments.optionalWord(TAG);
        MachineSnapshots.Taken taken = session.await(snapshots.save(
                tag.orElseGet(() -> NAME.format(LocalDateTime.now(ZoneId.systemDefault()))), SnapshotScope.ALL, true));
        return (tag.isPresent() ? "" : "saved as '" + taken.tag() + "'\n")
                + taken.replaced().map(date -> "replaced the snapshot '" + taken.tag() + "' of "
                + SnapshotText.date(date) + "\n").orElse("");
    }

    private String load(Arguments arguments) {
        session.await(snapshots.load(arguments.word(TAG), SnapshotScope.ALL));
        return "";
    }

    private String delete(Arguments arguments) {
        session.await(snapshots.delete(arguments.word(TAG), SnapshotScope.ALL));
        return "";
    }

    private String list() {
        List<SnapshotDisk.Listing> disks;
        try {
            disks = snapshots.list();
        } catch (VmSnapshotException e) {
            throw new MonitorException(e.getMessage());
        }
        Optional<SnapshotDisk.Listing> first = disks.stream().filter(SnapshotDisk.Listing::isCapable).findFirst();
        if (first.isEmpty()) {
            throw new MonitorException("no block device can store vmstate for snapshot");
        }
        if (disks.stream().allMatch(disk -> disk.snapshots().isEmpty())) {
            return "There is no snapshot available.\n";
        }
        List<InternalSnapshot> whole = first.get().snapshots().stream().filter(each -> isWhole(each, disks)).toList();
        StringBuilder text = new StringBuilder("List of snapshots present on all disks:\n")
                .append(whole.isEmpty() ? "None\n" : SnapshotText.table(whole.stream().map(each ->
                        each.withId("--")).toList()));
        for (SnapshotDisk.Listing disk : disks) {
            List<InternalSnapshot> partial = disk.snapshots().stream().filter(each -> !isWhole(each, disks)).toList();
            if (!partial.isEmpty()) {
                text.append("\nList of partial (non-loadable) snapshots on '").append(disk.disk()).append("':\n")
                        .append(SnapshotText.table(partial));
            }
        }
        return text.toString();
    }

    private static boolean isWhole(InternalSnapshot snapshot, List<SnapshotDisk.Listing> disks) {
        return disks.stream().allMatch(disk -> disk.snapshots().stream().anyMatch(each ->
                each.name().equals(snapshot.name())));
    }
}

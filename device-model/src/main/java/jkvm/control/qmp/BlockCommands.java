package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.InternalSnapshot;
import jkvm.json.Json;
import jkvm.machine.Machine;
import jkvm.machine.facts.DiskFacts;
import jkvm.machine.facts.MediumFacts;

/** Commands that tell the disks and their counters. */
final class BlockCommands {
    private static final long NANOS = 1_000_000_000;
    private static final Argument<Boolean> NODES = Argument.optional("query-nodes", Types.BOOL);
    private static final Argument<Boolean> FLAT = Argument.optional("flat", Types.BOOL);
    private static final Struct<CacheMode> CACHE = Struct.<CacheMode>named("BlockdevCacheInfo")
            .flag("writeback", mode -> !mode.writesThrough())
            .flag("direct", CacheMode::isDirect)
            .flag("no-flush", mode -> mode == CacheMode.UNSAFE);
    private static final Struct<InternalSnapshot> SNAPSHOT = Struct.<InternalSnapshot>named("SnapshotInfo")
            .with("id", Types.STR, InternalSnapshot::id)
            .with("name", Types.STR, InternalSnapshot::name)
            .with("vm-state-size", Types.INT, InternalSnapshot::vmStateSize)
            .with("date-sec", Types.INT, snapshot -> snapshot.date().getEpochSecond())
            .with("date-nsec", Types.INT, snapshot -> (long) snapshot.date().getNano())
            .with("vm-clock-sec", Types.INT, snapshot -> snapshot.vmClockNanos() / NANOS)
            .with("vm-clock-nsec", Types.INT, snapshot -> snapshot.vmClockNanos() % NANOS)
            .optionally("icount", Types.INT, snapshot -> Optional.of(snapshot.instructions())
                    .filter(count -> count >= 0));
    private static final Struct<Disk> IMAGE = Struct.<Disk>named("ImageInfo")
            .with("filename", Types.STR, disk -> disk.facts().file())
            .with("format", Types.STR, disk -> disk.facts().format().text())
            .with("virtual-size", Types.INT, disk -> disk.facts().capacity())
            .flag("dirty-flag", _ -> false)
            .optionally("snapshots", Types.listOf(SNAPSHOT), disk -> Optional.<Collection<InternalSnapshot>>of(
                    disk.snapshots().get()).filter(each -> !each.isEmpty()));
    private static final Struct<Disk> NODE = node();
    private static final Struct<Drive> BLOCK = Struct.<Drive>named("BlockInfo")
            .with("device", Types.STR, Drive::name)
            .with("type", Types.STR, _ -> "unknown")
            .flag("removable", drive -> drive.medium().isPresent())
            .flag("locked", drive -> drive.medium().filter(MediumFacts::isLocked).isPresent())
            .optionally("tray_open", Types.BOOL,
                    drive -> drive.medium().filter(MediumFacts::hasTray).map(MediumFacts::isTrayOpen))
            .optionally("qdev", Types.STR, Drive::user)
            .optionally("io-status", Types.choice("BlockDeviceIoStatus", List.of("ok", "failed", "nospace")),
                    _ -> Optional.of("ok"))
            .optionally("inserted", NODE, Drive::disk);
    private static final Struct<Disk> STATISTICS = Struct.<Disk>named("BlockStats")
            .optionally("device", Types.STR, disk -> disk.isNodeItself() ? Optional.empty()
                    : Optional.of(disk.device()))
            .optionally("qdev", Types.STR, disk -> disk.isNodeItself() ? Optional.empty() : disk.user())
            .optionally("node-name", Types.STR, disk -> Optional.of(disk.node()))
            .with("stats", BlockStatistics.TYPE, disk -> disk.facts().statistics());

    private final Machine machine;

    /**
     * A disk that a device has.
     *
     * @param node         its name as a block node
     * @param user         the path of the device
     * @param isNodeItself true where it is told as a node, without the device
     * @param snapshots    that the image lists
     */
    private record Disk(DiskFacts facts, String node, Optional<String> user, boolean isNodeItself,
            Supplier<List<InternalSnapshot>> snapshots) {
        /** The drive's name; empty for a block node. */
        String device() {
            return facts.isNode() ? "" : facts.drive().id();
        }
    }

    /**
     * A disk, or a drive whose medium comes and goes.
     *
     * @param user the path of the device
     */
    private record Drive(String name, Optional<String> user, Optional<Disk> disk, Optional<MediumFacts> medium) {
    }

    BlockCommands(Machine machine) {
        this.machine = machine;
    }

    private static Struct<Disk> node() {
        Struct<Disk> node = Struct.<Disk>named("BlockDeviceInfo")
                .with("file", Types.STR, disk -> disk.facts().file())
                .optionally("node-name", Types.STR, disk -> Optional.of(disk.node()))
                .flag("ro", disk -> disk.facts().isReadOnly())
                .with("drv", Types.STR, disk -> disk.facts().format().text())
                .with("backing_file_depth", Types.INT, disk -> (long) disk.facts().backingFiles())
                .flag("encrypted", _ -> false)
                .with("detect_zeroes", Types.choice("BlockdevDetectZeroesOptions", List.of("off", "on", "unmap")),
                        _ -> "off");
        // Nothing limits the rate of requests.
        for (String limit : new String[] {"bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr"}) {
            node = node.with(limit, Types.INT, _ -> 0L);
        }
        return node.with("image", IMAGE, disk -> disk)
                .with("cache", CACHE, disk -> disk.facts().drive().options().cache())
                .with("write_threshold", Types.INT, _ -> 0L);
    }

    void addTo(CommandTable table) {
        table.query(Declaration.of("query-block").answers(Types.listOf(BLOCK)), _ -> drives());
        table.query(Declaration.of("query-blockstats").takes(NODES).answers(Types.listOf(STATISTICS)),
                arguments -> disks(arguments.find(NODES).orElse(false)));
        table.query(Declaration.of("query-named-block-nodes").takes(FLAT).answers(Types.listOf(NODE)),
                _ -> disks(true));
    }

    private static String nodeName(DiskFacts facts, int index) {
        return facts.isNode() ? facts.drive().id() : "#block%03d".formatted(index);
    }

    /** The disk whose node has a name; the name itself if none has. */
    String diskOf(String node) {
        List<DiskFacts> disks = machine.facts().disks();
        for (int i = 0; i < disks.size(); i++) {
            if (nodeName(disks.get(i), i).equals(node)) {
                return disks.get(i).drive().id();
            }
        }
        return node;
    }

    private List<Drive> drives() {
        List<MediumFacts> media = machine.facts().media();
        List<Drive> drives = new ArrayList<>();
        for (Disk disk : disks(false)) {
            drives.add(new Drive(disk.device(), disk.user(), Optional.of(disk), media.stream()
                    .filter(medium -> medium.medium().filter(disk.facts().drive()::equals).isPresent()).findFirst()));
        }
        ObjectTree tree = ObjectTree.of(machine);
        for (MediumFacts medium : media) {
            if (medium.medium().isEmpty()) {
                drives.add(new Drive(medium.drive().orElse(""), Optional.of(tree.pathOf(medium.device())),
                        Optional.empty(), Optional.of(medium)));
            }
        }
        return drives;
    }

    private List<Disk> disks(boolean areNodes) {
        List<Disk> disks = new ArrayList<>();
        ObjectTree tree = ObjectTree.of(machine);
        for (DiskFacts facts : machine.facts().disks()) {
            String id = facts.drive().id();
            String name = nodeName(facts, disks.size());
            Optional<String> user = machine.facts().media().stream()
                    .filter(medium -> medium.medium().filter(facts.drive()::equals).isPresent()).findFirst()
                    .map(medium -> tree.pathOf(medium.device())).or(() -> tree.pathWith("drive", new Json.Text(id))
                    .map(path -> tree.find(path).filter(node -> node.type().startsWith("virtio")).isPresent()
                            ? path + "/virtio-backend" : path));
            disks.add(new Disk(facts, name, user, areNodes, () -> machine.snapshots().listOf(id)));
        }
        return disks;
    }
}

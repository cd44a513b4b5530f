package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.control.qmp.NodeTypes.Node;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.json.Json;
import jkvm.machine.Machine;
import jkvm.machine.facts.DiskFacts;
import jkvm.machine.facts.MediumFacts;

/** Commands that tell the disks, the nodes that they are made of, and their counters. */
final class BlockCommands {
    private static final Argument<Boolean> NODES = Argument.optional("query-nodes", Types.BOOL);
    private static final Argument<Boolean> FLAT = Argument.optional("flat", Types.BOOL);
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
            .optionally("inserted", NodeTypes.NODE, Drive::disk);
    private static final Struct<Counted> STATISTICS = Struct.<Counted>named("BlockStats")
            .optionally("device", Types.STR, Counted::device)
            .optionally("qdev", Types.STR, Counted::user)
            .optionally("node-name", Types.STR, counted -> Optional.of(counted.node().name()))
            .with("stats", BlockStatistics.TYPE, Counted::statistics)
            .optionally("parent", Types.ANY, counted -> Optional.ofNullable(counted.node().file())
                    .map(BlockCommands::encode))
            .optionally("backing", Types.ANY, counted -> Optional.ofNullable(counted.node().backing())
                    .map(BlockCommands::encode));

    private final Machine machine;
    private final BlockGraph graph;

    /**
     * A disk, or a drive whose medium comes and goes.
     *
     * @param user the device: its id, or its path if it has none
     */
    private record Drive(String name, Optional<String> user, Optional<Node> disk, Optional<MediumFacts> medium) {
    }

    /**
     * A disk or a node with its counters.
     *
     * @param device the drive's name, which is empty for a block node's device; absent for a node itself
     * @param user   the device, as in {@link Drive}
     */
    private record Counted(BlockNode node, Optional<String> device, Optional<String> user,
            DiskStatistics statistics) {
        /** A node itself, whose requests nobody counts. */
        static Counted of(BlockNode node) {
            return new Counted(node, Optional.empty(), Optional.empty(), new DiskStatistics());
        }
    }

    BlockCommands(Machine machine) {
        this.machine = machine;
        graph = machine.devices().disks().graph();
    }

    private static Json encode(BlockNode node) {
        return STATISTICS.encode(Counted.of(node));
    }

    void addTo(CommandTable table) {
        table.query(Declaration.of("query-block").answers(Types.listOf(BLOCK)), _ -> drives());
        table.query(Declaration.of("query-blockstats").takes(NODES).answers(Types.listOf(STATISTICS)),
                arguments -> arguments.find(NODES).orElse(false) ? nodes() : disks());
        // The newest first.
        table.query(Declaration.of("query-named-block-nodes").takes(FLAT).answers(Types.listOf(NodeTypes.NODE)),
                _ -> graph.nodes().reversed().stream().map(node -> new Node(graph, node)).toList());
    }

    private List<Drive> drives() {
        List<MediumFacts> media = machine.facts().media();
        List<Drive> drives = new ArrayList<>();
        ObjectTree tree = ObjectTree.of(machine);
        for (DiskFacts disk : machine.facts().disks()) {
            drives.add(new Drive(name(disk), user(disk, tree), Optional.of(new Node(graph, disk.node())),
                    media.stream().filter(medium -> medium.medium().filter(disk.drive()::equals).isPresent())
                            .findFirst()));
        }
        for (MediumFacts medium : media) {
            if (medium.medium().isEmpty()) {
                drives.add(new Drive(medium.drive().orElse(""),
                        Optional.of(ObjectTree.idOrPath(tree.pathOf(medium.device()))), Optional.empty(),
                        Optional.of(medium)));
            }
        }
        return drives;
    }

    private List<Counted> disks() {
        ObjectTree tree = ObjectTree.of(machine);
        return machine.facts().disks().stream().map(disk -> new Counted(disk.node(), Optional.of(name(disk)),
                user(disk, tree), disk.statistics())).toList();
    }

    /** A node at the top of a disk tells the disk's counters. */
    private List<Counted> nodes() {
        List<DiskFacts> disks = machine.facts().disks();
        return graph.nodes().stream().map(node -> disks.stream().filter(disk -> disk.node() == node).findFirst()
                .map(disk -> new Counted(node, Optional.empty(), Optional.empty(), disk.statistics()))
                .orElseGet(() -> Counted.of(node))).toList();
    }

    /** The id of the disk that has a node at its top; the name itself if there is none. */
    String diskOf(String node) {
        return machine.facts().disks().stream().filter(disk -> disk.node().name().equals(node)).findFirst()
                .map(disk -> disk.drive().id()).orElse(node);
    }

    private static String name(DiskFacts disk) {
        return disk.isNode() ? "" : disk.drive().id();
    }

    private Optional<String> user(DiskFacts disk, ObjectTree tree) {
        return machine.facts().media().stream()
                .filter(medium -> medium.medium().filter(disk.drive()::equals).isPresent()).findFirst()
                .map(medium -> ObjectTree.idOrPath(tree.pathOf(medium.device()))).or(() -> tree.pathWith("drive",
                        new Json.Text(disk.drive().id()))
                .map(path -> tree.find(path).filter(node -> node.type().startsWith("virtio")).isPresent()
                        ? path + "/virtio-backend" : ObjectTree.idOrPath(path)));
    }
}

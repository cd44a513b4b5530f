package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.device.board.Property;
import jkvm.device.pci.PciBus;
import jkvm.device.pci.PciFunctionFacts;
import jkvm.json.Json;
import jkvm.machine.Machine;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.facts.DeviceFacts;

/**
 * The machine as a tree of objects with properties, at one moment, with QEMU's names: devices with an id below {@code
 * /machine/peripheral}, other devices that the user asked for below {@code /machine/peripheral-anon}, CPUs below {@code
 * /machine/unattached}.
 */
final class ObjectTree {
    static final String UNATTACHED = "/machine/unattached";
    private static final String PERIPHERAL = "/machine/peripheral/";
    private static final String CONTAINER = "container";

    private final Map<String, Node> nodes = new LinkedHashMap<>();
    /** Of the devices, by their names in the machine. */
    private final Map<String, String> paths = new HashMap<>();

    /**
     * A property of an object.
     *
     * @param value empty for a child
     */
    record Entry(String name, String type, Optional<Json> value) {
    }

    /** An object. */
    record Node(String type, List<Entry> entries) {
        private Node(String type) {
            this(type, new ArrayList<>());
            add("type", "string", new Json.Text(type));
        }

        private void add(String name, String ofType, Json value) {
            entries.add(new Entry(name, ofType, Optional.of(value)));
        }
    }

    private ObjectTree() {
        nodes.put("/", new Node(CONTAINER));
    }

    static ObjectTree of(Machine machine) {
        ObjectTree tree = new ObjectTree();
        tree.add("/objects", CONTAINER);
        tree.add("/chardevs", CONTAINER);
        tree.add("/machine", machine.config().platform().type().text() + "-machine");
        tree.add("/machine/peripheral", CONTAINER);
        tree.add("/machine/peripheral-anon", CONTAINER);
        tree.add(UNATTACHED, CONTAINER);
        int cpus = machine.config().platform().cpus();
        for (int index = 0; index < cpus; index++) {
            CpuConfig cpu = machine.config().platform().cpu();
            Node node = tree.add(CpuCommands.path(index), CpuCommands.typeName(cpu.model()));
            if (cpu.hasAll()) {
                node.add("migratable", "bool", new Json.Flag(true));
            }
        }
        int anonymous = 0;
        for (DeviceFacts device : machine.facts().devices()) {
            if (device.config().isPresent()) {
                DeviceConfig config = device.config().get();
                String id = config.properties().id();
                String path = id.isEmpty() ? "/machine/peripheral-anon/device[" + anonymous++ + "]"
                        : PERIPHERAL + id;
                tree.addDevice(path, config, device.pci());
                tree.paths.put(device.name(), path);
            }
        }
        return tree;
    }

    private Node add(String path, String type) {
        Node node = new Node(type);
        int last = path.lastIndexOf('/');
        Node parent = nodes.get(last == 0 ? "/" : path.substring(0, last));
        parent.entries().add(new Entry(path.substring(last + 1), "child<" + type + ">", Optional.empty()));
        nodes.put(path, node);
        return node;
    }

    private void addDevice(String path, DeviceConfig config, Optional<PciFunctionFacts> pci) {
        Node node = add(path, config.driver());
        node.add("realized", "bool", new Json.Flag(true));
        for (Property<?> property : config.type().properties()) {
            if (property.kind() != Property.Kind.REFUSED) {
                node.entries().add(new Entry(property.name(), property.typeName(),
                        value(config, pci, property)));
            }
        }
    }

    private static Optional<Json> value(DeviceConfig config, Optional<PciFunctionFacts> pci, Property<?> property) {
        if (property.kind() == Property.Kind.PCI_ADDRESS) {
            return pci.map(facts -> new Json.Whole(facts.slot() * PciBus.FUNCTIONS + facts.function()));
        }
        Optional<?> value = config.properties().find(property);
        return (value.isPresent() ? value : property.absent()).map(found -> PropertyText.json(property, found));
    }

    /** The path of a device with this name; empty if there is none. */
    String pathOf(String device) {
        return paths.getOrDefault(device, "");
    }

    /** What disks tell of a device at this path: the id that the user has given it, else the path. */
    static String idOrPath(String path) {
        return path.startsWith(PERIPHERAL) ? path.substring(PERIPHERAL.length()) : path;
    }

    /** The path of the first object that has a property of this value. */
    Optional<String> pathWith(String property, Json value) {
        return nodes.entrySet().stream().filter(node -> node.getValue().entries().stream().anyMatch(entry ->
                entry.name().equals(property) && entry.value().filter(value::equals).isPresent()))
                .map(Map.Entry::getKey).findFirst();
    }

    /** @param path from the root, or the last parts of one where only one object has these */
    Optional<Node> find(String path) {
        if (path.startsWith("/")) {
            return Optional.ofNullable(nodes.get(path.length() > 1 && path.endsWith("/")
                    ? path.substring(0, path.length() - 1) : path));
        }
        List<Node> found = nodes.entrySet().stream().filter(entry -> entry.getKey().endsWith("/" + path))
                .map(Map.Entry::getValue).toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }
}

package jkvm.app.options;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import jkvm.tables.NumaSettings;

/** Reads {@code -numa}: which memory and which CPUs a guest is to take for near, with QEMU's checks and words. */
final class NumaOptions {
    /** Made by the first option: a plain machine starts without. */
    private static final class Schemas {
        static final Map<String, OptionSchema> BY_KIND = Map.of(
                "node", OptionSchema.of("type").text("type", "memdev", "cpus").number("nodeid", "initiator")
                        .size("mem"),
                "dist", OptionSchema.of("type").text("type").number("src", "dst", "val").require("src", "dst", "val"),
                "cpu", OptionSchema.of("type").text("type")
                        .number("node-id", "socket-id", "die-id", "core-id", "thread-id"),
                "hmat-lb", OptionSchema.of("type").text("type", "hierarchy", "data-type")
                        .number("initiator", "target", "latency").size("bandwidth"),
                "hmat-cache", OptionSchema.of("type").text("type", "associativity", "policy")
                        .number("node-id", "level", "line").size("size"));
    }

    /**
     * A node as the user wants it.
     *
     * @param memory the id of the object that is its memory
     * @param cpus   the numbers of its CPUs
     */
    private record Node(String where, String memory, List<Integer> cpus) {
    }

    private record Distance(String where, int from, int to, int value) {
    }

    private final Map<Integer, Node> nodes = new TreeMap<>();
    private final List<Distance> distances = new ArrayList<>();
    private final List<Long> sizes = new ArrayList<>();

    void add(ConfigBuilder config, String text) {
        String where = "-numa " + text;
        String first = OptionValues.split(text).getFirst();
        String kind = first.startsWith("type=") ? first.substring("type=".length()) : first;
        OptionSchema schema = Optional.ofNullable(Schemas.BY_KIND.get(kind)).orElseThrow(() ->
                new UsageException(where + ": Parameter 'type' does not accept value '" + kind + "'"));
        Map<String, String> given = schema.read("-numa", text);
        switch (kind) {
            case "node" -> addNode(where, given);
            case "dist" -> addDistance(where, given);
            default -> config.notYet(where, NotYet.NUMA);
        }
    }

    private void addNode(String where, Map<String, String> given) {
        int id = given.containsKey("nodeid") ? Integer.decode(given.get("nodeid")) : nodes.size();
        if (id < 0 || id >= NumaSettings.MAX_NODES) {
            throw new UsageException(where + ": Max number of NUMA nodes reached: " + id);
        }
        if (given.containsKey("mem") && given.containsKey("memdev")) {
            throw new UsageException(where + ": numa configuration should use either mem= or memdev=,mixing both is"
                    + " not allowed");
        }
        if (given.containsKey("mem")) {
            throw new UsageException(where + ": Parameter -numa node,mem is not supported by this machine type");
        }
        String memory = given.getOrDefault("memdev", "");
        Node node = new Node(where, memory, cpus(where, given.get("cpus")));
        if (nodes.putIfAbsent(id, node) != null) {
            throw new UsageException(where + ": Duplicate NUMA nodeid: " + id);
        }
    }

    /** @param text a number or two with a dash; null for none */
    private static List<Integer> cpus(String where, String text) {
        List<Integer> cpus = new ArrayList<>();
        if (text == null) {
            return cpus;
        }
        String[] ends = text.split("-", 2);
        try {
            int last = Integer.parseInt(ends[ends.length - 1]);
            for (int cpu = Integer.parseInt(ends[0]); cpu <= last; cpu++) {
                cpus.add(cpu);
            }
        } catch (NumberFormatException _) {
            throw new UsageException(where + ": Parameter 'cpus' expects an int64 value or range");
        }
        return cpus;
    }

    private void addDistance(String where, Map<String, String> given) {
        Distance distance = new Distance(where, Integer.decode(given.get("src")), Integer.decode(given.get("dst")),
                Integer.decode(given.get("val")));
        if (!nodes.containsKey(distance.from) || !nodes.containsKey(distance.to)) {
            throw new UsageException(where + ": Source/Destination NUMA node is missing. Please use '-numa node' option"
                    + " to declare it first.");
        }
        if (distance.value < NumaSettings.LOCAL_DISTANCE) {
            throw new UsageException(where + ": NUMA distance (" + distance.value + ") is invalid, it shouldn't be less"
                    + " than 10.");
        }
        if (distance.value > NumaSettings.UNREACHABLE) {
            throw new UsageException(where + ": NUMA distance (" + distance.value + ") is too large, it should not"
                    + " exceed 255.");
        }
        if (distance.from == distance.to && distance.value != NumaSettings.LOCAL_DISTANCE) {
            throw new UsageException(where + ": Local distance of node " + distance.from + " should be 10.");
        }
        distances.add(distance);
    }

    /** Makes the nodes' memory the machine's. All options have been read. */
    void chooseMemory(ConfigBuilder config) {
        if (nodes.isEmpty()) {
            return;
        }
        List<String> used = new ArrayList<>();
        for (int id = 0; id < nodes.size(); id++) {
            Node node = nodes.get(id);
            if (node == null) {
                throw new UsageException("numa: Node ID missing: " + id);
            }
            if (used.contains(node.memory) && !node.memory.isEmpty()) {
                throw new UsageException("memory backend " + node.memory + " can't be used multiple times.");
            }
            used.add(node.memory);
            if (node.memory.isEmpty()) {
                sizes.add(0L);
                continue;
            }
            config.objects.withMemory(node.memory, (values, type, properties) -> {
                sizes.add(values.size(properties.get("size"), 'B'));
                if (nodes.size() == 1) {
                    config.memory.backend = Optional.of(node.memory);
                } else if (!type.equals("memory-backend-ram") || "on".equals(properties.get("share"))) {
                    config.notYet(node.where, NotYet.NUMA);
                }
            });
        }
        long total = sizes.stream().mapToLong(Long::longValue).sum();
        if (total != config.memory.bytes) {
            throw new UsageException("total memory for NUMA nodes (0x%x) should equal RAM size (0x%x)".formatted(total,
                    config.memory.bytes));
        }
    }

    /** The nodes, if there are some. */
    Optional<NumaSettings> settings(ConfigBuilder config) {
        if (nodes.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new NumaSettings(sizes, nodeOfCpus(config), table()));
    }

    private List<Integer> nodeOfCpus(ConfigBuilder config) {
        boolean isSaid = nodes.values().stream().anyMatch(node -> !node.cpus.isEmpty());
        List<Integer> chosen = new ArrayList<>();
        for (int cpu = 0; cpu < config.cpus; cpu++) {
            int number = cpu;
            Optional<Integer> node = nodes.entrySet().stream().filter(each -> each.getValue().cpus.contains(number))
                    .map(Map.Entry::getKey).findFirst();
            if (node.isEmpty() && isSaid) {
                config.warnings.add("CPU(s) not present in any NUMA nodes: CPU " + cpu);
            }
            chosen.add(node.orElse(0));
        }
        for (Node node : nodes.values()) {
            node.cpus.stream().filter(cpu -> cpu >= config.cpus).findFirst().ifPresent(cpu -> {
                throw new UsageException(node.where + ": CPU index (" + cpu + ") should be smaller than maxcpus ("
                        + config.cpus + ")");
            });
        }
        return chosen;
    }

    /** @return empty where the user gave none: the guest takes its own defaults then */
    private List<List<Integer>> table() {
        List<List<Integer>> rows = new ArrayList<>();
        for (int from = 0; from < nodes.size() && !distances.isEmpty(); from++) {
            List<Integer> row = new ArrayList<>();
            for (int to = 0; to < nodes.size(); to++) {
                row.add(from == to ? NumaSettings.LOCAL_DISTANCE : distance(from, to));
            }
            rows.add(row);
        }
        return rows;
    }

    /** One that is given for the other direction holds for both. */
    private int distance(int from, int to) {
        int value = NumaSettings.REMOTE_DISTANCE;
        for (Distance each : distances) {
            if (each.from == to && each.to == from) {
                value = each.value;
            }
        }
        for (Distance each : distances) {
            if (each.from == from && each.to == to) {
                value = each.value;
            }
        }
        return value;
    }
}

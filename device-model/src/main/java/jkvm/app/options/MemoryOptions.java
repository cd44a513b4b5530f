package jkvm.app.options;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MemoryConfig;
import jkvm.memory.MemoryBacking;

/** Reads what options say about the host's memory that guest RAM is, and joins it. */
final class MemoryOptions {
    private static final long HUGE_PAGE = 2L << 20;
    private static final OptionSchema OVERCOMMIT = OptionSchema.of("").flag("mem-lock", "cpu-pm");

    /** Guest RAM in bytes. */
    long bytes = MachineConfig.DEFAULT_MEMORY_BYTES;
    /** The option that has told it, for messages. */
    String where = "-m";
    /** True once {@code -m} has told a size. */
    boolean isGiven;
    /** The id of the object that it is. */
    Optional<String> backend = Optional.empty();
    boolean preallocated;
    boolean mergeable = true;
    boolean dumped = true;
    private boolean locked;
    private Optional<Path> path = Optional.empty();
    private MemoryConfig memory = MemoryConfig.DEFAULT;

    void path(String text) {
        path = Optional.of(existing("-mem-path " + text, text));
    }

    void overcommit(ConfigBuilder config, String text) {
        Map<String, String> given = OVERCOMMIT.read("-overcommit", text);
        locked = given.getOrDefault("mem-lock", "off").equals("on");
        if (given.getOrDefault("cpu-pm", "off").equals("on")) {
            config.notYet("-overcommit " + text, NotYet.POWER_MANAGEMENT);
        }
    }

    /** The memory, when all options have been read. */
    MemoryConfig config(ConfigBuilder config) {
        if (backend.isPresent() && path.isPresent()) {
            throw new UsageException("'-mem-path' can't be used together with '-machine memory-backend'");
        }
        path.ifPresent(file -> memory = MemoryConfig.ofFile(file, false));
        memory = memory.with(preallocated, mergeable, dumped, locked);
        backend.ifPresent(id -> config.objects.withMemory(id, (values, type, properties) ->
                use(values, type, properties)));
        return memory;
    }

    private void use(OptionValues values, String type, Map<String, String> properties) {
        long size = values.size(properties.get("size"), 'B');
        if (isGiven && bytes != size) {
            throw values.error("Machine memory size does not match the size of the memory backend; give -m the same");
        }
        bytes = MachineOptions.memorySize(values, size);
        where = values.where();
        memory = backing(values, type, properties).with(isOn(properties, "prealloc", preallocated),
                isOn(properties, "merge", mergeable), isOn(properties, "dump", dumped), locked);
    }

    private static boolean isOn(Map<String, String> properties, String name, boolean absent) {
        return properties.containsKey(name) ? properties.get(name).equals("on") : absent;
    }

    private MemoryConfig backing(OptionValues values, String type, Map<String, String> properties) {
        boolean isShared = isOn(properties, "share", false);
        return switch (type) {
            case "memory-backend-memfd" -> MemoryConfig.of(memoryFile(values, isOn(properties, "hugetlb", false)));
            case "memory-backend-file" -> MemoryConfig.ofFile(existing(values.where(), properties.get("mem-path")),
                    isShared);
            default -> MemoryConfig.of(isShared ? MemoryBacking.MEMFD : MemoryBacking.ANONYMOUS);
        };
    }

    private MemoryBacking memoryFile(OptionValues values, boolean isHuge) {
        if (isHuge && bytes % HUGE_PAGE != 0) {
            throw values.error("the size of memory in huge pages must be a multiple of 2M");
        }
        return isHuge ? MemoryBacking.HUGEPAGES : MemoryBacking.MEMFD;
    }

    /** A path that is there, or whose folder is. */
    private static Path existing(String where, String text) {
        Path path = ChardevOptions.path(where, text);
        Path folder = Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(path);
        if (!Files.exists(path) && !Files.isDirectory(folder)) {
            throw new UsageException(where + ": can't open backing store " + path
                    + " for guest RAM: no such file or directory");
        }
        return path;
    }
}

package jkvm.app.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jkvm.app.options.UsageException;

/** The modules of a {@link LabKernel}, found by name. One thread at a time. */
public final class KernelModules {
    private static final byte[] DEPENDS = "\0depends=".getBytes(StandardCharsets.US_ASCII);

    private final Map<String, Path> files = new HashMap<>();
    private final LabTools tools;

    /** @throws UsageException if the kernel's folder cannot be read */
    public KernelModules(LabKernel kernel) {
        this(kernel, new LabTools(System.getenv("PATH")));
    }

    KernelModules(LabKernel kernel, LabTools tools) {
        this.tools = tools;
        Path lib = Files.isDirectory(kernel.folder().resolve("lib/modules")) ? kernel.folder().resolve("lib/modules")
                : kernel.folder().resolve("usr/lib/modules");
        try (Stream<Path> paths = Files.walk(lib)) {
            paths.filter(path -> path.toString().endsWith(".ko") || path.toString().endsWith(".ko.xz"))
                    .forEach(path -> files.put(nameOf(path), path));
        } catch (IOException e) {
            throw new UsageException("the lab's kernel is damaged: delete " + kernel.folder(), e);
        }
    }

    /**
     * The named modules and all that they depend on, in an order in which they load. A name without a file is left out:
     * other versions of the kernel have it built in.
     *
     * @return contents by name
     */
    public Map<String, byte[]> inLoadOrder(List<String> names) throws IOException {
        Map<String, byte[]> ordered = new LinkedHashMap<>();
        for (String name : names) {
            add(name.replace('-', '_'), ordered, new HashMap<>());
        }
        return ordered;
    }

    private void add(String name, Map<String, byte[]> ordered, Map<String, byte[]> visited) throws IOException {
        Path file = files.get(name);
        if (file == null || ordered.containsKey(name) || visited.containsKey(name)) {
            return;
        }
        byte[] module = content(file);
        visited.put(name, module);
        for (String dependency : dependencies(module)) {
            add(dependency, ordered, visited);
        }
        ordered.put(name, module);
    }

    private byte[] content(Path file) throws IOException {
        if (file.toString().endsWith(".ko")) {
            return Files.readAllBytes(file);
        }
        String xz = tools.require("xz", "apt-get install xz-utils").toString();
        return tools.run(file.getParent(), List.of(xz, "-dc", file.toString()));
    }

    /** The names in the module's "depends" line, as modinfo shows it. */
    static List<String> dependencies(byte[] module) {
        int start = LabKernel.indexOf(module, DEPENDS);
        if (start < 0) {
            return List.of();
        }
        start += DEPENDS.length;
        int end = start;
        while (end < module.length && module[end] != 0) {
            end++;
        }
        String names = new String(module, start, end - start, StandardCharsets.US_ASCII);
        return names.isEmpty() ? List.of() : List.of(names.replace('-', '_').split(","));
    }

    private static String nameOf(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.indexOf(".ko")).replace('-', '_');
    }
}

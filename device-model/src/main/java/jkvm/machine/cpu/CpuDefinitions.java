package jkvm.machine.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** QEMU's CPU models by name, read from the table in {@code models.txt}. */
public final class CpuDefinitions {
    private static final String TABLE = "models.txt";
    private static final String FIRST_VERSION = "-v1";
    private static final int HELP_WIDTH = 76;

    private final Map<String, Entry> versions = new LinkedHashMap<>();
    private final Map<String, String> aliases = new LinkedHashMap<>();

    private CpuDefinitions() {
    }

    /** Reads the table. */
    public static CpuDefinitions read() {
        try (InputStream in = CpuDefinitions.class.getResourceAsStream(TABLE)) {
            if (in == null) {
                throw new IllegalStateException("the build lacks " + TABLE);
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CpuDefinitions parse(String table) {
        CpuDefinitions definitions = new CpuDefinitions();
        List<String> properties = List.of();
        for (String line : table.replace("\n    ", " ").split("\n")) {
            if (line.startsWith("alias ")) {
                String[] words = line.split(" ");
                definitions.aliases.put(words[1], words[2]);
            } else if (line.startsWith("model ")) {
                String[] words = line.split(" ");
                properties = new ArrayList<>();
                definitions.versions.put(words[1], new Entry(words[1],
                        words.length > 2 ? definitions.versions.get(words[3]) : null, properties));
            } else if (!line.startsWith("#")) {
                properties.add(line.strip());
            }
        }
        return definitions;
    }

    /**
     * One model as the table has it. A machine needs one of many, so it is read when it is asked for.
     *
     * @param base of which it is a variant, or null
     */
    private record Entry(String name, Entry base, List<String> properties) {
        CpuDefinition definition() {
            Row row = new Row(name, base == null ? null : base.definition());
            for (String line : properties) {
                String[] words = line.split(" ");
                row.property(words, line.substring(words[0].length()).strip());
            }
            return row.definition();
        }
    }

    /** One model of the table, as far as it is read. */
    private static final class Row {
        private final String name;
        private final Set<String> features = new LinkedHashSet<>();
        private CpuDefinition.Id id;
        private String brand = "";
        private String note = "";
        private List<CpuDefinition.Cache> caches = List.of();

        Row(String name, CpuDefinition base) {
            this.name = name;
            if (base != null) {
                id = base.id();
                brand = base.brand();
                caches = base.caches();
                features.addAll(base.features());
            }
        }

        void property(String[] words, String rest) {
            switch (words[0]) {
                case "cpuid" -> id = new CpuDefinition.Id(words[1], Integer.parseInt(words[2]),
                        Integer.parseInt(words[3]), Integer.parseInt(words[4]), Integer.decode(words[5]),
                        (int) (long) Long.decode(words[6]));
                case "name" -> brand = rest;
                case "note" -> note = rest;
                case "caches" -> caches = Arrays.stream(rest.split(" ")).map(cache -> cache.split("/"))
                        .map(cache -> new CpuDefinition.Cache(Integer.parseInt(cache[0]), Integer.parseInt(cache[1])))
                        .toList();
                case "features" -> Arrays.stream(rest.split(" ")).forEach(this::feature);
                default -> throw new IllegalStateException("model " + name + ": " + words[0]);
            }
        }

        private void feature(String text) {
            if (text.startsWith("-")) {
                features.remove(text.substring(1));
            } else {
                features.add(text.startsWith("+") ? text.substring(1) : text);
            }
        }

        CpuDefinition definition() {
            return new CpuDefinition(name, id, brand, note, Set.copyOf(features), caches);
        }
    }

    /** A model, by its name with or without a version, or by an alias. */
    Optional<CpuDefinition> find(String name) {
        String version = aliases.getOrDefault(name, name);
        return Optional.ofNullable(versions.getOrDefault(version, versions.get(version + FIRST_VERSION)))
                .map(Entry::definition);
    }

    /** True for the name of a model. */
    public boolean has(String name) {
        return find(name).isPresent();
    }

    /** All models, with and without version, and their aliases. */
    public List<String> names() {
        return new ArrayList<>(described().keySet());
    }

    private SortedMap<String, String> described() {
        SortedMap<String, String> lines = new TreeMap<>();
        versions.forEach((name, entry) -> {
            lines.put(name, entry.definition().description());
            if (name.endsWith(FIRST_VERSION)) {
                lines.put(name.substring(0, name.length() - FIRST_VERSION.length()),
                        "(alias configured by machine type)");
            }
        });
        aliases.forEach((name, version) -> lines.put(name, "(alias of " + version + ")"));
        return lines;
    }

    /** The output of {@code -cpu help}, laid out as QEMU's. */
    public String help() {
        StringBuilder text = new StringBuilder("Available CPUs:\n");
        described().forEach((name, description) -> line(text, name, description));
        line(text, "host", "processor with all that the accelerator offers (default); with kvm, of the host");
        line(text, "max", "the same");
        text.append("\nRecognized CPUID flags:\n");
        StringBuilder flags = new StringBuilder(" ");
        for (String name : CpuFeature.names()) {
            if (flags.length() + name.length() + 1 > HELP_WIDTH) {
                text.append(flags).append('\n');
                flags = new StringBuilder(" ");
            }
            flags.append(' ').append(name);
        }
        return text.append(flags).append('\n').toString();
    }

    private static void line(StringBuilder text, String name, String description) {
        text.append("x86 %-20s  %s".formatted(name, description).stripTrailing()).append('\n');
    }
}

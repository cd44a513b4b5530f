package jkvm.app.options;

import java.nio.file.Files;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import jkvm.control.migrate.TlsCredentials;

/** Reads {@code -object}: host sides that devices and the machine name by their ids. */
final class ObjectOptions {
    private static final String CAPTURE = "filter-dump";
    private static final String TLS = "tls-creds-x509";
    private static final String RANDOM_DEVICE = "/dev/urandom";
    /** QEMU's others. */
    private static final Set<String> ABSENT = Set.of("authz-list", "authz-list-file", "authz-pam", "authz-simple",
            "can-bus", "can-host-socketcan", "colo-compare", "cryptodev-backend", "cryptodev-backend-builtin",
            "cryptodev-vhost-user", "dbus-vmstate", "filter-buffer", "filter-mirror", "filter-redirector",
            "filter-replay", "filter-rewriter", "input-barrier", "input-linux", "main-loop", "pr-manager-helper",
            "qtest", "rng-egd", "secret_keyring", "sev-guest", "thread-context", "throttle-group",
            "tls-cipher-suites", "tls-creds-anon", "tls-creds-psk", "x-remote-object");

    /** Made by the first option that needs them: a plain machine starts without. */
    private static final class Schemas {
        /** The types that there are, with their properties. */
        static final Map<String, OptionSchema> BY_TYPE = Map.of(
                "rng-builtin", schema(),
                "rng-random", schema().text("filename"),
                "iothread", schema().number("poll-max-ns", "poll-grow", "poll-shrink", "aio-max-batch",
                        "thread-pool-min", "thread-pool-max"),
                TLS, schema().text("dir", "priority", "passwordid").choice("endpoint", "client", "server")
                        .flag("verify-peer", "sanity-check").require("dir"),
                "memory-backend-ram", memory(),
                "memory-backend-file", memory().text("mem-path").size("align", "offset")
                        .flag("discard-data", "pmem", "readonly").require("mem-path"),
                "memory-backend-memfd", memory().flag("hugetlb", "seal").size("hugetlbsize"));

        private static OptionSchema schema() {
            return OptionSchema.of("qom-type").text("qom-type", "id").require("id");
        }

        private static OptionSchema memory() {
            return schema().size("size")
                    .flag("share", "prealloc", "merge", "dump", "reserve", "x-use-canonical-path-for-ramblock-id")
                    .number("prealloc-threads").text("prealloc-context", "host-nodes")
                    .choice("policy", "default", "preferred", "bind", "interleave").require("size");
        }
    }

    /**
     * An object that an option made.
     *
     * @param where the option, for messages
     */
    private record Made(String where, String type, Map<String, String> properties) {
    }

    private final ConfigBuilder config;
    private final Map<String, Made> objects = new LinkedHashMap<>();

    /** @param config gets the captures, and hears of objects that are not there yet */
    ObjectOptions(ConfigBuilder config) {
        this.config = config;
    }

    /** The output of {@code -object help}. */
    static String help() {
        Set<String> names = new TreeSet<>(Schemas.BY_TYPE.keySet());
        names.add(CAPTURE);
        names.add(SecretObject.TYPE);
        return "List of user creatable objects:\n  " + String.join("\n  ", names) + "\n";
    }

    /** The types that there are, and their properties with the types of these. */
    static Map<String, Map<String, String>> types() {
        Map<String, Map<String, String>> types = new TreeMap<>();
        Schemas.BY_TYPE.forEach((name, schema) -> {
            Map<String, String> properties = schema.types();
            properties.keySet().removeAll(Set.of("qom-type", "id"));
            types.put(name, properties);
        });
        types.put(SecretObject.TYPE, SecretObject.types());
        types.put(CAPTURE, Map.of("file", "string", "maxlen", "int", "netdev", "string"));
        return types;
    }

    /** Takes one {@code -object}. */
    void add(String text) {
        OptionValues values = new OptionValues("-object", text, "qom-type");
        String type = values.require("qom-type");
        if (type.equals(CAPTURE)) {
            config.networks.addObject(text);
            return;
        }
        if (ABSENT.contains(type)) {
            config.notYet(values.where(), NotYet.OBJECT);
            return;
        }
        if (type.equals(SecretObject.TYPE)) {
            put(values, SecretObject.add(values, config.secrets), new Made(values.where(), type, Map.of()));
            return;
        }
        OptionSchema schema = Schemas.BY_TYPE.get(type);
        if (schema == null) {
            throw values.error("parameter 'qom-type' does not accept value '" + type + "'; -object help lists them"
                    + Suggestion.of(type, Schemas.BY_TYPE.keySet()));
        }
        Map<String, String> properties = new HashMap<>(schema.read("-object", text));
        String id = properties.get("id");
        Made made = new Made(values.where(), type, properties);
        put(values, id, made);
        check(values, made);
        if (type.equals(TLS)) {
            config.tlsCredentials.put(id, new TlsCredentials(
                    ChardevOptions.path(values.where(), properties.get("dir")),
                    properties.getOrDefault("endpoint", "client").equals("server"),
                    !properties.getOrDefault("verify-peer", "on").equals("off")));
        }
    }

    private void put(OptionValues values, String id, Made made) {
        if (objects.putIfAbsent(id, made) != null) {
            throw values.error("Duplicate ID '" + id + "' for object");
        }
    }

    private void check(OptionValues values, Made made) {
        if (made.type.startsWith("memory-backend") && size(values, made) == 0) {
            throw values.error("property size does not take value 0");
        }
        String source = made.properties.getOrDefault("filename", RANDOM_DEVICE);
        if (!Files.isReadable(ChardevOptions.path(values.where(), source))) {
            throw values.error("cannot open " + source + ": no such file, or no permission to read it");
        }
        if (made.type.equals("rng-random")) {
            config.randomFiles.put(made.properties.get("id"), ChardevOptions.path(values.where(), source));
        }
        if (!made.properties.getOrDefault("policy", "default").equals("default")) {
            config.notYet(values.where(), NotYet.MEMORY_POLICY);
        }
    }

    private static long size(OptionValues values, Made made) {
        return values.size(made.properties.get("size"), 'B');
    }

    /**
     * A device takes an object. All options have been read.
     *
     * @param where the device's option, for messages
     * @param kind  how the types begin that it may have: {@code rng-}, {@code iothread}
     */
    String use(String where, String id, String kind) {
        Made made = objects.get(id);
        if (made == null) {
            throw new UsageException(where + ": Device '" + id + "' not found; add -object "
                    + (kind.endsWith("-") ? kind + "builtin" : kind) + ",id=" + id
                    + Suggestion.of(id, objects.keySet()));
        }
        if (!made.type.startsWith(kind)) {
            throw new UsageException(where + ": " + id + " is of type " + made.type + ", and not of " + kind);
        }
        return id;
    }

    /**
     * The memory that {@code -machine memory-backend=} names.
     *
     * @param use takes its option, its type and its properties
     */
    void withMemory(String id, MemoryUse use) {
        Made made = objects.get(id);
        if (made == null || !made.type.startsWith("memory-backend")) {
            throw new UsageException("-machine memory-backend=" + id + ": Memory backend '" + id
                    + "' not found; add -object memory-backend-ram,id=" + id + ",size=SIZE");
        }
        use.take(new OptionValues("-object", made.where.substring("-object ".length()), "qom-type"), made.type,
                made.properties);
    }

    /** Takes an object that is memory. */
    @FunctionalInterface
    interface MemoryUse {
        void take(OptionValues values, String type, Map<String, String> properties);
    }
}

package jkvm.app.options;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.BackingChoice;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.ImageDescription;
import jkvm.host.image.ImageName;
import jkvm.host.image.NodeParts;

/**
 * Reads {@code -blockdev}: nodes that read files or what NBD servers have, and nodes that read a format from another
 * node. A device names one of them with {@code drive=}.
 */
final class BlockNodes {
    private static final List<String> FILES = List.of("file", "host_device", "host_cdrom");
    /** QEMU's drivers that are not there. */
    private static final List<String> OTHERS = List.of("blkdebug", "blklogwrites", "blkreplay", "blkverify", "bochs",
            "cloop", "compress", "copy-before-write", "copy-on-read", "dmg", "ftp", "ftps", "gluster", "http", "https",
            "iscsi", "nfs", "null-aio", "null-co", "nvme", "parallels", "preallocate", "qed", "quorum", "rbd",
            "replication", "snapshot-access", "ssh", "throttle", "vvfat");
    private static final String NBD = "nbd";
    private static final int MAX_NAME = 31;

    /**
     * A node.
     *
     * @param options of the image; a file's format is raw, which a format's node replaces
     */
    private record Node(String name, ImageDescription image, ImageOptions options, NodeParts parts) {
    }

    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final ConfigBuilder config;

    /** @param config hears of what is not there yet */
    BlockNodes(ConfigBuilder config) {
        this.config = config;
    }

    /** The value of {@code -blockdev}, in the spelling without JSON. */
    void add(String text) {
        OptionValues values = new OptionValues("-blockdev", text, "driver");
        String name = values.take("node-name").orElse("");
        Optional<Node> node = node(values, "", name);
        if (name.isEmpty()) {
            throw values.error("node-name must be specified for the root node");
        }
        if (name.length() > MAX_NAME || !OptionValues.isIdentifier(name)) {
            throw values.error("Invalid node-name: '" + name + "'");
        }
        if (node.isPresent()) {
            values.end();
            if (nodes.putIfAbsent(name, node.get()) != null) {
                throw values.error("Duplicate nodes with node-name='" + name + "'");
            }
        }
    }

    /** @param prefix of its properties: empty, or {@code file.} for a node within another one */
    private Optional<Node> node(OptionValues values, String prefix, String name) {
        String driver = values.require(prefix + "driver");
        if (FILES.contains(driver)) {
            ImageDescription file = ImageDescription.ofPath(values.require(prefix + "filename"));
            values.takeChoice(prefix + "aio", "threads", "native", "io_uring");
            values.takeChoice(prefix + "locking", "on", "off", "auto");
            return Optional.of(new Node(name, file, options(values, prefix,
                    ImageOptions.WRITABLE.withFormat(ImageFormat.RAW)), NodeParts.FILE));
        }
        if (driver.equals(NBD)) {
            return Optional.of(new Node(name, remote(values, prefix), options(values, prefix,
                    ImageOptions.WRITABLE.withFormat(ImageFormat.RAW)), NodeParts.FILE));
        }
        Optional<ImageFormat> format = DiskImages.format(driver);
        if (format.isEmpty()) {
            if (!OTHERS.contains(driver)) {
                throw values.error("property driver does not accept '" + driver + "'");
            }
            config.notYet(values.where(), NotYet.BLOCK_DRIVER);
            return Optional.empty();
        }
        Optional<String> backingNode = values.peek(prefix + BackingChoice.NAME).filter(each -> !each.isEmpty());
        Optional<String> fileNode = values.peek(prefix + "file");
        Map<String, String> backing = DiskImages.hasBacking(format.get()) ? backing(values, prefix) : Map.of();
        Map<String, String> properties = without(prefix, values.takeGroups(List.of(prefix + "key-secret",
                prefix + "encrypt.", prefix + "offset", prefix + "size")));
        properties.putAll(backing);
        return below(values, prefix).map(file -> new Node(name,
                new ImageDescription(file.image().text(), Optional.empty(), file.image().file(), properties),
                options(values, prefix, file.options().withFormat(format.get())),
                new NodeParts(false, fileNode, backingNode)));
    }

    /** The properties that say which backing image there is; none for the one that the image stores. */
    private Map<String, String> backing(OptionValues values, String prefix) {
        String own = prefix + BackingChoice.NAME;
        Optional<String> reference = values.take(own);
        if (reference.isPresent()) {
            return reference.get().equals(BackingChoice.NONE) ? Map.of(BackingChoice.NAME, BackingChoice.NONE)
                    : BackingChoice.of(properties(node(values, reference.get())));
        }
        if (!values.has(own + ".driver")) {
            return Map.of();
        }
        values.take(own + ".node-name");
        return node(values, own + ".", "").map(node -> BackingChoice.of(properties(node))).orElse(Map.of());
    }

    /** A node as the properties of a description. */
    private static Map<String, String> properties(Node node) {
        Map<String, String> all = new LinkedHashMap<>(node.image().properties());
        all.put("driver", node.options().format().map(ImageFormat::text).orElse(ImageFormat.RAW.text()));
        switch (node.image().file()) {
            case ImageName.File file -> {
                all.put("file.driver", "file");
                all.put("file.filename", file.path());
            }
            case ImageName.Remote remote -> {
                all.put("file.driver", remote.protocol());
                remote.properties().forEach((name, value) -> all.put("file." + name, value));
            }
        }
        return all;
    }

    /** A disk that an NBD server has. */
    private ImageDescription remote(OptionValues values, String prefix) {
        values.takeNumber(prefix + "reconnect-delay", 0, Integer.MAX_VALUE);
        values.takeNumber(prefix + "open-timeout", 0, Integer.MAX_VALUE);
        if (values.take(prefix + "tls-creds").isPresent() || values.take(prefix + "x-dirty-bitmap").isPresent()) {
            config.notYet(values.where(), NotYet.BLOCK_DRIVER);
        }
        Map<String, String> properties = without(prefix,
                values.takeGroups(List.of(prefix + "server.", prefix + "export")));
        String place = switch (properties.getOrDefault("server.type", "")) {
            case "unix" -> required(values, properties, "server.path");
            case "inet" -> required(values, properties, "server.host") + ":"
                    + required(values, properties, "server.port");
            case "" -> throw values.error("property " + prefix + "server.type is missing: unix or inet");
            default -> throw values.error("property " + prefix + "server.type is unix or inet");
        };
        return new ImageDescription(place, Optional.empty(), new ImageName.Remote(place, NBD, properties), Map.of());
    }

    private static String required(OptionValues values, Map<String, String> properties, String name) {
        return Optional.ofNullable(properties.get(name)).orElseThrow(() ->
                values.error("property " + name + " is missing"));
    }

    private static Map<String, String> without(String prefix, Map<String, String> properties) {
        Map<String, String> names = new HashMap<>();
        properties.forEach((name, value) -> names.put(name.substring(prefix.length()), value));
        return names;
    }

    /** The node that a format's node reads: one of its own, or one that was declared before. */
    private Optional<Node> below(OptionValues values, String prefix) {
        Optional<String> reference = values.take(prefix + "file");
        if (reference.isEmpty()) {
            values.take(prefix + "file.node-name");
            return node(values, prefix + "file.", "");
        }
        return Optional.of(node(values, reference.get()));
    }

    /** A node that was declared before. */
    private Node node(OptionValues values, String name) {
        Node node = nodes.get(name);
        if (node == null) {
            throw values.error("Cannot find device='" + name + "' nor node-name='" + name + "'");
        }
        return node;
    }

    /**
     * The properties that every node has.
     *
     * @param below those of the node that it reads
     */
    private ImageOptions options(OptionValues values, String prefix, ImageOptions below) {
        boolean isReadOnly = values.takeFlag(prefix + "read-only", false) || below.readOnly();
        values.takeFlag(prefix + "auto-read-only");
        values.takeFlag(prefix + "force-share");
        boolean isDirect = values.takeFlag(prefix + "cache.direct", below.cache().isDirect());
        boolean isUnsafe = values.takeFlag(prefix + "cache.no-flush", below.cache() == CacheMode.UNSAFE);
        String discard = values.takeChoice(prefix + "discard", "ignore", "unmap").orElse("ignore");
        if (!values.takeChoice(prefix + "detect-zeroes", "off", "on", "unmap").orElse("off").equals("off")) {
            config.notYet(values.where(), NotYet.BLOCK_TUNING);
        }
        CacheMode cache = isUnsafe ? CacheMode.UNSAFE : isDirect ? CacheMode.NONE : CacheMode.WRITEBACK;
        return below.withReadOnly(isReadOnly).withCache(cache).withUnmap(discard.equals("unmap"));
    }

    /** The node of a name, to be opened; empty if there is none. */
    Optional<DriveSpec> find(String name) {
        return Optional.ofNullable(nodes.get(name)).map(BlockNodes::spec);
    }

    /** Lets later nodes be put together of these, which are there already. */
    void know(List<DriveSpec> present) {
        present.forEach(spec -> nodes.put(spec.id(), new Node(spec.id(), spec.image(), spec.options(), spec.parts())));
    }

    /** All nodes with a name. */
    List<DriveSpec> declared() {
        return nodes.values().stream().map(BlockNodes::spec).toList();
    }

    private static DriveSpec spec(Node node) {
        return new DriveSpec(node.name(), node.image(), node.options(), node.parts());
    }
}

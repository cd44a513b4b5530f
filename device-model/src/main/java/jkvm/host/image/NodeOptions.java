package jkvm.host.image;

import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageOptions;

/** The properties that an image of any format has in QEMU, and the file under it too. */
final class NodeOptions {
    private static final String READ_ONLY = "read-only", FORCE_SHARE = "force-share", DISCARD = "discard",
            DIRECT = "cache.direct", NO_FLUSH = "cache.no-flush", DETECT_ZEROES = "detect-zeroes",
            AUTO_READ_ONLY = "auto-read-only", NODE_NAME = "node-name";
    private static final String LOCKING = "locking";
    /** The file's property among those of an image. */
    static final String FILE_LOCKING = "file." + LOCKING;
    private static final Set<String> NAMES = Set.of(READ_ONLY, FORCE_SHARE, DISCARD, DIRECT, NO_FLUSH, DETECT_ZEROES,
            AUTO_READ_ONLY, NODE_NAME, FILE_LOCKING);
    private static final Set<String> FILE_NAMES = Set.of("filename", LOCKING, "aio", "drop-cache");

    private NodeOptions() {
    }

    /** The other properties: those of the format. */
    static Map<String, String> without(Map<String, String> properties) {
        return properties.entrySet().stream().filter(each -> !NAMES.contains(each.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Refuses properties that a file does not have. */
    static void checkFile(Map<String, String> properties) throws ImageException {
        for (String name : properties.keySet()) {
            if (!NAMES.contains(name) && !FILE_NAMES.contains(name)) {
                throw invalid("Block protocol 'file' doesn't support the option '" + name + "'");
            }
        }
    }

    /**
     * How to open an image that has these properties.
     *
     * @throws ImageException if one is wrong, or does not go with writing
     */
    static ImageOptions apply(Map<String, String> properties, ImageOptions options) throws ImageException {
        if (properties.isEmpty()) {
            return options;
        }
        boolean locks = !choice(properties, FILE_LOCKING, "auto", Set.of("auto", "on", "off")::contains).equals("off");
        ImageOptions result = options.withLocked(options.locked() && locks);
        if (!choice(properties, DETECT_ZEROES, "off", Set.of("off", "on", "unmap")::contains).equals("off")
                && !options.readOnly()) {
            throw invalid("detect-zeroes is not supported for images that are written");
        }
        if (flag(properties, READ_ONLY) && !options.readOnly()) {
            throw invalid("Block node is read-only");
        }
        if (flag(properties, FORCE_SHARE)) {
            if (!options.readOnly()) {
                throw invalid("force-share=on can only be used with read-only images");
            }
            result = result.withLocked(false);
        }
        if (properties.containsKey(DISCARD)) {
            String discard = choice(properties, DISCARD, "", Set.of("on", "unmap", "off", "ignore")::contains);
            result = result.withUnmap(discard.equals("on") || discard.equals("unmap"));
        }
        flag(properties, AUTO_READ_ONLY);
        return flag(properties, NO_FLUSH) ? result.withCache(CacheMode.UNSAFE)
                : flag(properties, DIRECT) ? result.withCache(CacheMode.NONE) : result;
    }

    private static boolean flag(Map<String, String> properties, String name) throws ImageException {
        return choice(properties, name, "off", Set.of("on", "off")::contains).equals("on");
    }

    private static String choice(Map<String, String> properties, String name, String absent, Predicate<String> known)
            throws ImageException {
        String value = properties.getOrDefault(name, absent);
        if (!known.test(value)) {
            throw invalid("Parameter '" + name + "' does not accept value '" + value + "'");
        }
        return value;
    }

    private static ImageException invalid(String reason) {
        return new ImageException(Kind.INVALID_OPTION, reason);
    }
}

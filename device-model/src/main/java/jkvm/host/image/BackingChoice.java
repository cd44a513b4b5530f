package jkvm.host.image;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageException;

/**
 * Properties by which a user says which backing image an image has, whatever it stores: {@code backing} is empty for
 * none, {@code backing.file.filename} and its like name another one. Without these, properties that begin with
 * {@code backing.} are settings of the stored one, such as its passphrase.
 */
public final class BackingChoice {
    /** The property that is empty for no backing image. */
    public static final String NAME = "backing";
    /** The value of {@link #NAME} for no backing image. */
    public static final String NONE = "";
    private static final String PREFIX = NAME + ".", FILE = PREFIX + "file";

    private BackingChoice() {
    }

    /** True for a property of any image in a chain that may say that it has no backing image. */
    static boolean isChoice(String name) {
        return name.equals(NAME) || name.endsWith("." + NAME);
    }

    /** True for a property that is about the backing image. */
    static boolean isPart(String name) {
        return name.equals(NAME) || name.startsWith(PREFIX);
    }

    /** True if the properties say which backing image there is. */
    static boolean isMade(Map<String, String> properties) {
        return properties.containsKey(NAME)
                || properties.keySet().stream().anyMatch(name -> name.equals(FILE) || name.startsWith(FILE + "."));
    }

    /** @throws ImageException if the properties name a backing image for a format that has none */
    static void check(FormatDriver driver, Map<String, String> properties) throws ImageException {
        boolean isNone = NONE.equals(properties.get(NAME)) && settings(properties).isEmpty();
        if (!driver.hasBacking() && !isNone) {
            throw new ImageException(Kind.INVALID_OPTION, "Driver doesn't support backing files");
        }
    }

    /** The properties of the backing image, by the names that they have there. */
    static Map<String, String> settings(Map<String, String> properties) {
        Map<String, String> settings = new HashMap<>();
        properties.forEach((name, value) -> {
            if (name.startsWith(PREFIX)) {
                settings.put(name.substring(PREFIX.length()), value);
            }
        });
        return settings;
    }

    /**
     * The backing image that the properties name.
     *
     * @param text of the image above it, for messages
     * @return empty for none
     * @throws ImageException if they describe no image
     */
    static Optional<ImageDescription> image(String text, Map<String, String> properties) throws ImageException {
        String node = properties.getOrDefault(NAME, NONE);
        if (!node.equals(NONE)) {
            throw new ImageException(Kind.INVALID_OPTION, "Could not open backing file: Cannot find device='" + node
                    + "' nor node-name='" + node + "'");
        }
        Map<String, String> settings = settings(properties);
        return settings.isEmpty() ? Optional.empty() : Optional.of(ImageDescription.ofProperties(text, settings));
    }

    /** Properties that name a backing image, to be added to those of the image above it. */
    public static Map<String, String> of(Map<String, String> backing) {
        Map<String, String> properties = new HashMap<>();
        backing.forEach((name, value) -> properties.put(PREFIX + name, value));
        return properties;
    }
}

package jkvm.host.image;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.ImageException;
import jkvm.json.Json;
import jkvm.json.JsonException;
import jkvm.json.JsonReader;

/**
 * An image as the user asks for it: by a name, or by properties as in QEMU's {@code json:} names and
 * {@code --image-opts}.
 *
 * @param text       as it was written, for messages
 * @param driver     the format that the properties name; empty to find it out
 * @param file       where it is
 * @param properties settings of the format
 */
public record ImageDescription(String text, Optional<String> driver, ImageName file,
        Map<String, String> properties) {
    private static final String JSON = "json:", DRIVER = "driver", FILE = "file", FILE_PREFIX = "file.";
    private static final String FILENAME = "filename";

    public ImageDescription {
        properties = Map.copyOf(properties);
    }

    /** The file with this path, whatever characters it has. */
    public static ImageDescription ofPath(String path) {
        return new ImageDescription(path, Optional.empty(), ImageName.ofPath(path), Map.of());
    }

    /**
     * Reads a name: a path, a protocol with a place, or {@code json:} with properties.
     *
     * @throws ImageException if it is none, or describes what is not supported
     */
    public static ImageDescription parse(String name) throws ImageException {
        if (!name.startsWith(JSON)) {
            return new ImageDescription(name, Optional.empty(), ImageName.parse(name), Map.of());
        }
        Map<String, String> flat = new LinkedHashMap<>();
        try {
            Json json = JsonReader.read(name.substring(JSON.length()));
            if (!(json instanceof Json.Members members)) {
                throw invalid("Invalid JSON object given");
            }
            flatten("", members, flat);
        } catch (JsonException e) {
            throw invalid("Could not parse the JSON options: " + e.getMessage());
        }
        return ofProperties(name, flat);
    }

    /** The same with more settings of the format, in the place of those with the same name. */
    public ImageDescription with(Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>(properties);
        all.putAll(settings);
        return new ImageDescription(text, driver, file, all);
    }

    private static void flatten(String prefix, Json value, Map<String, String> flat) {
        switch (value) {
            case Json.Members members -> members.values().forEach((name, each) ->
                    flatten(prefix.isEmpty() ? name : prefix + "." + name, each, flat));
            case Json.Items items -> {
                for (int i = 0; i < items.values().size(); i++) {
                    flatten(prefix + "." + i, items.values().get(i), flat);
                }
            }
            case Json.Text text -> flat.put(prefix, text.value());
            case Json.Whole number -> flat.put(prefix, Long.toString(number.value()));
            case Json.Real number -> flat.put(prefix, number.text());
            case Json.Flag flag -> flat.put(prefix, flag.value() ? "on" : "off");
            // Without a backing image, as opposed to the one that the image stores.
            case Json.Nothing _ when BackingChoice.isChoice(prefix) -> flat.put(prefix, BackingChoice.NONE);
            case Json.Nothing _ -> { }
        }
    }

    /**
     * Reads properties: {@code driver=qcow2,file.driver=file,file.filename=disk.qcow2}.
     *
     * @param text       as it was written, for messages
     * @param properties with dots between levels
     * @throws ImageException if they describe no image
     */
    public static ImageDescription ofProperties(String text, Map<String, String> properties) throws ImageException {
        Map<String, String> rest = new LinkedHashMap<>(properties);
        Optional<String> driver = Optional.ofNullable(rest.remove(DRIVER));
        boolean isProtocol = driver.isPresent() && (driver.get().equals(FILE) || ImageName.NBD.contains(driver.get()));
        if (isProtocol) {
            Map<String, String> file = Map.copyOf(rest);
            return new ImageDescription(text, Optional.of("raw"), place(text, driver.get(), file), locking(file));
        }
        Map<String, String> file = new LinkedHashMap<>();
        properties.forEach((name, value) -> {
            if (name.startsWith(FILE_PREFIX)) {
                file.put(name.substring(FILE_PREFIX.length()), value);
                rest.remove(name);
            }
        });
        if (rest.containsKey(FILE)) {
            throw invalid("Cannot find device='" + rest.get(FILE) + "' nor node-name='" + rest.get(FILE) + "'");
        }
        if (file.isEmpty()) {
            throw invalid(driver.isEmpty() ? "Must specify either driver or file"
                    : "A block device must be specified for \"file\"");
        }
        rest.putAll(locking(file));
        return new ImageDescription(text, driver, place(text, file.remove(DRIVER), file), rest);
    }

    private static Map<String, String> locking(Map<String, String> file) {
        String locking = file.get(NodeOptions.FILE_LOCKING.substring(FILE_PREFIX.length()));
        return locking == null ? Map.of() : Map.of(NodeOptions.FILE_LOCKING, locking);
    }

    /** @param driver the protocol; null if it is not said */
    private static ImageName place(String text, String driver, Map<String, String> properties)
            throws ImageException {
        String filename = properties.get(FILENAME);
        if (driver == null || driver.equals(FILE) || driver.equals("host_device")) {
            if (filename == null) {
                throw invalid("The 'file' block driver requires a file name");
            }
            NodeOptions.checkFile(properties);
            return driver == null ? ImageName.parse(filename) : ImageName.ofPath(filename);
        }
        if (ImageName.NBD.contains(driver)) {
            return new ImageName.Remote(text, driver, properties);
        }
        throw new ImageException(Kind.UNKNOWN_PROTOCOL, "Unknown driver '" + driver + "'");
    }

    /**
     * The name by which QEMU tells of the image: its file's, or {@code json:} with all properties where settings of
     * the format count.
     *
     * @param format that it has
     */
    public String shownName(String format) {
        Map<String, String> settings = new HashMap<>(NodeOptions.without(properties));
        settings.remove(BackingChoice.NAME);
        if (!(file instanceof ImageName.File named)) {
            return file.text();
        }
        if (settings.isEmpty()) {
            return named.path();
        }
        Json.Members all = Json.Members.empty().with(DRIVER, format);
        for (var each : settings.entrySet()) {
            all = all.with(each.getKey(), given(each.getKey()).orElse(new Json.Text(each.getValue())));
        }
        all = all.with(FILE, Json.Members.empty().with(DRIVER, FILE).with(FILENAME, named.path()));
        return JSON + all.inQemuOrder().line();
    }

    /** A property as JSON has it in the text: a number may be one. */
    private Optional<Json> given(String name) {
        try {
            return text.startsWith(JSON) && JsonReader.read(text.substring(JSON.length())) instanceof Json.Members all
                    ? Optional.ofNullable(all.values().get(name)) : Optional.empty();
        } catch (JsonException _) {
            return Optional.empty();
        }
    }

    private static ImageException invalid(String reason) {
        return new ImageException(Kind.INVALID_OPTION, reason);
    }
}

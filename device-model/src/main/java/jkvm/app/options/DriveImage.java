package jkvm.app.options;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jkvm.host.disk.ImageException;
import jkvm.host.image.BackingChoice;
import jkvm.host.image.ImageDescription;
import jkvm.host.image.ImageName;

/** Reads which image a {@code -drive} is about: its name, properties with their path such as {@code file.filename}. */
final class DriveImage {
    private static final String DRIVER = "driver", FILE = "file.";
    /** How a format's own properties begin. */
    private static final List<String> OF_FORMATS = List.of("key-secret", "encrypt.", BackingChoice.NAME, "backing.",
            "offset", "size");
    /** How the properties of a protocol begin, where the drive's driver is one. */
    private static final List<String> OF_PROTOCOLS = List.of("filename", "server.", "path", "host", "port", "export");
    /** The drivers that are protocols. */
    static final List<String> PROTOCOLS = List.of("file", "host_device", "host_cdrom", "nbd");
    /** QEMU's protocols that are not there. */
    private static final Set<String> ABSENT = Set.of("blkdebug", "blkverify", "fat", "ftp", "ftps", "gluster",
            "gluster+tcp", "gluster+unix", "gluster+rdma", "http", "https", "iscsi", "iser", "nfs", "null-aio",
            "null-co", "nvme", "rbd", "ssh");
    /** Properties of files that change no byte. */
    private static final List<String> TUNING = List.of("aio", "locking", "node-name", "cache.direct", "cache.no-flush");

    private DriveImage() {
    }

    /**
     * Takes the image's properties.
     *
     * @param protocol the drive's driver, if it is a protocol and no format
     * @param config   hears of protocols that are not there yet
     * @throws UsageException if they describe no image
     */
    static ImageDescription take(OptionValues values, Optional<String> protocol, ConfigBuilder config) {
        Optional<String> name = values.take("file").filter(text -> !text.isEmpty());
        Map<String, String> properties = new LinkedHashMap<>(values.takeGroups(OF_FORMATS));
        Map<String, String> place = new LinkedHashMap<>(values.takeGroups(List.of(FILE)));
        TUNING.forEach(each -> place.remove(FILE + each));
        if (protocol.isPresent()) {
            place.putAll(values.takeGroups(OF_PROTOCOLS));
            place.put(DRIVER, protocol.get());
        }
        if (name.isEmpty() && place.isEmpty()) {
            return ImageDescription.ofPath("");
        }
        if (name.isPresent()) {
            return named(values, ofName(values.where(), name.get(), config), properties, place);
        }
        Map<String, String> all = new HashMap<>(properties);
        all.putAll(place);
        try {
            return ImageDescription.ofProperties(all.getOrDefault(FILE + "filename",
                    all.getOrDefault("filename", values.where())), all);
        } catch (ImageException e) {
            throw values.error(e.getMessage());
        }
    }

    /**
     * The image with a name: a path, a protocol with a place, {@code json:} with properties.
     *
     * @param where  the option, for messages
     * @param config hears of protocols that are not there yet
     */
    static ImageDescription ofName(String where, String name, ConfigBuilder config) {
        if (ABSENT.contains(ImageName.protocol(name))) {
            config.notYet(where, NotYet.BLOCK_DRIVER);
            return ImageDescription.ofPath(name);
        }
        try {
            return ImageDescription.parse(name);
        } catch (ImageException e) {
            throw new UsageException(where + ": " + e.getMessage());
        }
    }

    private static ImageDescription named(OptionValues values, ImageDescription image,
            Map<String, String> properties, Map<String, String> place) {
        boolean isRaw = place.remove(DRIVER) != null;
        if (place.containsKey(FILE + "filename")) {
            throw values.error("Can't specify 'file' and 'filename' options at the same time");
        }
        for (String other : place.keySet()) {
            throw values.error("property " + other + ": the image has a name already, which says where it is");
        }
        Map<String, String> all = new HashMap<>(image.properties());
        all.putAll(properties);
        return new ImageDescription(image.text(), isRaw ? Optional.of("raw") : image.driver(), image.file(), all);
    }
}

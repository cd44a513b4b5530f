package jkvm.host.image;

import java.util.Map;
import java.util.Set;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.ImageException;

/** Where the bytes of an image are. */
public sealed interface ImageName {
    /** Protocols that QEMU has with this very name, and that reach other machines or programs. */
    Set<String> NBD = Set.of("nbd", "nbd+tcp", "nbd+unix");
    String FILE = "file";

    /** The name as the user or the image has written it, for messages and to be stored. */
    String text();

    /** @param path of a file or block device of the host */
    record File(String text, String path) implements ImageName {
    }

    /**
     * What a protocol reaches.
     *
     * @param protocol   such as {@code nbd+unix}
     * @param properties the place in QEMU's properties, if no text describes it; else empty
     */
    record Remote(String text, String protocol, Map<String, String> properties) implements ImageName {
        public Remote {
            properties = Map.copyOf(properties);
        }
    }

    /** The file with this path, whatever characters it has. */
    static ImageName ofPath(String path) {
        return new File(path, path);
    }

    /**
     * Reads a name as QEMU does: before the first colon without a slash before it is a protocol.
     *
     * @throws ImageException if the protocol is unknown, or the name is empty
     */
    static ImageName parse(String text) throws ImageException {
        if (text.isEmpty()) {
            throw new ImageException(Kind.NOT_FOUND, "The 'file' block driver requires a file name");
        }
        if (text.indexOf('\0') >= 0) {
            throw new ImageException(Kind.UNUSABLE, "the name of a file has no zero byte: it is damaged");
        }
        String protocol = protocol(text);
        if (protocol.isEmpty()) {
            return ofPath(text);
        }
        if (protocol.equals(FILE)) {
            return new File(text, text.substring(FILE.length() + 1));
        }
        if (NBD.contains(protocol)) {
            return new Remote(text, protocol, Map.of());
        }
        throw new ImageException(Kind.UNKNOWN_PROTOCOL, "Unknown protocol '" + protocol + "'");
    }

    /** The protocol that a name begins with; empty if it is a path. */
    static String protocol(String text) {
        int colon = text.indexOf(':');
        return colon >= 0 && text.lastIndexOf('/', colon) < 0 ? text.substring(0, colon) : "";
    }

    /**
     * The name by which a file that an image names is opened: relative paths start at the image's folder, as text.
     *
     * @param image  the name of the image
     * @param stored the name in it
     */
    static String combine(String image, String stored) {
        if (stored.isEmpty() || stored.startsWith("/") || !protocol(stored).isEmpty()) {
            return stored;
        }
        String protocol = protocol(image);
        int start = protocol.isEmpty() ? 0 : protocol.length() + 1;
        return image.substring(0, Math.max(start, image.lastIndexOf('/') + 1)) + stored;
    }
}

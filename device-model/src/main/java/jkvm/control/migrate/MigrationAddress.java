package jkvm.control.migrate;

import java.util.Optional;

/** The other side of a migration, as QEMU's URIs name it. */
sealed interface MigrationAddress {

    /** A TCP port; an empty host is this one, and for a listener all of its addresses. */
    record Tcp(String host, int port) implements MigrationAddress {
    }

    /** A unix socket. */
    record Unix(String path) implements MigrationAddress {
    }

    /** A descriptor: an inherited one by its number, or one that a monitor got under this name. */
    record Descriptor(String name) implements MigrationAddress {
        boolean isNumber() {
            return !name.isEmpty() && name.chars().allMatch(letter -> letter >= '0' && letter <= '9');
        }
    }

    /** The standard input or output of a shell command. */
    record Command(String line) implements MigrationAddress {
    }

    /** A file, from a position on. */
    record File(String path, long offset) implements MigrationAddress {
    }

    /**
     * Reads a URI.
     *
     * @return empty for a protocol that there is not
     * @throws MigrationException if the rest is wrong
     */
    static Optional<MigrationAddress> parse(String uri) throws MigrationException {
        int colon = uri.indexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String rest = uri.substring(colon + 1);
        return switch (uri.substring(0, colon)) {
            case "tcp" -> Optional.of(tcp(rest));
            case "unix" -> Optional.of(new Unix(rest));
            case "fd" -> Optional.of(new Descriptor(rest));
            case "exec" -> Optional.of(new Command(rest));
            case "file" -> Optional.of(file(rest));
            default -> Optional.empty();
        };
    }

    private static Tcp tcp(String text) throws MigrationException {
        int comma = text.indexOf(',');
        String place = comma < 0 ? text : text.substring(0, comma);
        int colon = place.lastIndexOf(':');
        String host = colon < 0 ? "" : place.substring(0, colon);
        if (colon < 0 || host.startsWith("[") != host.endsWith("]")) {
            throw new MigrationException("error parsing address '" + text + "'");
        }
        if (comma >= 0) {
            throw new MigrationException("tcp:" + text + ": jkvm takes a host and a port only");
        }
        String port = place.substring(colon + 1);
        try {
            int number = Integer.parseInt(port);
            if (number >= 0 && number <= 0xFFFF) {
                return new Tcp(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, number);
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw new MigrationException("tcp:" + text + ": the port is a number from 0 to 65535");
    }

    private static File file(String text) throws MigrationException {
        int comma = text.lastIndexOf(",offset=");
        if (comma < 0) {
            return new File(text, 0);
        }
        try {
            long offset = Long.decode(text.substring(comma + ",offset=".length()));
            if (offset >= 0) {
                return new File(text.substring(0, comma), offset);
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw new MigrationException("file:" + text + ": the offset is a number of bytes");
    }
}

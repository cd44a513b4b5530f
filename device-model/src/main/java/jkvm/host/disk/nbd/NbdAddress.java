package jkvm.host.disk.nbd;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Map;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.ImageException;

/**
 * Where an NBD server offers a disk.
 *
 * @param text   as the user wrote it, for messages
 * @param socket a unix socket, or a host and port that are looked up when a client connects
 * @param export the disk's name; may be empty
 */
public record NbdAddress(String text, SocketAddress socket, String export) {
    private static final String OLD = "nbd:", OLD_UNIX = "unix:", OLD_EXPORT = ":exportname=", SOCKET = "socket=";

    /**
     * Reads QEMU's names: {@code nbd:unix:PATH[:exportname=NAME]}, {@code nbd:HOST:PORT[:exportname=NAME]},
     * {@code nbd://HOST[:PORT]/[NAME]}, {@code nbd+unix:///[NAME]?socket=PATH}.
     *
     * @throws ImageException if it is none
     */
    public static NbdAddress parse(String text) throws ImageException {
        try {
            return text.startsWith(OLD) && !text.startsWith("nbd://") ? old(text) : uri(text, new URI(text));
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw invalid(text, e.getMessage());
        }
    }

    private static NbdAddress old(String text) throws ImageException {
        int named = text.indexOf(OLD_EXPORT);
        String place = text.substring(OLD.length(), named < 0 ? text.length() : named);
        String export = named < 0 ? "" : text.substring(named + OLD_EXPORT.length());
        if (place.startsWith(OLD_UNIX)) {
            return new NbdAddress(text, UnixDomainSocketAddress.of(place.substring(OLD_UNIX.length())), export);
        }
        int colon = place.lastIndexOf(':');
        if (colon <= 0) {
            throw invalid(text, "write nbd:HOST:PORT or nbd:unix:PATH");
        }
        return new NbdAddress(text, inet(place.substring(0, colon), place.substring(colon + 1)), export);
    }

    private static NbdAddress uri(String text, URI uri) throws ImageException {
        String path = uri.getPath() == null || uri.getPath().isEmpty() ? "/" : uri.getPath();
        String export = path.substring(1);
        if (uri.getScheme().equals("nbd+unix")) {
            String query = uri.getQuery();
            if (query == null || !query.startsWith(SOCKET)) {
                throw invalid(text, "write nbd+unix:///EXPORT?socket=PATH");
            }
            return new NbdAddress(text, UnixDomainSocketAddress.of(query.substring(SOCKET.length())), export);
        }
        if (uri.getHost() == null) {
            throw invalid(text, "write nbd://HOST[:PORT]/EXPORT");
        }
        int port = uri.getPort() < 0 ? Nbd.DEFAULT_PORT : uri.getPort();
        return new NbdAddress(text, inet(uri.getHost(), Integer.toString(port)), export);
    }

    /**
     * Reads QEMU's properties: {@code server.type=unix,server.path=},
     * {@code server.type=inet,server.host=,server.port=}, or
     * the older {@code path=} or {@code host=,port=}; and {@code export=}.
     *
     * @throws ImageException if they name no server
     */
    public static NbdAddress of(String text, Map<String, String> properties) throws ImageException {
        String export = properties.getOrDefault("export", "");
        String path = properties.getOrDefault("server.path", properties.get("path"));
        String host = properties.getOrDefault("server.host", properties.get("host"));
        if ((path == null) == (host == null)) {
            throw invalid(text, "it needs either a path or a host of the server");
        }
        String port = properties.getOrDefault("server.port", properties.getOrDefault("port",
                Integer.toString(Nbd.DEFAULT_PORT)));
        return new NbdAddress(text, path == null ? inet(host, port) : UnixDomainSocketAddress.of(path), export);
    }

    private static InetSocketAddress inet(String host, String port) throws ImageException {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        try {
            return InetSocketAddress.createUnresolved(bare, Integer.parseInt(port));
        } catch (IllegalArgumentException _) {
            throw invalid(host + ":" + port, port + " is no port");
        }
    }

    private static ImageException invalid(String text, String reason) {
        return new ImageException(Kind.INVALID_OPTION, "no NBD server is named by '" + text + "': " + reason);
    }

    /** The server's socket: its path, or host and port. */
    String place() {
        return socket instanceof InetSocketAddress named ? named.getHostString() + ":" + named.getPort()
                : socket.toString();
    }

    SocketChannel connect() throws IOException {
        if (!(socket instanceof InetSocketAddress named)) {
            return SocketChannel.open(socket);
        }
        InetSocketAddress found = new InetSocketAddress(named.getHostString(), named.getPort());
        if (found.isUnresolved()) {
            throw new IOException("unknown host " + named.getHostString());
        }
        return SocketChannel.open(found);
    }
}

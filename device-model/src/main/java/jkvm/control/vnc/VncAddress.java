package jkvm.control.vnc;

import java.nio.file.Path;

/** Where a server listens, or whom it calls. */
public sealed interface VncAddress {
    /** The port of display 0. */
    int FIRST_PORT = 5900;
    /** The port of display 0 for WebSockets. */
    int FIRST_WEBSOCKET_PORT = 5700;

    /**
     * A TCP port.
     *
     * @param host     empty for this host alone
     * @param lastPort the highest one to try; {@code port} if no other is tried
     */
    record Tcp(String host, int port, int lastPort) implements VncAddress {
    }

    /** A unix socket, which is made anew. */
    record Unix(Path path) implements VncAddress {
    }
}

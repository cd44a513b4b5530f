package jkvm.control.vnc;

import java.util.List;

/**
 * A server at one moment.
 *
 * @param id             of the display
 * @param places         where it listens
 * @param authentication {@code none} or {@code vnc}
 * @param clients        its viewers, those that are let in
 */
public record VncFacts(String id, List<Place> places, String authentication, List<Place> clients) {

    public VncFacts {
        places = List.copyOf(places);
        clients = List.copyOf(clients);
    }

    /**
     * One end of a connection, or where a server listens.
     *
     * @param host      an address; the path of a unix socket
     * @param service   the port
     * @param family    QEMU's name: {@code ipv4}, {@code ipv6}, {@code unix}
     * @param websocket true for browsers
     */
    public record Place(String host, String service, String family, boolean websocket) {

        /** Host and port in one. */
        public String text() {
            return service.isEmpty() ? host : host + ":" + service + (websocket ? " (WebSocket)" : "");
        }
    }
}

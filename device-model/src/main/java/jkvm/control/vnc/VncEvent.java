package jkvm.control.vnc;

/**
 * Something that has happened to a viewer's connection.
 *
 * @param server where it is connected
 */
public record VncEvent(Type type, VncFacts.Place server, String authentication, VncFacts.Place client) {

    /** QMP's names. */
    public enum Type {
        /** Somebody has connected. */
        VNC_CONNECTED,
        /** The viewer is let in. */
        VNC_INITIALIZED,
        /** The connection is over. */
        VNC_DISCONNECTED
    }

    /** Takes events. On a connection's thread; returns at once. */
    @FunctionalInterface
    public interface Listener {
        /** An event has happened. */
        void happened(VncEvent event);
    }
}

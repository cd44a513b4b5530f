package jkvm.control.vnc;

import java.util.Locale;
import java.util.Optional;

/**
 * One VNC server.
 *
 * @param id          QEMU's name of the display: {@code default}
 * @param address     where it listens; empty for a server that listens nowhere
 * @param websocket   where browsers connect
 * @param calls       true to call a viewer that waits at {@code address}
 * @param asksPassword true to let nobody in without a password
 * @param password    the first one; none lets in nobody until there is one
 * @param share       what becomes of other viewers
 * @param connections the largest number of viewers, and of those that are not yet let in
 * @param keymap      the layout of the guest's keyboard
 * @param name        shown by viewers
 */
public record VncConfig(String id, Optional<VncAddress> address, Optional<VncAddress> websocket, boolean calls,
        boolean asksPassword, Optional<byte[]> password, Share share, int connections, Keymap keymap, String name) {
    /** QEMU's number of viewers. */
    public static final int DEFAULT_CONNECTIONS = 32;

    /** Whether viewers may look on together. */
    public enum Share {
        /** One that wants to be alone gets it: the others are dropped. */
        ALLOW_EXCLUSIVE,
        /** One that wants to be alone is refused. */
        FORCE_SHARED,
        /** All are let in. */
        IGNORE;

        /** QEMU's name. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}

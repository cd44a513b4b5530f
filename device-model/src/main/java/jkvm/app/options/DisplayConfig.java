package jkvm.app.options;

/** Where a user sees the guest's screen. */
public sealed interface DisplayConfig {

    /** Nowhere, or with a VNC viewer. */
    record None() implements DisplayConfig {
    }

    /** Where nobody has said it: in a window where there is a desktop, else in a browser on this host. */
    record Usual() implements DisplayConfig {
    }

    /** On the terminal that jkvm was started from. */
    record Curses() implements DisplayConfig {
    }

    /**
     * In a browser on this host.
     *
     * @param port 0 for any that is free
     */
    record Web(int port) implements DisplayConfig {
    }

    /**
     * In a window of the desktop.
     *
     * @param fullScreen true if it fills the screen
     * @param closes     false if the machine goes on without it
     */
    record Window(boolean fullScreen, boolean closes) implements DisplayConfig {
    }

    /** True if the user's session has a desktop. */
    static boolean isOnDesktop() {
        return System.getenv("DISPLAY") != null || System.getenv("WAYLAND_DISPLAY") != null;
    }

    /** True if somebody is to see the guest's screen. */
    default boolean isShown() {
        return !(this instanceof None);
    }
}

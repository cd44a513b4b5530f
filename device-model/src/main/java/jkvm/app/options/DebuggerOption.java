package jkvm.app.options;

import jkvm.host.chardev.ChardevSpec;

/** Reads {@code -gdb DEV}: any chardev. A TCP port becomes a server, of this host alone unless another is named. */
final class DebuggerOption {
    private static final String DEFAULT_PORT = "tcp::1234";
    private static final String THIS_HOST = "localhost";

    private DebuggerOption() {
    }

    /** {@code -s}. */
    static void atDefaultPort(ConfigBuilder config) {
        config.debuggerText = DEFAULT_PORT;
    }

    /** The chardev of the last {@code -gdb}. */
    static ChardevSpec read(ChardevOptions chardevs, String text) {
        String full = text;
        if (text.startsWith("tcp:")) {
            full = text.startsWith("tcp::") ? "tcp:" + THIS_HOST + text.substring(4) : text;
            full += ",server=on,wait=off,nodelay=on";
        }
        return chardevs.read("-gdb", full, "gdb");
    }
}

package jkvm.app.options;

import jkvm.control.hmp.DebuggerSwitch;
import jkvm.host.chardev.ChardevSpec;

/** Reads {@code -gdb DEV}: any chardev. A TCP port becomes a server, of this host alone unless another is named. */
public final class DebuggerOption {
    private static final String THIS_HOST = "localhost";

    /** QEMU's words. */
    public static final String NO_CPU = "gdbstub: meaningless to attach gdb to a machine without any CPU.";

    private DebuggerOption() {
    }

    /** {@code -s}. */
    static void atDefaultPort(ConfigBuilder config) {
        config.debuggerText = DebuggerSwitch.DEFAULT_DEVICE;
    }

    /** The chardev of the last {@code -gdb}. */
    static ChardevSpec read(ChardevOptions chardevs, String text) {
        return read("-gdb", chardevs, text);
    }

    /**
     * The chardev of a server that starts while the machine runs. It is none of those that the command line declares.
     *
     * @throws UsageException if the text names no chardev
     */
    public static ChardevSpec later(String text) {
        return read("gdbserver", new ChardevOptions(), text);
    }

    private static ChardevSpec read(String option, ChardevOptions chardevs, String text) {
        String full = text;
        if (text.startsWith("tcp:")) {
            full = text.startsWith("tcp::") ? "tcp:" + THIS_HOST + text.substring(4) : text;
            full += ",server=on,wait=off,nodelay=on";
        }
        return chardevs.read(option, full, "gdb");
    }
}

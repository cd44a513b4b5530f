package jkvm.app.options;

import jkvm.host.chardev.ChardevSpec;

/**
 * A monitor that a command line asks for.
 *
 * @param pretty true to indent what a program reads; only with {@link Mode#CONTROL}
 */
public record MonitorConfig(ChardevSpec chardev, Mode mode, boolean pretty) {

    /** For whom a monitor is. */
    public enum Mode {
        /** For programs: QMP. */
        CONTROL,
        /** For people: lines of text. */
        READLINE
    }
}

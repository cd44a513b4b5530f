package jkvm.control.hmp;

/** The QEMU whose commands the monitors have, since clients judge by its version, and jkvm's own version. */
public final class CommandsVersion {
    public static final int MAJOR = 7;
    public static final int MINOR = 2;
    public static final int MICRO = 22;
    /** The place of a distribution's version. */
    public static final String PACKAGE = "jkvm-0.1.0";

    private CommandsVersion() {
    }

    /** As QEMU writes them. */
    static String text() {
        return MAJOR + "." + MINOR + "." + MICRO + PACKAGE;
    }
}

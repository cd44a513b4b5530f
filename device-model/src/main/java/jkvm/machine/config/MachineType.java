package jkvm.machine.config;

/** The kinds of machine that jkvm builds, named as QEMU names them. */
public enum MachineType {
    PC("pc", "PC with PCI and ISA devices"),
    MICROVM("microvm", "PC without what a direct boot does not need"),
    /** Without processors, buses and devices: for monitors that ask what there is. */
    NONE("none", "empty machine");

    private final String text;
    private final String description;

    MachineType(String text, String description) {
        this.text = text;
        this.description = description;
    }

    /** The name on the command line. */
    public String text() {
        return text;
    }

    /** Its description in {@code -machine help}. */
    public String description() {
        return description;
    }
}

package jkvm.tables;

/** The numbers in SMBIOS structures that a user can set, by QEMU's names. */
public enum SmbiosNumber {
    /** CPUID leaf 1: EAX in the low half, EDX in the high one. The first vCPU's where it is absent. */
    PROCESSOR_ID(4, "processor-id"),
    /** In MHz. */
    PROCESSOR_MAX_SPEED(4, "max-speed"),
    /** In MHz. */
    PROCESSOR_SPEED(4, "current-speed"),
    /** In megatransfers per second. */
    MEMORY_SPEED(17, "speed");

    private final int type;
    private final String property;

    SmbiosNumber(int type, String property) {
        this.type = type;
        this.property = property;
    }

    /** The number of the structures' type. */
    public int type() {
        return type;
    }

    /** QEMU's name in a structure of this type. */
    public String property() {
        return property;
    }
}

package jkvm.machine.config;

/**
 * A configuration cannot be carried out as a machine. The message is one line without any front end's options: with
 * what it is, and why.
 */
public final class MachineException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final String DEVICE = "device ";

    /** Kinds of errors, and the {@link #subject()} of each. */
    public enum Kind {
        /** There is neither a kernel, nor firmware, nor an image with an entry point. No subject. */
        NOTHING_TO_BOOT(""),
        /** The file that has no address in guest memory, or the CPU that has none to start at. */
        LOADER_WITHOUT_ADDRESS("image "),
        /** A file that was to be loaded as a flat image. */
        LOADER_OF_ELF("image "),
        /** The number of the CPU. */
        LOADER_OF_OTHER_CPU("start of CPU "),
        /** The number of CPUs that was asked for. */
        TOO_MANY_CPUS("number of CPUs "),
        /** A name that no model has. */
        UNKNOWN_CPU_MODEL("CPU model "),
        /** A property of the CPU, with its value. */
        CPU_PROPERTY_REFUSED("CPU property "),
        /** A name that no feature has. */
        UNKNOWN_CPU_FEATURE("CPU feature "),
        /** A feature that is required and not there. */
        MISSING_CPU_FEATURE("CPU feature "),
        /** An id that two devices have. */
        DUPLICATE_ID(DEVICE),
        /** The number of the port that two devices are. */
        SERIAL_PORT_TAKEN("serial port "),
        /** The number of ports that was asked for. */
        TOO_MANY_SERIAL_PORTS("number of serial ports "),
        /** A device type, or an image, in a machine without anything that could take it. */
        EMPTY_MACHINE("machine none: "),
        /** A device type of PCI in a machine without it. */
        NO_PCI_BUS(DEVICE),
        /** A device type of USB that finds no controller. */
        NO_SCSI_BUS(DEVICE),
        NO_USB_BUS(DEVICE),
        /** A device type of USB whose port is not there, or not free. */
        NO_USB_PORT(DEVICE),
        /** The device type that found no free slot. */
        PCI_BUS_FULL(DEVICE),
        /** The device type whose address is another device's. */
        PCI_ADDRESS_TAKEN(DEVICE),
        /** The slot, hexadecimal, that has functions but no function 0. */
        HIDDEN_PCI_FUNCTION("PCI slot "),
        /** A device type of virtio-mmio in a machine with PCI. */
        NO_VIRTIO_MMIO(DEVICE),
        /** The device type that has no place left. */
        TOO_MANY_VIRTIO_MMIO(DEVICE),
        /** The device type whose expansion ROM cannot be used. */
        UNUSABLE_ROM(DEVICE),
        /** The device type whose hidden ROM has another one's name. */
        ROM_NAME_TAKEN(DEVICE),
        /** A device type of which a machine has one at most. */
        SECOND_GENERATION_ID(DEVICE),
        /** The file that guest RAM was to be mapped from. */
        MEMORY_FILE_REFUSED("memory file "),
        /** The structure or device that the tables cannot have; empty if it is about all of them. */
        SMBIOS_REFUSED("SMBIOS "),
        /** The name of a file for firmware that the user gives. */
        ITEM_REFUSED("firmware configuration item "),
        /** The name of the file for firmware that a hidden ROM becomes. */
        ROM_FILE_REFUSED("expansion ROM as firmware configuration item "),
        /** The name of the file for firmware that boot indices become. */
        BOOT_ORDER_REFUSED("boot order as firmware configuration item ");

        private final String subject;

        Kind(String subject) {
            this.subject = subject;
        }
    }

    private final Kind kind;
    private final String subject;
    private final String reason;

    /**
     * A refusal without a cause.
     *
     * @param subject the part that it is about, empty if the kind says it
     * @param reason  one clause, without an option's name
     */
    public MachineException(Kind kind, String subject, String reason) {
        this(kind, subject, reason, null);
    }

    /** A refusal with its cause, null if there is none. */
    public MachineException(Kind kind, String subject, String reason, Throwable cause) {
        super(subject.isEmpty() ? reason : kind.subject + subject + ": " + reason, cause);
        this.kind = kind;
        this.subject = subject;
        this.reason = reason;
    }

    /** The kind of mistake, by which a front end words its message. */
    public Kind kind() {
        return kind;
    }

    /** With what: its kind says what it is. */
    public String subject() {
        return subject;
    }

    /** Why, the end of the message. */
    public String reason() {
        return reason;
    }
}

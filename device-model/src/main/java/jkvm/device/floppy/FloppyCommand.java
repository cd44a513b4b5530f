package jkvm.device.floppy;

/** The controller's commands, with the bytes that follow each; looked up in this order. */
enum FloppyCommand {
    READ(0x06, 0x1f, 8),
    WRITE(0x05, 0x1f, 8),
    SEEK(0x0f, 0xff, 2),
    SENSE_INTERRUPT(0x08, 0xff, 0),
    RECALIBRATE(0x07, 0xff, 1),
    FORMAT(0x0d, 0xbf, 5),
    READ_TRACK(0x02, 0xbf, 8),
    RESTORE(0x4e, 0xff, 17),
    SAVE(0x2e, 0xff, 0),
    READ_DELETED(0x0c, 0x1f, 8),
    SCAN_EQUAL(0x11, 0x1f, 8),
    VERIFY(0x16, 0x1f, 8),
    SCAN_LOW(0x19, 0x1f, 8),
    SCAN_HIGH(0x1d, 0x1f, 8),
    WRITE_DELETED(0x09, 0x3f, 8),
    READ_ID(0x0a, 0xbf, 1),
    SPECIFY(0x03, 0xff, 2),
    SENSE_DRIVE(0x04, 0xff, 1),
    PERPENDICULAR(0x12, 0xff, 1),
    CONFIGURE(0x13, 0xff, 3),
    POWER_DOWN(0x17, 0xff, 2),
    OPTION(0x33, 0xff, 1),
    DRIVE_SPECIFICATION(0x8e, 0xff, 4),
    RELATIVE_SEEK_OUT(0x8f, 0xff, 2),
    RELATIVE_SEEK_IN(0xcf, 0xff, 2),
    LOCK(0x14, 0x7f, 0),
    DUMP_REGISTERS(0x0e, 0xff, 0),
    VERSION(0x10, 0xff, 0),
    PART_ID(0x18, 0xff, 0),
    INVALID(0, 0, 0);

    /** Bytes of the longest one. */
    static final int MAX_BYTES = 18;

    private static final FloppyCommand[] BY_CODE = new FloppyCommand[256];

    static {
        for (int code = 0; code < BY_CODE.length; code++) {
            for (FloppyCommand command : values()) {
                if (BY_CODE[code] == null && (code & command.mask) == command.code) {
                    BY_CODE[code] = command;
                }
            }
        }
    }

    private final int code;
    private final int mask;
    private final int parameters;

    FloppyCommand(int code, int mask, int parameters) {
        this.code = code;
        this.mask = mask;
        this.parameters = parameters;
    }

    static FloppyCommand of(int code) {
        return BY_CODE[code];
    }

    /** Bytes with the first one. */
    int length() {
        return parameters + 1;
    }
}

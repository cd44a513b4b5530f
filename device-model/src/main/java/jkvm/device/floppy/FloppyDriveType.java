package jkvm.device.floppy;

import java.util.Arrays;
import java.util.List;

/** A kind of drive, as QEMU names it and as the clock's memory tells it to firmware. */
public enum FloppyDriveType {
    /** That of the disk that is in it at the start, or else the largest. */
    AUTO("auto", 0),
    /** No drive. */
    NONE("none", 0),
    /** 5.25 inches, 1.2 MB. */
    D120("120", 2),
    /** 3.5 inches, 1.44 MB. */
    D144("144", 4),
    /** 3.5 inches, 2.88 MB. */
    D288("288", 5);

    private final String text;
    private final int cmosCode;

    FloppyDriveType(String text, int cmosCode) {
        this.text = text;
        this.cmosCode = cmosCode;
    }

    /** As a property writes it. */
    public String text() {
        return text;
    }

    /** Four bits of register 10h of the clock's memory; 0 for no drive. */
    public int cmosCode() {
        return cmosCode;
    }

    /** The type that a property writes so. */
    static FloppyDriveType of(String text) {
        return Arrays.stream(values()).filter(type -> type.text.equals(text)).findFirst().orElseThrow();
    }

    static String[] texts() {
        return List.of(D144, D288, D120, NONE, AUTO).stream().map(FloppyDriveType::text).toArray(String[]::new);
    }
}

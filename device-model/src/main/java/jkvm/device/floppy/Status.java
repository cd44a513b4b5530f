package jkvm.device.floppy;

/** Bits of the status bytes that commands end with (82078 data sheet, section 6.1). */
final class Status {
    /** ST0. */
    static final int HEAD = 0x04;
    static final int SEEK_END = 0x20;
    static final int ABNORMAL = 0x40;
    static final int INVALID = 0x80;
    static final int READY_CHANGED = 0xC0;
    /** ST1. */
    static final int MISSING_ADDRESS_MARK = 0x01;
    static final int NOT_WRITABLE = 0x02;
    static final int DATA_ERROR = 0x20;
    static final int END_OF_CYLINDER = 0x80;
    /** ST2. */
    static final int SCAN_NOT_SATISFIED = 0x04;
    static final int SCAN_HIT = 0x08;
    static final int DATA_ERROR_IN_FIELD = 0x20;
    /** ST3: two sides, ready; the head, track 0 and write protection are added. */
    static final int DRIVE = 0x28;
    static final int TRACK_0 = 0x10;
    static final int WRITE_PROTECTED = 0x40;

    private Status() {
    }
}

package jkvm.bios.disk;

import jkvm.bios.BiosData;
import jkvm.bios.Call;
import jkvm.bios.Outcome;

/** The status codes of INT 13h, in AH and in the BIOS data area. */
final class DiskStatus {
    static final int SUCCESS = 0x00;
    /** An unknown function, a drive that is not there, or a parameter out of range. */
    static final int INVALID = 0x01;
    static final int WRITE_PROTECTED = 0x03;
    /** Somebody changed the medium, or may have. */
    static final int CHANGED = 0x06;
    /** A transfer that crosses 64 KiB. */
    static final int BOUNDARY = 0x09;
    /** The disk could not read or write. */
    static final int BAD_TRACK = 0x0C;
    /** The floppy controller could not. */
    static final int CONTROLLER = 0x20;
    static final int NO_MEDIUM = 0x31;
    static final int TIMEOUT = 0x80;
    static final int NOT_LOCKED = 0xB0;
    static final int LOCKED = 0xB1;
    static final int NOT_REMOVABLE = 0xB2;
    static final int TOO_MANY_LOCKS = 0xB4;

    /** No status: the disk is at work. */
    static final int BUSY = -1;

    private DiskStatus() {
    }

    /** Ends a call: AH, carry, and the byte of the BIOS data area that is of the drive in DL. */
    static Outcome end(Call call, int status) {
        call.data().writeByte(call.dl() < DriveTable.FIRST_HARD_DISK ? BiosData.FLOPPY_STATUS : BiosData.DISK_STATUS,
                status);
        call.ah(status);
        call.carry(status != SUCCESS);
        return Outcome.DONE;
    }
}

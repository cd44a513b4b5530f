package jkvm.bios.disk;

import java.util.List;

/**
 * The drives of a machine by the numbers that INT 13h has for them. Each kind is numbered in boot order, so that the
 * disk that the machine boots from is 80h. Immutable.
 */
final class DriveTable {
    static final int FIRST_HARD_DISK = 0x80;
    static final int FIRST_CD = 0xE0;
    /** The most drives of a kind; SeaBIOS's number. */
    static final int MAX_OF_A_KIND = 16;

    private final List<BootDrive> floppies;
    private final List<BootDrive> hardDisks;
    private final List<BootDrive> cds;

    /** @param drives in boot order */
    DriveTable(List<BootDrive> drives) {
        floppies = ofKind(drives, BootDrive.Kind.FLOPPY);
        hardDisks = ofKind(drives, BootDrive.Kind.HARD_DISK);
        cds = ofKind(drives, BootDrive.Kind.CD);
    }

    private static List<BootDrive> ofKind(List<BootDrive> drives, BootDrive.Kind kind) {
        return drives.stream().filter(drive -> drive.kind() == kind).limit(MAX_OF_A_KIND).toList();
    }

    List<BootDrive> floppies() {
        return floppies;
    }

    List<BootDrive> hardDisks() {
        return hardDisks;
    }

    List<BootDrive> cds() {
        return cds;
    }

    /** The drive with this number; null if there is none. */
    BootDrive drive(int number) {
        if (number < FIRST_HARD_DISK) {
            return at(floppies, number);
        }
        return number < FIRST_CD ? at(hardDisks, number - FIRST_HARD_DISK) : at(cds, number - FIRST_CD);
    }

    private static BootDrive at(List<BootDrive> drives, int index) {
        return index < drives.size() ? drives.get(index) : null;
    }
}

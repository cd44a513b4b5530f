package jkvm.bios.disk;

import jkvm.bios.BootDisk;

/**
 * A drive that INT 13h serves and that a machine may boot from. Immutable but for its disk.
 *
 * @param physical    what the disk says of itself; {@link DriveGeometry#NONE} if it says nothing, or has none
 * @param logical     what callers of INT 13h use; {@link DriveGeometry#NONE} for a CD
 * @param translation from one to the other
 * @param floppy      the drive's format, if it takes floppy disks; else null
 * @param description for a user, in the boot menu
 * @param priority    when it is tried: from 1, lower numbers first; negative for the order of its kind
 */
public record BootDrive(BootDisk disk, Kind kind, DriveGeometry physical, DriveGeometry logical,
        DriveGeometry.Translation translation, FloppyFormat floppy, Attachment attachment, String description,
        int priority) {

    /** The kinds of drives, in the order of their numbers. */
    public enum Kind {
        /** From 00h. */
        FLOPPY,
        /** From 80h. */
        HARD_DISK,
        /** From E0h; blocks of 2048 bytes. */
        CD
    }

    /** A floppy drive, and the disk in it. */
    public static BootDrive floppy(BootDisk disk, FloppyFormat format, String description, int priority) {
        return new BootDrive(disk, Kind.FLOPPY, DriveGeometry.NONE, format.geometry(), DriveGeometry.Translation.NONE,
                format, new Attachment.Plain(), description, priority);
    }

    /** A hard disk with the translation that SeaBIOS would choose. */
    public static BootDrive hardDisk(BootDisk disk, DriveGeometry physical, Attachment attachment, String description,
            int priority) {
        return hardDisk(disk, physical, DriveGeometry.translation(physical, disk.sectors()), attachment, description,
                priority);
    }

    /** A hard disk with a translation that somebody has chosen. */
    public static BootDrive hardDisk(BootDisk disk, DriveGeometry physical, DriveGeometry.Translation translation,
            Attachment attachment, String description, int priority) {
        return new BootDrive(disk, Kind.HARD_DISK, physical, physical.translated(translation, disk.sectors()),
                translation, null, attachment, description, priority);
    }

    /** A CD drive, and the disc in it. */
    public static BootDrive cd(BootDisk disk, Attachment attachment, String description, int priority) {
        return new BootDrive(disk, Kind.CD, DriveGeometry.NONE, DriveGeometry.NONE, DriveGeometry.Translation.NONE,
                null, attachment, description, priority);
    }

    /** The same drive with a logical geometry that the user has chosen. */
    public BootDrive withLogical(DriveGeometry chosen) {
        return new BootDrive(disk, kind, physical, chosen, translation, floppy, attachment, description, priority);
    }
}

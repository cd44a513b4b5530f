package jkvm.bios.disk;

import jkvm.bios.BiosData;

/** What programs find in memory about the drives: counts in the BIOS data area, and fixed disk parameter tables. */
final class DiskTables {
    private static final int FLOPPY_BIT = 0x0001;
    private static final int FLOPPY_COUNT_SHIFT = 6;
    private static final int FLOPPY_INFORMATION = 0x48F;
    private static final int ONE_KNOWN_DRIVE = 0x07;
    private static final int TWO_KNOWN_DRIVES = 0x77;

    /** The vectors that point to the tables of the first and the second hard disk. */
    private static final int[] VECTORS = {0x41, 0x46};
    private static final int TABLE_SIZE = 16;
    private static final int HEADS_OFFSET = 2;
    private static final int SIGNATURE_OFFSET = 3;
    private static final int PHYSICAL_SECTORS_OFFSET = 4;
    private static final int PRECOMPENSATION_OFFSET = 5;
    private static final int CONTROL_OFFSET = 8;
    private static final int PHYSICAL_CYLINDERS_OFFSET = 9;
    private static final int PHYSICAL_HEADS_OFFSET = 11;
    private static final int LANDING_ZONE_OFFSET = 12;
    private static final int SECTORS_OFFSET = 14;
    private static final int TRANSLATED = 0xA0;
    private static final int CONTROL = 0xC0;
    private static final int MANY_HEADS_BIT = 8;
    private static final int FEW_HEADS = 8;

    private DiskTables() {
    }

    static void fill(BiosData data, DriveTable drives) {
        data.writeByte(BiosData.DISK_COUNT, drives.hardDisks().size());
        int floppies = Math.min(drives.floppies().size(), 2);
        if (floppies > 0) {
            data.writeWord(BiosData.EQUIPMENT, data.readWord(BiosData.EQUIPMENT) | FLOPPY_BIT
                    | floppies - 1 << FLOPPY_COUNT_SHIFT);
            data.writeByte(FLOPPY_INFORMATION, floppies == 1 ? ONE_KNOWN_DRIVE : TWO_KNOWN_DRIVES);
        }
        for (int i = 0; i < VECTORS.length && i < drives.hardDisks().size(); i++) {
            int at = BiosData.EXTENDED_DISKS + i * TABLE_SIZE;
            fill(data, at, drives.hardDisks().get(i));
            data.writeWord(VECTORS[i] * Integer.BYTES, at - BiosData.EXTENDED);
            data.writeWord(VECTORS[i] * Integer.BYTES + Short.BYTES, BiosData.EXTENDED >>> 4);
        }
    }

    /** The table as Phoenix extended it where the geometries differ. */
    private static void fill(BiosData data, int at, BootDrive drive) {
        DriveGeometry logical = drive.logical();
        DriveGeometry physical = drive.physical();
        data.clear(at, TABLE_SIZE);
        data.writeWord(at, logical.cylinders());
        data.writeByte(at + HEADS_OFFSET, logical.heads());
        data.writeWord(at + PRECOMPENSATION_OFFSET, -1);
        data.writeByte(at + CONTROL_OFFSET, CONTROL | (physical.heads() > FEW_HEADS ? MANY_HEADS_BIT : 0));
        data.writeWord(at + LANDING_ZONE_OFFSET, physical.cylinders());
        data.writeByte(at + SECTORS_OFFSET, logical.sectors());
        if (logical.equals(physical)) {
            return;
        }
        data.writeWord(at + PHYSICAL_CYLINDERS_OFFSET, physical.cylinders());
        data.writeByte(at + PHYSICAL_HEADS_OFFSET, physical.heads());
        data.writeByte(at + PHYSICAL_SECTORS_OFFSET, physical.sectors());
        data.writeByte(at + SIGNATURE_OFFSET, TRANSLATED);
        int sum = 0;
        for (int i = 0; i < TABLE_SIZE; i++) {
            sum += data.readByte(at + i);
        }
        data.writeByte(at + TABLE_SIZE - 1, -sum);
    }
}

package jkvm.bios.disk;

import java.util.Arrays;
import java.util.Optional;

/** The formats of floppy disks with two or one sides and sectors of 512 bytes; the numbers are those of INT 13h. */
public enum FloppyFormat {
    /** 5.25 inch, 360 KiB. */
    KIB_360(1, 40, 2, 9),
    /** 5.25 inch, 1.2 MB. */
    MB_1_2(2, 80, 2, 15),
    /** 3.5 inch, 720 KiB. */
    KIB_720(3, 80, 2, 9),
    /** 3.5 inch, 1.44 MB. */
    MB_1_44(4, 80, 2, 18),
    /** 3.5 inch, 2.88 MB. */
    MB_2_88(5, 80, 2, 36),
    /** 5.25 inch, one side, 160 KiB. */
    KIB_160(6, 40, 1, 8),
    /** 5.25 inch, one side, 180 KiB. */
    KIB_180(7, 40, 1, 9),
    /** 5.25 inch, 320 KiB. */
    KIB_320(8, 40, 2, 8);

    private static final int SECTOR_SIZE = 512;
    private final int number;
    private final DriveGeometry geometry;

    FloppyFormat(int number, int cylinders, int heads, int sectors) {
        this.number = number;
        this.geometry = new DriveGeometry(cylinders, heads, sectors);
    }

    /** As INT 13h tells it in BL, and a PC's clock memory the drive. */
    int number() {
        return number;
    }

    public DriveGeometry geometry() {
        return geometry;
    }

    /** In bytes. */
    public int size() {
        return geometry.cylinders() * geometry.heads() * geometry.sectors() * SECTOR_SIZE;
    }

    /** The format that a disk of so many bytes has; empty for other sizes. */
    public static Optional<FloppyFormat> ofSize(long bytes) {
        return Arrays.stream(values()).filter(format -> format.size() == bytes).findFirst();
    }

    /** The drive that takes disks of so many bytes, as QEMU chooses it: for those of odd sizes one for 2.88 MB. */
    public static FloppyFormat driveFor(long bytes) {
        return switch (ofSize(bytes).orElse(MB_2_88)) {
            case KIB_720, MB_1_44 -> MB_1_44;
            case MB_2_88 -> MB_2_88;
            case MB_1_2, KIB_360, KIB_320, KIB_180, KIB_160 -> MB_1_2;
        };
    }
}

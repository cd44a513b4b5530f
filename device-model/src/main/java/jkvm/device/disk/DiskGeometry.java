package jkvm.device.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jkvm.bios.disk.DriveGeometry;
import jkvm.device.board.PropertyException;
import jkvm.host.disk.DiskImage;

/**
 * A disk's cylinders, heads and sectors of a track: what a PC's BIOS tells of it. {@link #GUESSED} stands for what QEMU
 * takes where the user says nothing.
 */
public record DiskGeometry(int cylinders, int heads, int sectors) {
    /** To be told by the disk itself, {@link #of}. */
    public static final DiskGeometry GUESSED = new DiskGeometry(0, 0, 0);

    private static final int MAX_CYLINDERS = 65535;
    private static final int MAX_HEADS = 255;
    private static final int MAX_SECTORS = 255;
    private static final int DEFAULT_HEADS = 16;
    private static final int DEFAULT_SECTORS = 63;
    private static final int MIN_GUESSED_CYLINDERS = 2;
    private static final int MAX_GUESSED_CYLINDERS = 16383;

    private static final int MAX_BIOS_CYLINDERS = 1024;
    private static final int LARGE_TRACKS = 131072;

    private static final int SIGNATURE_OFFSET = 510;
    private static final int SIGNATURE = 0xAA55;
    private static final int PARTITIONS_OFFSET = 446;
    private static final int PARTITIONS = 4;
    private static final int PARTITION_SIZE = 16;
    private static final int END_HEAD_OFFSET = 5;
    private static final int END_SECTOR_OFFSET = 6;
    private static final int END_SECTOR_MASK = 0x3F;
    private static final int LENGTH_OFFSET = 12;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    public DiskGeometry {
        if (cylinders != 0 || heads != 0 || sectors != 0) {
            require("cyls", cylinders, MAX_CYLINDERS);
            require("heads", heads, MAX_HEADS);
            require("secs", sectors, MAX_SECTORS);
        }
    }

    private static void require(String property, int value, int max) {
        if (value < 1 || value > max) {
            throw PropertyException.invalid(property, value, property + " must be between 1 and " + max);
        }
    }

    /** True for {@link #GUESSED}. */
    public boolean isGuessed() {
        return cylinders == 0;
    }

    /**
     * What a disk tells of itself: its geometry, and how a BIOS is to translate it, as QEMU tells it. A partition's end
     * with few heads is the disk's own geometry, which is not translated.
     */
    public record Guess(DiskGeometry geometry, DriveGeometry.Translation translation) {
    }

    /** That of the first partition that ends on a cylinder's end, if its heads are few, or else that of any disk. */
    public static DiskGeometry of(DiskImage image) {
        return guess(image).geometry;
    }

    /** As {@link #of}, with the translation; reads the disk once. */
    public static Guess guess(DiskImage image) {
        long total = image.capacity() / DiskImage.SECTOR_SIZE;
        DiskGeometry byPartitions = byPartitions(image, total);
        if (byPartitions != null && byPartitions.heads <= DEFAULT_HEADS) {
            return new Guess(byPartitions, DriveGeometry.Translation.NONE);
        }
        int cylinders = Math.clamp(total / (DEFAULT_HEADS * DEFAULT_SECTORS), MIN_GUESSED_CYLINDERS,
                MAX_GUESSED_CYLINDERS);
        DiskGeometry usual = new DiskGeometry(cylinders, DEFAULT_HEADS, DEFAULT_SECTORS);
        if (byPartitions == null) {
            return new Guess(usual, usual.translation());
        }
        return new Guess(usual, cylinders * DEFAULT_HEADS <= LARGE_TRACKS ? DriveGeometry.Translation.LARGE
                : DriveGeometry.Translation.LBA);
    }

    /** How a BIOS is to translate a geometry that the user has chosen. */
    public DriveGeometry.Translation translation() {
        return cylinders <= MAX_BIOS_CYLINDERS && heads <= DEFAULT_HEADS && sectors <= DEFAULT_SECTORS
                ? DriveGeometry.Translation.NONE : DriveGeometry.Translation.LBA;
    }

    /** The same for a BIOS. */
    public DriveGeometry forBios() {
        return new DriveGeometry(cylinders, heads, sectors);
    }

    private static DiskGeometry byPartitions(DiskImage image, long total) {
        MemorySegment sector = MemorySegment.ofArray(new byte[DiskImage.SECTOR_SIZE]);
        try {
            if (total > 0) {
                image.read(0, sector);
            }
        } catch (IOException e) {
            // The guest's own read tells of it.
            return null;
        }
        if ((sector.get(SHORT, SIGNATURE_OFFSET) & 0xFFFF) != SIGNATURE) {
            return null;
        }
        for (int i = 0; i < PARTITIONS; i++) {
            int at = PARTITIONS_OFFSET + i * PARTITION_SIZE;
            int endHead = sector.get(ValueLayout.JAVA_BYTE, at + END_HEAD_OFFSET) & 0xFF;
            int sectors = sector.get(ValueLayout.JAVA_BYTE, at + END_SECTOR_OFFSET) & END_SECTOR_MASK;
            if (sector.get(INT, at + LENGTH_OFFSET) != 0 && endHead != 0 && sectors != 0) {
                long cylinders = total / ((endHead + 1L) * sectors);
                if (cylinders >= 1 && cylinders <= MAX_GUESSED_CYLINDERS && endHead < MAX_HEADS) {
                    return new DiskGeometry((int) cylinders, endHead + 1, sectors);
                }
            }
        }
        return null;
    }

    /** The sectors to tell for blocks of this size: whole blocks, where the disk is no whole number of tracks. */
    public int sectorsFor(int blockSize, long capacity) {
        int mask = blockSize / DiskImage.SECTOR_SIZE - 1;
        return capacity / heads / sectors % blockSize != 0 ? sectors & ~mask : sectors;
    }
}

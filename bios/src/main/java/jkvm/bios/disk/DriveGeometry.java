package jkvm.bios.disk;

/**
 * Cylinders, heads and sectors of a track. A drive has two of them: the physical one of the disk, and the logical one
 * that callers of INT 13h use, with 1024 cylinders at most. The rules from one to the other are SeaBIOS's, so that a
 * disk that was partitioned under one BIOS boots under the other.
 */
public record DriveGeometry(int cylinders, int heads, int sectors) {
    /** Unknown. */
    public static final DriveGeometry NONE = new DriveGeometry(0, 0, 0);

    static final int MAX_CYLINDERS = 1024;
    static final int MAX_SECTORS = 63;
    private static final int MAX_HEADS = 255;
    private static final int FEW_HEADS = 16;
    private static final int MANY_HEADS = 128;
    private static final int LARGE_TRACKS = 131072;
    private static final int MAX_REVISED_CYLINDERS = 61439;
    private static final int REVISED_HEADS = 15;

    /** How a physical geometry becomes a logical one; in the order of the numbers that a PC's clock memory has. */
    public enum Translation {
        /** As it is. */
        NONE,
        /** 63 sectors, and heads by the disk's size. */
        LBA,
        /** Half the cylinders and twice the heads, again and again. */
        LARGE,
        /** As {@link #LARGE}, from 15 heads. */
        REVISED
    }

    /** The translation of a disk for which nobody has chosen one. */
    static Translation translation(DriveGeometry physical, long totalSectors) {
        long described = (long) physical.cylinders * physical.heads * physical.sectors;
        if (described == 0 || described > totalSectors) {
            return Translation.LBA;
        }
        if (physical.cylinders <= MAX_CYLINDERS && physical.heads <= FEW_HEADS && physical.sectors <= MAX_SECTORS) {
            return Translation.NONE;
        }
        return physical.cylinders * physical.heads <= LARGE_TRACKS ? Translation.LARGE : Translation.LBA;
    }

    /** The logical geometry of a disk with this physical one. A disk of less than a cylinder has one even so. */
    DriveGeometry translated(Translation translation, long totalSectors) {
        return switch (translation) {
            case NONE -> clipped(cylinders, heads, sectors);
            case LBA -> bySize(totalSectors);
            case LARGE -> shifted(cylinders, heads);
            case REVISED -> heads == FEW_HEADS
                    ? shifted(Math.min(cylinders, MAX_REVISED_CYLINDERS) * FEW_HEADS / REVISED_HEADS, REVISED_HEADS)
                    : shifted(cylinders, heads);
        };
    }

    private static DriveGeometry bySize(long totalSectors) {
        if (totalSectors > (long) MAX_SECTORS * MAX_HEADS * MAX_CYLINDERS) {
            return new DriveGeometry(MAX_CYLINDERS, MAX_HEADS, MAX_SECTORS);
        }
        int tracks = (int) (totalSectors / MAX_SECTORS);
        int needed = tracks / MAX_CYLINDERS;
        int heads = FEW_HEADS;
        while (heads < needed && heads < MANY_HEADS) {
            heads *= 2;
        }
        heads = needed > MANY_HEADS ? MAX_HEADS : heads;
        return clipped(tracks / heads, heads, MAX_SECTORS);
    }

    private DriveGeometry shifted(int fromCylinders, int fromHeads) {
        int fewer = fromCylinders;
        int more = fromHeads;
        while (fewer > MAX_CYLINDERS && more < MANY_HEADS) {
            fewer /= 2;
            more *= 2;
        }
        return clipped(fewer, more, sectors);
    }

    private static DriveGeometry clipped(int cylinders, int heads, int sectors) {
        return new DriveGeometry(Math.clamp(cylinders, 1, MAX_CYLINDERS), heads, sectors);
    }

    /** @param sector from 1 */
    boolean contains(int cylinder, int head, int sector) {
        return cylinder < cylinders && head < heads && sector >= 1 && sector <= sectors;
    }

    /**
     * The number of a sector on the disk, from 0.
     *
     * @param sector from 1
     */
    long number(int cylinder, int head, int sector) {
        return ((long) cylinder * heads + head) * sectors + sector - 1;
    }
}

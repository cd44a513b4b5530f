package jkvm.device.floppy;

import java.util.List;

/**
 * How a disk is laid out, and which drive takes it.
 *
 * @param sectors on a track, of 512 bytes, numbered from 1
 * @param tracks  on a side
 * @param heads   1 or 2
 * @param rate    bits 0 and 1 of the rate register that the controller has to be set to
 */
record FloppyLayout(FloppyDriveType drive, int sectors, int tracks, int heads, int rate) {
    static final int SECTOR_SIZE = 512;
    private static final int RATE_500K = 0;
    private static final int RATE_300K = 1;
    private static final int RATE_250K = 2;
    private static final int RATE_1M = 3;
    private static final int LAST = 0xFF;

    /** A drive without a disk: steps anywhere, finds nothing. */
    static final FloppyLayout EMPTY = new FloppyLayout(FloppyDriveType.AUTO, LAST, LAST, 2, RATE_500K);
    /** No drive. */
    static final FloppyLayout ABSENT = new FloppyLayout(FloppyDriveType.NONE, 0, 0, 1, RATE_500K);

    /** In the order in which an image's size is looked up; the first of each drive is what an odd size counts as. */
    private static final List<FloppyLayout> ALL = List.of(
            of144(18, 80, 2, RATE_500K), of144(20, 80, 2, RATE_500K), of144(21, 80, 2, RATE_500K),
            of144(21, 82, 2, RATE_500K), of144(21, 83, 2, RATE_500K), of144(22, 80, 2, RATE_500K),
            of144(23, 80, 2, RATE_500K), of144(24, 80, 2, RATE_500K),
            of288(36), of288(39), of288(40), of288(44), of288(48),
            of144(9, 80, 2, RATE_250K), of144(10, 80, 2, RATE_250K), of144(10, 82, 2, RATE_250K),
            of144(10, 83, 2, RATE_250K), of144(13, 80, 2, RATE_250K), of144(14, 80, 2, RATE_250K),
            of120(15, 80, 2, RATE_500K), of120(18, 80, 2, RATE_500K), of120(18, 82, 2, RATE_500K),
            of120(18, 83, 2, RATE_500K), of120(20, 80, 2, RATE_500K),
            of120(9, 80, 2, RATE_250K), of120(11, 80, 2, RATE_250K),
            of120(9, 40, 2, RATE_300K), of120(9, 40, 1, RATE_300K), of120(10, 41, 2, RATE_300K),
            of120(10, 42, 2, RATE_300K), of120(8, 40, 2, RATE_250K), of120(8, 40, 1, RATE_250K),
            // As large as a 5.25 inch disk of 360 KB, which comes first.
            of144(9, 80, 1, RATE_250K));

    private static FloppyLayout of144(int sectors, int tracks, int heads, int rate) {
        return new FloppyLayout(FloppyDriveType.D144, sectors, tracks, heads, rate);
    }

    private static FloppyLayout of288(int sectors) {
        return new FloppyLayout(FloppyDriveType.D288, sectors, 80, 2, RATE_1M);
    }

    private static FloppyLayout of120(int sectors, int tracks, int heads, int rate) {
        return new FloppyLayout(FloppyDriveType.D120, sectors, tracks, heads, rate);
    }

    private int size() {
        return sectors * tracks * heads;
    }

    /**
     * The type of a drive for this disk.
     *
     * @param asked    what the user asks for
     * @param capacity in bytes, negative without a disk
     * @param fallback for a disk of an odd size and for none
     */
    static FloppyDriveType driveFor(FloppyDriveType asked, long capacity, FloppyDriveType fallback) {
        if (asked != FloppyDriveType.AUTO) {
            return asked;
        }
        for (FloppyLayout layout : ALL) {
            if (layout.size() == capacity / SECTOR_SIZE) {
                return layout.drive;
            }
        }
        return fallback;
    }

    /** The layout of a disk of so many bytes in a drive: one of this drive's if it has that size, or else any. */
    static FloppyLayout of(FloppyDriveType drive, long capacity) {
        FloppyLayout other = null;
        FloppyLayout first = null;
        for (FloppyLayout layout : ALL) {
            boolean fits = layout.size() == capacity / SECTOR_SIZE;
            if (fits && layout.drive == drive) {
                return layout;
            }
            other = other == null && fits ? layout : other;
            first = first == null && layout.drive == drive ? layout : first;
        }
        return other != null ? other : first;
    }
}

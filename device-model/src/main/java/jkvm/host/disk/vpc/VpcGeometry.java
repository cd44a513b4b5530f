package jkvm.host.disk.vpc;

/**
 * Cylinders, heads and sectors per track, as the appendix of Microsoft's specification computes them from a size.
 */
record VpcGeometry(int cylinders, int heads, int sectors) {
    private static final int MAX_CYLINDERS = 65535, MAX_HEADS = 16, MAX_SECTORS = 255;
    /** The most sectors that a geometry can say. */
    static final long MAX = (long) MAX_CYLINDERS * MAX_HEADS * MAX_SECTORS;
    /** The geometry that means: see the size. */
    static final VpcGeometry LARGEST = new VpcGeometry(MAX_CYLINDERS, MAX_HEADS, MAX_SECTORS);
    private static final int MIN_HEADS = 4, MAX_SMALL_CYLINDERS = 1024;

    /** The geometry for a disk of so many sectors; it may have fewer. */
    static VpcGeometry of(long total) {
        long sectors = Math.min(total, MAX);
        if (sectors >= MAX_CYLINDERS * 16L * 63) {
            return new VpcGeometry((int) (sectors / MAX_SECTORS / MAX_HEADS), MAX_HEADS, MAX_SECTORS);
        }
        long tracks = sectors / 17;
        int heads = (int) Math.max(MIN_HEADS, (tracks + MAX_SMALL_CYLINDERS - 1) / MAX_SMALL_CYLINDERS);
        int perTrack = 17;
        if (tracks >= (long) heads * MAX_SMALL_CYLINDERS || heads > MAX_HEADS) {
            heads = MAX_HEADS;
            perTrack = 31;
            tracks = sectors / perTrack;
        }
        if (tracks >= (long) heads * MAX_SMALL_CYLINDERS) {
            heads = MAX_HEADS;
            perTrack = 63;
            tracks = sectors / perTrack;
        }
        return new VpcGeometry((int) (tracks / heads), heads, perTrack);
    }

    /** The first geometry, for a growing number of sectors, that has at least {@code total} of them. */
    static VpcGeometry atLeast(long total) {
        long wanted = Math.min(total, MAX);
        VpcGeometry geometry = of(wanted);
        for (long more = 1; geometry.total() < wanted; more++) {
            geometry = of(wanted + more);
        }
        return geometry;
    }

    long total() {
        return (long) cylinders * heads * sectors;
    }
}

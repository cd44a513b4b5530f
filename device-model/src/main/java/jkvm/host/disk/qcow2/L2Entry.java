package jkvm.host.disk.qcow2;

/** The bits of L1 and L2 entries (docs/interop/qcow2, "Cluster mapping"). */
public final class L2Entry {
    /** The cluster has one reference, this one: it may be written in place. */
    static final long COPIED_BIT = 1L << 63;
    static final long COMPRESSED_BIT = 1L << 62;
    /** Reads as zeros, whatever the cluster holds. Version 3. */
    static final long ZERO_BIT = 1;
    /** In memory only: the cluster is in the external data file, where offset zero is a place as any other. */
    static final long EXTERNAL_BIT = 2;
    static final long OFFSET_MASK = 0x00fffffffffffe00L;
    private static final int SECTOR = 512;

    private L2Entry() {
    }

    /** The entry without what is in memory only. */
    static long stored(long entry) {
        return isCompressed(entry) ? entry : entry & ~EXTERNAL_BIT;
    }

    static boolean isCompressed(long entry) {
        return (entry & COMPRESSED_BIT) != 0;
    }

    static boolean isZero(long entry) {
        return (entry & (COMPRESSED_BIT | ZERO_BIT)) == ZERO_BIT;
    }

    static boolean isCopied(long entry) {
        return (entry & COPIED_BIT) != 0;
    }

    /** Where the cluster is in the file; zero if there is none. Not for compressed ones. */
    static long offset(long entry) {
        return entry & OFFSET_MASK;
    }

    /** True if neither data nor the zero flag is there. */
    static boolean isUnallocated(long entry) {
        return !isCompressed(entry) && !isZero(entry) && !hasPlace(entry);
    }

    /** True for plain data. */
    static boolean isData(long entry) {
        return !isCompressed(entry) && !isZero(entry) && hasPlace(entry);
    }

    private static boolean hasPlace(long entry) {
        return offset(entry) != 0 || (entry & EXTERNAL_BIT) != 0;
    }

    /** True if data may be written into the cluster that the entry keeps, whether it shows it or zeros. */
    static boolean isOwned(long entry) {
        return !isCompressed(entry) && isCopied(entry) && hasPlace(entry);
    }

    static long compressedOffset(long entry, int clusterBits) {
        return entry & compressedLimit(clusterBits) - 1;
    }

    /** The entry of a compressed cluster that takes {@code length} bytes of the file from {@code offset} on. */
    static long compressed(long offset, int length, int clusterBits) {
        long sectors = (offset + length - 1) / SECTOR - offset / SECTOR;
        return COMPRESSED_BIT | sectors << 62 - (clusterBits - 8) | offset;
    }

    /** The offsets that fit into the entry of a compressed cluster are lower. */
    static long compressedLimit(int clusterBits) {
        return 1L << 62 - (clusterBits - 8);
    }

    /** How many bytes may belong to it, to the end of its last sector. */
    static long compressedLength(long entry, int clusterBits) {
        int shift = 62 - (clusterBits - 8);
        long sectors = (entry >>> shift & (1L << clusterBits - 8) - 1) + 1;
        return sectors * SECTOR - (compressedOffset(entry, clusterBits) & SECTOR - 1);
    }
}

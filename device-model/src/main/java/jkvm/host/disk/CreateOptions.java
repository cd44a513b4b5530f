package jkvm.host.disk;

/**
 * Settings of a new qcow2 image.
 *
 * @param size          of the disk, in bytes; rounded up to sectors
 * @param clusterSize   a power of two from 512 to 2 MiB
 * @param version       2 or 3
 * @param refcountBits  a refcount's width: a power of two up to 64; 16 in version 2
 * @param lazyRefcounts whether refcounts are written when the image is closed only; version 3
 * @param backingFile   the name to store, or null
 * @param backingFormat the backing file's format; null if there is none
 */
public record CreateOptions(long size, int clusterSize, int version, int refcountBits, boolean lazyRefcounts,
        String backingFile, ImageFormat backingFormat) {
    /** The bounds of a cluster's size, in bytes. */
    public static final int MIN_CLUSTER_SIZE = 512, MAX_CLUSTER_SIZE = 2 << 20;
    /** qemu-img's defaults. */
    public static final int DEFAULT_CLUSTER_SIZE = 65536, DEFAULT_REFCOUNT_BITS = 16;
    private static final int MAX_REFCOUNT_BITS = 64;

    public CreateOptions {
        if (size < 0) {
            throw new IllegalArgumentException("size " + size);
        }
        if (Integer.bitCount(clusterSize) != 1 || clusterSize < MIN_CLUSTER_SIZE
                || clusterSize > MAX_CLUSTER_SIZE) {
            throw new IllegalArgumentException("cluster size " + clusterSize);
        }
        if (Integer.bitCount(refcountBits) != 1 || refcountBits > MAX_REFCOUNT_BITS
                || version == 2 && refcountBits != DEFAULT_REFCOUNT_BITS) {
            throw new IllegalArgumentException("refcount bits " + refcountBits);
        }
        if (version != 2 && version != 3 || lazyRefcounts && version != 3) {
            throw new IllegalArgumentException("version " + version);
        }
    }

    /** A disk with the usual properties and without a backing file. */
    public static CreateOptions ofSize(long size) {
        return new CreateOptions(size, DEFAULT_CLUSTER_SIZE, 3, DEFAULT_REFCOUNT_BITS, false, null, null);
    }
}

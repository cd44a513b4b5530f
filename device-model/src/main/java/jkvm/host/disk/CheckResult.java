package jkvm.host.disk;

/**
 * Errors in an image's tables.
 *
 * @param corruptions        errors that can lose data
 * @param leaks              clusters that are taken and not used
 * @param checkErrors        parts that could not be checked
 * @param corruptionsFixed   errors that were repaired; not in {@code corruptions} any more
 * @param leaksFixed         leaks that were repaired; not in {@code leaks} any more
 * @param totalClusters      of the disk
 * @param allocatedClusters  of the disk, that have a place in the file
 * @param fragmentedClusters those that do not follow their neighbour
 * @param compressedClusters those that are compressed
 * @param endOffset          where the used part of the file ends
 */
public record CheckResult(long corruptions, long leaks, long checkErrors, long corruptionsFixed, long leaksFixed,
        long totalClusters, long allocatedClusters, long fragmentedClusters, long compressedClusters,
        long endOffset) {

    /** The same, with what an earlier check has repaired. */
    public CheckResult withFixed(long errors, long leakedClusters) {
        return new CheckResult(corruptions, leaks, checkErrors, errors, leakedClusters, totalClusters,
                allocatedClusters, fragmentedClusters, compressedClusters, endOffset);
    }
}

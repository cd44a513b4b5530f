package jkvm.host.disk;

import java.util.List;

/**
 * Errors in an image's tables.
 *
 * @param corruptions        errors that can lose data
 * @param leaks              clusters that are taken and not used
 * @param corruptionsFixed   errors that were repaired; not in {@code corruptions} any more
 * @param leaksFixed         leaks that were repaired; not in {@code leaks} any more
 * @param totalClusters      of the disk
 * @param allocatedClusters  of the disk, that have a place in the file
 * @param fragmentedClusters those that do not follow their neighbour
 * @param compressedClusters those that are compressed
 * @param endOffset          where the used part of the file ends
 * @param messages           a line for each error, the first thousand
 */
public record CheckResult(long corruptions, long leaks, long corruptionsFixed, long leaksFixed, long totalClusters,
        long allocatedClusters, long fragmentedClusters, long compressedClusters, long endOffset,
        List<String> messages) {

    public CheckResult {
        messages = List.copyOf(messages);
    }
}

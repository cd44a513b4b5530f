package jkvm.machine.facts;

import jkvm.host.disk.DiskStatistics;
import jkvm.host.disk.ImageFormat;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DriveSpec;

/**
 * A disk that a device of the machine has.
 *
 * @param drive      as the user asked for it
 * @param isNode     true for a block node, which has a name of its own, false for a drive
 * @param file       its name
 * @param backingFiles images below it
 * @param capacity   in bytes
 * @param statistics the guest's requests, which go on being counted
 * @param node       the image at its top
 */
public record DiskFacts(DriveSpec drive, boolean isNode, ImageFormat format, String file, int backingFiles,
        long capacity, boolean isReadOnly, DiskStatistics statistics, BlockNode node) {
}

package jkvm.device.virtio.block;

import jkvm.device.board.PropertyException;
import jkvm.device.disk.DiskGeometry;
import jkvm.host.disk.DiskImage;

/**
 * How a disk presents itself.
 *
 * @param serial            its identity, ASCII, at most {@value #MAX_SERIAL} characters
 * @param queues            request queues, 1 to {@value #MAX_QUEUES}
 * @param logicalBlockSize  in bytes, the unit that the driver should use
 * @param physicalBlockSize in bytes, the unit that is fast
 * @param writeCache        whether writes are kept in the host's cache until a flush, at power-on
 * @param discard           whether the driver may discard
 * @param geometry          cylinders, heads and sectors
 */
public record BlockSettings(String serial, int queues, int logicalBlockSize, int physicalBlockSize, boolean writeCache,
        boolean discard, DiskGeometry geometry) {
    public static final int MAX_SERIAL = 20;
    public static final int MAX_QUEUES = 64;
    public static final int SECTOR_SIZE = 512;
    public static final int MAX_BLOCK_SIZE = 32768;

    /** One queue, blocks of 512 bytes, with write cache and discard. */
    public static final BlockSettings DEFAULT = new BlockSettings("", 1, SECTOR_SIZE, SECTOR_SIZE, true, true);

    /** With the geometry that the disk itself tells. */
    public BlockSettings(String serial, int queues, int logicalBlockSize, int physicalBlockSize, boolean writeCache,
            boolean discard) {
        this(serial, queues, logicalBlockSize, physicalBlockSize, writeCache, discard, DiskGeometry.GUESSED);
    }

    public BlockSettings {
        if (serial.length() > MAX_SERIAL || !serial.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw PropertyException.invalid("serial", serial, "at most " + MAX_SERIAL + " ASCII characters");
        }
        if (queues < 1 || queues > MAX_QUEUES) {
            throw PropertyException.invalid("num-queues", queues, "must be from 1 to " + MAX_QUEUES);
        }
        requireBlockSize("logical_block_size", logicalBlockSize);
        requireBlockSize("physical_block_size", physicalBlockSize);
        if (logicalBlockSize > physicalBlockSize) {
            throw new PropertyException(PropertyException.Kind.CONFLICT, "logical_block_size", "logical_block_size="
                    + logicalBlockSize + ": must not be larger than physical_block_size=" + physicalBlockSize);
        }
    }

    /** The same of a disk: where its geometry is to be guessed, that is read from it. */
    BlockSettings of(DiskImage image) {
        return geometry.isGuessed() ? new BlockSettings(serial, queues, logicalBlockSize, physicalBlockSize, writeCache,
                discard, DiskGeometry.of(image)) : this;
    }

    private static void requireBlockSize(String property, int size) {
        if (size < SECTOR_SIZE || size > MAX_BLOCK_SIZE || Integer.bitCount(size) != 1) {
            throw PropertyException.invalid(property, size, "must be a power of two from " + SECTOR_SIZE + " to "
                    + MAX_BLOCK_SIZE);
        }
    }
}

package jkvm.device.scsi;

/**
 * How a disk presents itself.
 *
 * @param logicalBlock  bytes of a block, a power of two
 * @param physicalBlock bytes of the unit that is fast, a power of two
 * @param writeCache    whether writes are kept in the host's cache until a flush, at power-on
 * @param rotationRate  as the page of characteristics tells it: 0 for unknown, 1 for none
 * @param wwn           world wide name, 0 for none
 */
public record ScsiDiskSettings(int logicalBlock, int physicalBlock, boolean writeCache, int rotationRate, long wwn) {
    /** Blocks of 512 bytes, with a write cache. */
    public static final ScsiDiskSettings DEFAULT = new ScsiDiskSettings(512, 512, true, 0, 0);
}

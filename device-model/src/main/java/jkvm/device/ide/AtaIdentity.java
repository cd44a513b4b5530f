package jkvm.device.ide;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jkvm.device.disk.DiskGeometry;

/**
 * The names of a drive, and the data of IDENTIFY DEVICE and IDENTIFY PACKET DEVICE (ATA-6 sections 8.15 and 8.16) with
 * the words that QEMU's drives have.
 *
 * @param serial   ASCII, at most 20 characters
 * @param model    at most 40
 * @param firmware at most 8
 * @param wwn      its world wide name; 0 for none
 * @param physicalBlock bytes of a block that is fast
 */
public record AtaIdentity(String serial, String model, String firmware, long wwn, int physicalBlock) {
    public static final int MAX_SERIAL = 20;
    public static final int MAX_MODEL = 40;
    public static final int MAX_FIRMWARE = 8;
    private static final int WORDS = 256;
    private static final long MAX_LBA28 = (1 << 28) - 1;
    private static final int ALL_THREE_MODES = 0x07;
    private static final int ULTRA_MODES = 0x3F;
    private static final int NOP_CACHE_SMART = 1 << 14 | 1 << 5 | 1;
    private static final int FLUSH_AND_LBA48 = 1 << 13 | 1 << 12 | 1 << 10;
    private static final int VALID = 1 << 14;
    private static final int WWN_BIT = 1 << 8;
    private static final int PACKET_CD_ROM = 2 << 14 | 5 << 8 | 1 << 7 | 2 << 5;

    /** In word 76: takes queued commands. */
    private static final int QUEUES_BIT = 1 << 8;

    /** What IDENTIFY tells of a disk's size and place in its present setting. */
    record Disk(long sectors, DiskGeometry geometry, int heads, int trackSectors, int multiple, boolean isQueueing) {
    }

    private static ByteBuffer clean(byte[] data) {
        Arrays.fill(data, 0, WORDS * Short.BYTES, (byte) 0);
        return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void word(ByteBuffer out, int index, long value) {
        out.putShort(index * Short.BYTES, (short) value);
    }

    private static void words(ByteBuffer out, int first, int last, int value) {
        for (int i = first; i <= last; i++) {
            word(out, i, value);
        }
    }

    /** Two characters a word, the first one in the high half. */
    private static void text(ByteBuffer out, int index, String text, int length) {
        for (int i = 0; i < length; i++) {
            out.put(index * Short.BYTES + (i ^ 1), (byte) (i < text.length() ? text.charAt(i) : ' '));
        }
    }

    private void putNames(ByteBuffer out) {
        text(out, 10, serial, MAX_SERIAL);
        word(out, 20, 3);
        word(out, 21, 512);
        word(out, 22, 4);
        text(out, 23, firmware, MAX_FIRMWARE);
        text(out, 27, model, MAX_MODEL);
    }

    /** Fills 512 bytes with the data of a disk. */
    void putDisk(byte[] data, Disk disk, AtaFeatures features) {
        ByteBuffer out = clean(data);
        DiskGeometry geometry = disk.geometry();
        word(out, 0, 0x0040);
        word(out, 1, geometry.cylinders());
        word(out, 3, geometry.heads());
        word(out, 4, 512L * geometry.sectors());
        word(out, 5, 512);
        word(out, 6, geometry.sectors());
        putNames(out);
        word(out, 47, 0x8000 | AtaDisk.MAX_MULTIPLE);
        word(out, 48, 1);
        word(out, 49, 1 << 11 | 1 << 9 | 1 << 8);
        words(out, 51, 52, 0x200);
        word(out, 53, 7);
        putPlace(out, disk);
        word(out, 59, disk.multiple() == 0 ? 0 : 0x100 | disk.multiple());
        long lba28 = Math.min(disk.sectors(), MAX_LBA28);
        word(out, 60, lba28);
        word(out, 61, lba28 >> 16);
        word(out, 62, ALL_THREE_MODES | features.singleWord() << 8);
        word(out, 63, ALL_THREE_MODES | features.multiWord() << 8);
        word(out, 64, 0x03);
        words(out, 65, 68, 120);
        word(out, 69, 1 << 14);
        if (disk.isQueueing()) {
            word(out, 75, AhciSlots.COUNT - 1);
            word(out, 76, QUEUES_BIT);
        }
        putSets(out, features);
        out.putLong(100 * Short.BYTES, disk.sectors());
        word(out, 106, 0x6000 | Integer.numberOfTrailingZeros(Math.max(physicalBlock, AtaDisk.SECTOR)
                / AtaDisk.SECTOR));
        putWwn(out);
        word(out, 169, 1);
    }

    private static void putPlace(ByteBuffer out, Disk disk) {
        DiskGeometry geometry = disk.geometry();
        int perCylinder = Math.max(1, disk.heads() * disk.trackSectors());
        long cylinders = disk.heads() == geometry.heads() && disk.trackSectors() == geometry.sectors()
                ? geometry.cylinders() : Math.min(0xFFFF, Math.min(disk.sectors(), MAX_LBA28) / perCylinder);
        long all = cylinders * disk.heads() * disk.trackSectors();
        word(out, 54, cylinders);
        word(out, 55, disk.heads());
        word(out, 56, disk.trackSectors());
        word(out, 57, all);
        word(out, 58, all >> 16);
    }

    /** The sets of commands: there are, and are switched on. */
    private void putSets(ByteBuffer out, AtaFeatures features) {
        int further = VALID | (wwn == 0 ? 0 : WWN_BIT);
        word(out, 80, 0xF0);
        word(out, 81, 0x16);
        word(out, 82, NOP_CACHE_SMART);
        word(out, 83, VALID | FLUSH_AND_LBA48);
        word(out, 84, further);
        word(out, 85, NOP_CACHE_SMART & ~(features.writeCache() ? 0 : 1 << 5));
        word(out, 86, FLUSH_AND_LBA48);
        word(out, 87, further);
        word(out, 88, ULTRA_MODES | features.ultra() << 8);
        word(out, 93, 0x6001);
    }

    private void putWwn(ByteBuffer out) {
        for (int i = 0; i < Long.BYTES / Short.BYTES && wwn != 0; i++) {
            word(out, 108 + i, wwn >>> 48 - i * Short.SIZE);
        }
    }

    /** Fills 512 bytes with the data of a CD-ROM drive. */
    void putPacketDevice(byte[] data, AtaFeatures features) {
        ByteBuffer out = clean(data);
        word(out, 0, PACKET_CD_ROM);
        putNames(out);
        word(out, 48, 1);
        word(out, 49, 1 << 9 | 1 << 8);
        word(out, 53, 7);
        word(out, 62, ALL_THREE_MODES | features.singleWord() << 8);
        word(out, 63, ALL_THREE_MODES | features.multiWord() << 8);
        word(out, 64, 3);
        words(out, 65, 68, 0xB4);
        word(out, 67, 0x12C);
        words(out, 71, 72, 30);
        word(out, 80, 0x1E);
        word(out, 84, wwn == 0 ? 0 : WWN_BIT);
        word(out, 87, wwn == 0 ? 0 : WWN_BIT);
        word(out, 88, ULTRA_MODES | features.ultra() << 8);
        putWwn(out);
    }
}

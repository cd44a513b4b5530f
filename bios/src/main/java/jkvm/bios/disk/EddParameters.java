package jkvm.bios.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The drive parameters of the enhanced disk drive specification 3.0, which INT 13h AH=48h gives, as SeaBIOS fills them:
 * the first field says 30 bytes although the device's path follows where the caller has room for it.
 */
final class EddParameters {
    /** The least room that a caller must have. */
    static final int BASE_SIZE = 26;
    /** With the pointer to the {@link #ataTable}. */
    static final int TABLE_SIZE = 30;
    /** With the path as Phoenix lays it out. */
    static final int PATH_SIZE = 66;
    /** With the path as the T13 committee lays it out. */
    static final int LONG_PATH_SIZE = 74;
    /** The bytes of {@link #ataTable}. */
    static final int ATA_TABLE_SIZE = 16;
    /** The pointer where there is no table. */
    static final int NO_TABLE = -1;

    private static final int INFORMATION_OFFSET = 2;
    private static final int CYLINDERS_OFFSET = 4;
    private static final int HEADS_OFFSET = 8;
    private static final int SECTORS_OFFSET = 12;
    private static final int TOTAL_OFFSET = 16;
    private static final int SECTOR_SIZE_OFFSET = 24;
    private static final int TABLE_OFFSET = 26;
    private static final int KEY_OFFSET = 30;
    private static final int PATH_LENGTH_OFFSET = 32;
    private static final int BUS_OFFSET = 36;
    private static final int INTERFACE_OFFSET = 40;
    private static final int INTERFACE_PATH_OFFSET = 48;
    private static final int DEVICE_PATH_OFFSET = 56;

    private static final int VALID_GEOMETRY = 0x02;
    /** Removable, with a change line, lockable, with the largest values. */
    private static final int REMOVABLE = 0x74;
    private static final int MAX_CYLINDERS = 0x3FFF;
    private static final int KEY = 0xBEDD;
    private static final int CHANNEL_SHIFT = 24;

    private static final int CHS_TRANSLATION = 1 << 3;
    private static final int LBA_TRANSLATION = 1 << 4;
    private static final int REMOVABLE_ATAPI = 1 << 5 | 1 << 6;
    private static final int LBA_ASSISTED = 1 << 9;
    private static final int REVISED = 3 << 9;
    private static final int FIRST_DRIVE = 0xE0;
    private static final int SECOND_DRIVE = 0xF0;
    private static final int UNUSED = 0xCB;
    private static final int REVISION = 0x11;

    private EddParameters() {
    }

    /**
     * Fills a caller's structure.
     *
     * @param into  the structure, at least {@link #BASE_SIZE} bytes
     * @param size  what its first field says: at least as much
     * @param table segment and offset of the drive's {@link #ataTable}, or {@link #NO_TABLE}
     */
    static void fill(byte[] into, int size, BootDrive drive, int table) {
        ByteBuffer view = ByteBuffer.wrap(into).order(ByteOrder.LITTLE_ENDIAN);
        view.putShort(0, (short) BASE_SIZE);
        if (drive.kind() == BootDrive.Kind.CD) {
            view.putShort(INFORMATION_OFFSET, (short) REMOVABLE);
            view.putInt(CYLINDERS_OFFSET, -1).putInt(HEADS_OFFSET, -1).putInt(SECTORS_OFFSET, -1);
            view.putLong(TOTAL_OFFSET, -1);
        } else {
            putSize(view, drive.physical(), drive.disk().sectors());
        }
        view.putShort(SECTOR_SIZE_OFFSET, (short) drive.disk().sectorSize());
        if (size < TABLE_SIZE || drive.attachment() instanceof Attachment.Plain) {
            return;
        }
        view.putShort(0, (short) TABLE_SIZE);
        view.putInt(TABLE_OFFSET, table);
        if (size >= PATH_SIZE) {
            putPath(view, drive.attachment(), size == LONG_PATH_SIZE);
        }
    }

    private static void putSize(ByteBuffer view, DriveGeometry physical, long sectors) {
        boolean isTooLarge = sectors > (long) physical.sectors() * physical.heads() * MAX_CYLINDERS;
        view.putShort(INFORMATION_OFFSET, (short) (isTooLarge ? 0 : VALID_GEOMETRY));
        view.putInt(CYLINDERS_OFFSET, isTooLarge ? MAX_CYLINDERS : physical.cylinders());
        view.putInt(HEADS_OFFSET, physical.heads()).putInt(SECTORS_OFFSET, physical.sectors());
        view.putLong(TOTAL_OFFSET, sectors);
    }

    private static void putPath(ByteBuffer view, Attachment attachment, boolean isLong) {
        view.putShort(KEY_OFFSET, (short) KEY);
        int end = isLong ? LONG_PATH_SIZE : PATH_SIZE;
        view.putInt(PATH_LENGTH_OFFSET, end - KEY_OFFSET);
        view.put(BUS_OFFSET, ascii("PCI "));
        int pciAddress = 0;
        int channel = 0;
        int second = 0;
        if (attachment instanceof Attachment.Ata ata) {
            view.put(INTERFACE_OFFSET, ascii("ATA     "));
            pciAddress = ata.pciAddress();
            channel = ata.channel();
            second = ata.isSecond() ? 1 : 0;
        } else if (attachment instanceof Attachment.Scsi scsi) {
            view.put(INTERFACE_OFFSET, ascii("SCSI    "));
            pciAddress = scsi.pciAddress();
        }
        long path = (long) (pciAddress >> 3) << Byte.SIZE | (long) (pciAddress & 7) << Short.SIZE;
        view.putLong(INTERFACE_PATH_OFFSET, isLong ? path | (long) channel << CHANNEL_SHIFT : path);
        view.putLong(DEVICE_PATH_OFFSET, second);
        if (isLong) {
            view.putLong(DEVICE_PATH_OFFSET + Long.BYTES, 0);
        }
        view.put(end - 1, (byte) -sum(view, KEY_OFFSET, end - 1));
    }

    /** The table of an ATA drive: its registers and how it is addressed. */
    static byte[] ataTable(Attachment.Ata ata, DriveGeometry.Translation translation, boolean isCd) {
        ByteBuffer view = ByteBuffer.allocate(ATA_TABLE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        view.putShort((short) ata.commandPort()).putShort((short) ata.controlPort());
        view.put((byte) (ata.isSecond() ? SECOND_DRIVE : FIRST_DRIVE)).put((byte) UNUSED);
        view.put((byte) ata.irq()).put((byte) 1).put((byte) 0).put((byte) 0);
        int options = LBA_TRANSLATION | (isCd ? REMOVABLE_ATAPI : switch (translation) {
            case NONE -> 0;
            case LBA -> CHS_TRANSLATION | LBA_ASSISTED;
            case LARGE -> CHS_TRANSLATION;
            case REVISED -> CHS_TRANSLATION | REVISED;
        });
        view.putShort((short) options).putShort((short) 0).put((byte) REVISION);
        view.put((byte) -sum(view, 0, ATA_TABLE_SIZE - 1));
        return view.array();
    }

    private static int sum(ByteBuffer view, int start, int end) {
        int sum = 0;
        for (int i = start; i < end; i++) {
            sum += view.get(i);
        }
        return sum;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

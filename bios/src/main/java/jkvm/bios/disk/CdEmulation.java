package jkvm.bios.disk;

import jkvm.bios.BiosData;

/**
 * The boot image of a CD that INT 13h shows as a floppy or a hard disk (El Torito 1.0 section 4). All of its state is
 * in guest memory, where a guest can change it: each field is checked when it is used.
 */
final class CdEmulation {
    /** The bytes of the state. */
    static final int STATE_SIZE = 0x10;
    /** The bytes of the packet of INT 13h AH=4Bh. */
    static final int PACKET_SIZE = 0x13;

    private static final int MEDIA_OFFSET = 0x00;
    private static final int DRIVE_OFFSET = 0x01;
    private static final int CD_OFFSET = 0x02;
    private static final int HEAD_OFFSET = 0x03;
    private static final int BLOCK_OFFSET = 0x04;
    private static final int SEGMENT_OFFSET = 0x08;
    private static final int COUNT_OFFSET = 0x0A;
    private static final int CYLINDER_OFFSET = 0x0C;
    private static final int SECTOR_OFFSET = 0x0D;
    /** The media of an entry whose image is not read yet. */
    private static final int PROPOSED_OFFSET = 0x0E;
    private static final int SECTOR_MASK = 0x3F;
    private static final int HIGH_CYLINDER_MASK = 0xC0;

    private static final int PACKET_MEDIA = 0x01;
    private static final int PACKET_DRIVE = 0x02;
    private static final int PACKET_CONTROLLER = 0x03;
    private static final int PACKET_BLOCK = 0x04;
    private static final int PACKET_DEVICE = 0x08;
    /** Two words: where the image's first sectors are, and how many. */
    private static final int PACKET_SEGMENT = 0x0C;
    private static final int PACKET_CYLINDER = 0x10;

    private final BiosData data;
    private final DriveTable drives;

    /** The emulation as it is at this moment. */
    CdEmulation(BiosData data, DriveTable drives) {
        this.data = data;
        this.drives = drives;
    }

    private int field(int offset) {
        return data.readByte(DiskArea.EMULATION + offset);
    }

    private void field(int offset, int value) {
        data.writeByte(DiskArea.EMULATION + offset, value);
    }

    /** True while a drive is emulated. */
    boolean isActive() {
        int media = field(MEDIA_OFFSET);
        return media != BootCatalog.Media.NONE.ordinal() && media < BootCatalog.Media.values().length;
    }

    /** The number of the emulated drive, or of the CD that was booted from without emulation. */
    int drive() {
        return field(DRIVE_OFFSET);
    }

    /** True for a drive of the emulated one's kind: its number is one higher than without emulation. */
    boolean shifts(int number) {
        return isActive() && number < DriveTable.FIRST_CD && ((number ^ drive()) & DriveTable.FIRST_HARD_DISK) == 0;
    }

    /** The emulated drive; null if its CD is gone. */
    BootDrive emulated() {
        int cd = field(CD_OFFSET);
        if (cd >= drives.cds().size()) {
            return null;
        }
        BootDrive real = drives.cds().get(cd);
        int sectorAndCylinder = field(SECTOR_OFFSET);
        DriveGeometry geometry = new DriveGeometry(
                (field(CYLINDER_OFFSET) | (sectorAndCylinder & HIGH_CYLINDER_MASK) << 2) + 1,
                field(HEAD_OFFSET) + 1, sectorAndCylinder & SECTOR_MASK);
        boolean isFloppy = drive() < DriveTable.FIRST_HARD_DISK;
        return new BootDrive(new EmulatedDisk(real.disk(), block()),
                isFloppy ? BootDrive.Kind.FLOPPY : BootDrive.Kind.HARD_DISK, DriveGeometry.NONE, geometry,
                DriveGeometry.Translation.NONE, null, new Attachment.Plain(), real.description(), 0);
    }

    private long block() {
        return Integer.toUnsignedLong(data.readInt(DiskArea.EMULATION + BLOCK_OFFSET));
    }

    /** The number by which INT 13h AH=08h tells the emulated floppy's drive. */
    int floppyNumber() {
        return field(MEDIA_OFFSET) * 2;
    }

    /** Keeps an entry while its image is read; no drive is emulated. */
    static void propose(BiosData data, BootCatalog.Entry entry) {
        data.clear(DiskArea.EMULATION, STATE_SIZE);
        data.writeByte(DiskArea.EMULATION + PROPOSED_OFFSET, entry.media().ordinal());
        data.writeInt(DiskArea.EMULATION + BLOCK_OFFSET, (int) entry.block());
        data.writeWord(DiskArea.EMULATION + SEGMENT_OFFSET, entry.segment());
        data.writeWord(DiskArea.EMULATION + COUNT_OFFSET, entry.sectors());
    }

    /** The entry that {@link #propose} has kept. */
    static BootCatalog.Entry proposed(BiosData data) {
        BootCatalog.Media[] media = BootCatalog.Media.values();
        return new BootCatalog.Entry(media[data.readByte(DiskArea.EMULATION + PROPOSED_OFFSET) % media.length],
                data.readWord(DiskArea.EMULATION + SEGMENT_OFFSET), data.readWord(DiskArea.EMULATION + COUNT_OFFSET),
                Integer.toUnsignedLong(data.readInt(DiskArea.EMULATION + BLOCK_OFFSET)));
    }

    /**
     * A CD boots: its image is in memory already.
     *
     * @param cd           the CD's index
     * @param partitionEnd for a hard disk, how its first partition ends: head, then sector and cylinder
     */
    void start(BootCatalog.Entry entry, int cd, byte[] partitionEnd) {
        data.clear(DiskArea.EMULATION, STATE_SIZE);
        field(MEDIA_OFFSET, entry.media().ordinal());
        field(CD_OFFSET, cd);
        data.writeInt(DiskArea.EMULATION + BLOCK_OFFSET, (int) entry.block());
        data.writeWord(DiskArea.EMULATION + SEGMENT_OFFSET, entry.segment());
        data.writeWord(DiskArea.EMULATION + COUNT_OFFSET, entry.sectors());
        switch (entry.media()) {
            case NONE -> field(DRIVE_OFFSET, DriveTable.FIRST_CD + cd);
            case HARD_DISK -> {
                field(DRIVE_OFFSET, DriveTable.FIRST_HARD_DISK);
                putGeometry(partitionEnd[0], partitionEnd[1], partitionEnd[2]);
            }
            default -> {
                DriveGeometry geometry = entry.media().format().geometry();
                putGeometry(geometry.heads() - 1, geometry.sectors(), geometry.cylinders() - 1);
            }
        }
    }

    private void putGeometry(int head, int sectorAndCylinder, int cylinder) {
        field(HEAD_OFFSET, head);
        field(SECTOR_OFFSET, sectorAndCylinder);
        field(CYLINDER_OFFSET, cylinder);
    }

    /** Ends the emulation: the drives have the numbers again that they have without. */
    void end() {
        field(MEDIA_OFFSET, 0);
    }

    /** The packet that INT 13h AH=4Bh fills; zeros where the machine has not booted from a CD. */
    byte[] packet() {
        byte[] packet = new byte[PACKET_SIZE];
        packet[0] = PACKET_SIZE;
        packet[PACKET_MEDIA] = (byte) field(MEDIA_OFFSET);
        packet[PACKET_DRIVE] = (byte) field(DRIVE_OFFSET);
        int cd = field(CD_OFFSET);
        if (block() != 0 && cd < drives.cds().size()
                && drives.cds().get(cd).attachment() instanceof Attachment.Ata ata) {
            packet[PACKET_CONTROLLER] = (byte) ata.channel();
            packet[PACKET_DEVICE] = (byte) (ata.isSecond() ? 1 : 0);
        }
        copy(packet, PACKET_BLOCK, BLOCK_OFFSET, Integer.BYTES);
        copy(packet, PACKET_SEGMENT, SEGMENT_OFFSET, 2 * Short.BYTES);
        packet[PACKET_CYLINDER] = (byte) field(CYLINDER_OFFSET);
        packet[PACKET_CYLINDER + 1] = (byte) field(SECTOR_OFFSET);
        packet[PACKET_CYLINDER + 2] = (byte) field(HEAD_OFFSET);
        return packet;
    }

    private void copy(byte[] packet, int to, int from, int length) {
        for (int i = 0; i < length; i++) {
            packet[to + i] = (byte) field(from + i);
        }
    }
}

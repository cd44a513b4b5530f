package jkvm.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/** Kinds of disks: where a boot loader lies on them, and one partition with a file system. */
public enum PartitionTable {
    /** The loader between the boot sector and the first partition. */
    MBR(1, "msdos1") {
        @Override
        void write(ByteBuffer disk, int sectors) {
            entry(disk, 0, 0x80, LINUX, DATA_SECTOR, sectors);
        }
    },
    /** The loader in a BIOS boot partition, and a protective MBR (UEFI 2.10, section 5). */
    GPT(PartitionTable.GPT_LOADER_SECTOR, "gpt2") {
        @Override
        void write(ByteBuffer disk, int sectors) {
            int end = disk.capacity() / SECTOR;
            entry(disk, 0, 0, PROTECTIVE, 1, end - 1);
            byte[] entries = new byte[GPT_ENTRIES * GPT_ENTRY_SIZE];
            ByteBuffer table = ByteBuffer.wrap(entries).order(ByteOrder.LITTLE_ENDIAN);
            gptEntry(table, 0, BIOS_BOOT, GPT_LOADER_SECTOR, DATA_SECTOR - 1);
            gptEntry(table, 1, LINUX_DATA, DATA_SECTOR, DATA_SECTOR + sectors - 1);
            int tableSectors = entries.length / SECTOR;
            disk.put(2 * SECTOR, entries);
            disk.put((end - 1 - tableSectors) * SECTOR, entries);
            gptHeader(disk, 1, end - 1, 2, entries);
            gptHeader(disk, end - 1, 1, end - 1 - tableSectors, entries);
        }
    };

    static final int SECTOR = 512;
    private static final int GPT_LOADER_SECTOR = 34;
    private static final int DATA_SECTOR = 2048;
    /** After the last partition, for the second GPT. */
    private static final int TAIL = 2048;
    private static final int TABLE_OFFSET = 446;
    private static final int SIGNATURE_OFFSET = 510;
    private static final int LINUX = 0x83;
    private static final int PROTECTIVE = 0xEE;
    private static final int GPT_ENTRIES = 128;
    private static final int GPT_ENTRY_SIZE = 128;
    private static final int GPT_HEADER_SIZE = 92;
    private static final byte[] BIOS_BOOT = "Hah!IdontNeedEFI".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LINUX_DATA = guid(0x0FC63DAF, 0x8483, 0x4772, 0x8E793D69D8477DE4L);

    private final int loaderSector;
    private final String dataPartition;

    PartitionTable(int loaderSector, String dataPartition) {
        this.loaderSector = loaderSector;
        this.dataPartition = dataPartition;
    }

    /** Where the boot loader's second part begins. */
    int loaderSector() {
        return loaderSector;
    }

    /** The partition with the file system, as GRUB names it. */
    String dataPartition() {
        return dataPartition;
    }

    /** Writes the table of a disk whose data partition has so many sectors. */
    abstract void write(ByteBuffer disk, int sectors);

    /**
     * A whole disk.
     *
     * @param boot      code of the boot sector; its partition table is replaced
     * @param loader    the boot loader's second part
     * @param partition the file system
     */
    byte[] disk(byte[] boot, byte[] loader, byte[] partition) {
        if ((loaderSector + sectors(loader)) > DATA_SECTOR) {
            throw new IllegalArgumentException("a boot loader of " + loader.length + " bytes");
        }
        byte[] disk = new byte[(DATA_SECTOR + sectors(partition) + TAIL) * SECTOR];
        System.arraycopy(boot, 0, disk, 0, Math.min(boot.length, SECTOR));
        Arrays.fill(disk, TABLE_OFFSET, SIGNATURE_OFFSET, (byte) 0);
        ByteBuffer buffer = ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putShort(SIGNATURE_OFFSET, (short) 0xAA55);
        write(buffer, sectors(partition));
        buffer.put(loaderSector * SECTOR, loader);
        buffer.put(DATA_SECTOR * SECTOR, partition);
        return disk;
    }

    private static int sectors(byte[] content) {
        return (content.length + SECTOR - 1) / SECTOR;
    }

    private static void entry(ByteBuffer disk, int number, int active, int type, int first, int sectors) {
        int offset = TABLE_OFFSET + number * 16;
        disk.put(offset, (byte) active).put(offset + 4, (byte) type).putInt(offset + 8, first)
                .putInt(offset + 12, sectors);
    }

    private static void gptEntry(ByteBuffer table, int number, byte[] type, int first, int last) {
        int offset = number * GPT_ENTRY_SIZE;
        table.put(offset, type).put(offset + 16, guid(number + 1, 0, 0, 0)).putLong(offset + 32, first)
                .putLong(offset + 40, last);
    }

    private static void gptHeader(ByteBuffer disk, int own, int other, int tableSector, byte[] entries) {
        int end = disk.capacity() / SECTOR;
        int tableSectors = entries.length / SECTOR;
        ByteBuffer header = ByteBuffer.allocate(GPT_HEADER_SIZE).order(ByteOrder.LITTLE_ENDIAN)
                .put("EFI PART".getBytes(StandardCharsets.US_ASCII)).putInt(0x10000).putInt(GPT_HEADER_SIZE)
                .putInt(0).putInt(0).putLong(own).putLong(other).putLong(2 + tableSectors)
                .putLong(end - 2 - tableSectors).put(guid(0x4A4B564D, 0, 0, 0)).putLong(tableSector)
                .putInt(GPT_ENTRIES).putInt(GPT_ENTRY_SIZE).putInt(crc(entries));
        header.putInt(16, crc(header.array()));
        disk.put(own * SECTOR, header.array());
    }

    private static int crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private static byte[] guid(int first, int second, int third, long rest) {
        return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(first).putShort((short) second)
                .putShort((short) third).order(ByteOrder.BIG_ENDIAN).putLong(rest).array();
    }
}

package jkvm.host.disk.qcow;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskImage;

/**
 * The header of a qcow file, big-endian.
 *
 * @param backingFile the backing file's name, or null
 * @param size        of the disk, in bytes
 * @param l2Bits      an L2 table has two to the power of this entries
 */
record QcowHeader(String backingFile, long size, int clusterBits, int l2Bits, long l1Offset) {
    static final int LENGTH = 48;
    private static final int MAGIC = 0x514649fb, VERSION = 1;
    private static final int BACKING_OFFSET_FIELD = 8, BACKING_SIZE_FIELD = 16, SIZE_FIELD = 24;
    private static final int CLUSTER_BITS_FIELD = 32, L2_BITS_FIELD = 33, ENCRYPTION_FIELD = 36, L1_OFFSET_FIELD = 40;
    private static final int MIN_BITS = 9, MAX_BITS = 16, ENTRY_BITS = 3, MAX_NAME = 1023;
    private static final long MAX_L1_BYTES = 32 << 20;

    static boolean isQcow(BlockFile file) throws IOException {
        MemorySegment start = Bytes.allocate(8);
        return file.read(0, start) == 8 && Bytes.getInt(start, 0) == MAGIC && Bytes.getInt(start, 4) == VERSION;
    }

    static QcowHeader read(BlockFile file) throws IOException {
        if (!isQcow(file)) {
            throw new IOException("not a qcow image of version 1");
        }
        MemorySegment bytes = Bytes.readFully(file, 0, LENGTH, "the header");
        if (Bytes.getInt(bytes, ENCRYPTION_FIELD) != 0) {
            throw new IOException("the image is encrypted, which is not supported");
        }
        long nameOffset = Bytes.getLong(bytes, BACKING_OFFSET_FIELD);
        QcowHeader header = new QcowHeader(
                nameOffset == 0 ? null : name(file, nameOffset, Bytes.getInt(bytes, BACKING_SIZE_FIELD)),
                Bytes.getLong(bytes, SIZE_FIELD), bytes.get(ValueLayout.JAVA_BYTE, CLUSTER_BITS_FIELD),
                bytes.get(ValueLayout.JAVA_BYTE, L2_BITS_FIELD), Bytes.getLong(bytes, L1_OFFSET_FIELD));
        header.check(file.size());
        return header;
    }

    private static String name(BlockFile file, long offset, int size) throws IOException {
        if (size < 0 || size > MAX_NAME || offset < 0) {
            throw new IOException("Backing file name too long");
        }
        byte[] name = Bytes.readFully(file, offset, size, "the backing file's name").toArray(ValueLayout.JAVA_BYTE);
        return size == 0 ? null : new String(name, StandardCharsets.UTF_8);
    }

    private void check(long fileSize) throws IOException {
        if (size <= 1) {
            throw new IOException("Image size is too small (must be at least 2 bytes)");
        }
        if (clusterBits < MIN_BITS || clusterBits > MAX_BITS) {
            throw new IOException("Cluster size must be between 512 and 64k");
        }
        if (l2Bits < MIN_BITS - ENTRY_BITS || l2Bits > MAX_BITS - ENTRY_BITS) {
            throw new IOException("L2 table size must be between 512 and 64k");
        }
        if (l1Entries() > MAX_L1_BYTES / 8) {
            throw new IOException("Image too large");
        }
        if (l1Offset < LENGTH || l1Offset > fileSize - 8 * l1Entries()) {
            throw new IOException("the L1 table lies past the end of the file");
        }
    }

    int clusterSize() {
        return 1 << clusterBits;
    }

    /** Bytes of an L2 table. */
    int l2Size() {
        return 1 << l2Bits + ENTRY_BITS;
    }

    long l1Entries() {
        int bits = clusterBits + l2Bits;
        return (size >>> bits) + ((size & (1L << bits) - 1) == 0 ? 0 : 1);
    }

    /** Where the L1 table ends, in whole sectors from its begin. */
    long l1End() {
        return l1Offset + Bytes.roundUp(8 * l1Entries(), DiskImage.SECTOR_SIZE);
    }

    /** The header and an empty L1 table of a new disk. */
    MemorySegment bytes() {
        byte[] name = backingFile == null ? new byte[0] : backingFile.getBytes(StandardCharsets.UTF_8);
        MemorySegment bytes = Bytes.allocate(l1End());
        Bytes.putInt(bytes, 0, MAGIC);
        Bytes.putInt(bytes, 4, VERSION);
        Bytes.putLong(bytes, BACKING_OFFSET_FIELD, name.length == 0 ? 0 : LENGTH);
        Bytes.putInt(bytes, BACKING_SIZE_FIELD, name.length);
        Bytes.putLong(bytes, SIZE_FIELD, size);
        bytes.set(ValueLayout.JAVA_BYTE, CLUSTER_BITS_FIELD, (byte) clusterBits);
        bytes.set(ValueLayout.JAVA_BYTE, L2_BITS_FIELD, (byte) l2Bits);
        Bytes.putLong(bytes, L1_OFFSET_FIELD, l1Offset);
        MemorySegment.copy(MemorySegment.ofArray(name), 0, bytes, LENGTH, name.length);
        return bytes;
    }

    /** The header of a new disk, with clusters as small as QEMU's. */
    static QcowHeader create(long size, String backingFile) throws IOException {
        int nameSize = backingFile == null ? 0 : backingFile.getBytes(StandardCharsets.UTF_8).length;
        if (nameSize > MAX_NAME) {
            throw new IOException("Backing file name too long");
        }
        boolean alone = backingFile == null;
        QcowHeader header = new QcowHeader(backingFile, size, alone ? 12 : 9, alone ? 9 : 12,
                Bytes.roundUp(LENGTH + nameSize, 8));
        header.check(Long.MAX_VALUE);
        return header;
    }
}

package jkvm.host.disk.vpc;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskImage;

/**
 * The footer of a VHD file, of which a dynamic disk has a copy at its beginning; numbers are big-endian.
 *
 * @param bytes   the footer as it is stored
 * @param dynamic whether it is at the file's beginning
 */
record VpcFooter(MemorySegment bytes, boolean dynamic) {
    static final int LENGTH = 512;
    static final String COOKIE = "conectix";
    private static final int FEATURES_FIELD = 8, VERSION_FIELD = 12, DATA_OFFSET_FIELD = 16, TIME_FIELD = 24;
    private static final int CREATOR_FIELD = 28, CREATOR_VERSION_FIELD = 32, CREATOR_HOST_FIELD = 36;
    private static final int ORIGINAL_SIZE_FIELD = 40, SIZE_FIELD = 48, GEOMETRY_FIELD = 56, TYPE_FIELD = 60;
    private static final int CHECKSUM_FIELD = 64, ID_FIELD = 68;
    private static final int FIXED = 2, DYNAMIC = 3, DIFFERENCING = 4;
    private static final int RESERVED_FEATURE = 2, VERSION = 0x10000, CREATOR_VERSION = 0x50003;
    private static final long EPOCH = Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();
    /** The most sectors of a disk, 2040 GiB. */
    static final long MAX_SECTORS = 0xff000000L;
    /** Programs whose disks have the footer's size; for others the geometry counts. */
    private static final Set<String> SIZE_COUNTS = Set.of("win ", "qem2", "d2v ", "tap\0", "CTXS", "wa\0\0");
    /** QEMU's own names: other programs know them, and how they mean the size. */
    static final String BY_GEOMETRY = "qemu", BY_SIZE = "qem2";

    /** Whether a file begins with a dynamic disk's copy of the footer. */
    static boolean isDynamic(BlockFile file) throws IOException {
        MemorySegment start = Bytes.allocate(LENGTH);
        return file.read(0, start) == LENGTH && hasCookie(start, COOKIE);
    }

    static boolean hasCookie(MemorySegment bytes, String cookie) {
        byte[] found = bytes.asSlice(0, cookie.length()).toArray(ValueLayout.JAVA_BYTE);
        return new String(found, StandardCharsets.US_ASCII).equals(cookie);
    }

    /** @throws IOException if it is no footer of an image that is supported */
    static VpcFooter read(BlockFile file) throws IOException {
        boolean dynamic = isDynamic(file);
        long size = file.size();
        if (!dynamic && size < LENGTH) {
            throw new IOException("not a vpc image");
        }
        MemorySegment bytes = Bytes.readFully(file, dynamic ? 0 : size - LENGTH, LENGTH, "the footer");
        VpcFooter footer = new VpcFooter(bytes, dynamic);
        if (!hasCookie(bytes, COOKIE)) {
            throw new IOException("not a vpc image");
        }
        if (checksum(bytes, CHECKSUM_FIELD) != Bytes.getInt(bytes, CHECKSUM_FIELD)) {
            throw new IOException("the checksum of its footer is wrong");
        }
        if (Bytes.getInt(bytes, TYPE_FIELD) == DIFFERENCING) {
            throw new IOException("the image is a differencing disk, which is not supported");
        }
        if (Long.compareUnsigned(footer.sectors(), MAX_SECTORS) > 0) {
            throw new IOException("the disk is larger than 2040 GiB");
        }
        if (!dynamic && footer.size() > size - LENGTH) {
            throw new IOException("the disk has " + footer.size() + " bytes and the file " + size
                    + " only: it has been truncated or is damaged");
        }
        return footer;
    }

    /** The complement of the sum of all bytes but the checksum's own. */
    static int checksum(MemorySegment bytes, int field) {
        int sum = 0;
        for (long i = 0; i < bytes.byteSize(); i++) {
            if (i < field || i >= field + 4) {
                sum += Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, i));
            }
        }
        return ~sum;
    }

    private long sectors() {
        byte[] creator = bytes.asSlice(CREATOR_FIELD, 4).toArray(ValueLayout.JAVA_BYTE);
        long geometry = (long) Bytes.getShort(bytes, GEOMETRY_FIELD)
                * Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, GEOMETRY_FIELD + 2))
                * Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, GEOMETRY_FIELD + 3));
        boolean sizeCounts = SIZE_COUNTS.contains(new String(creator, StandardCharsets.ISO_8859_1));
        return sizeCounts || geometry == VpcGeometry.MAX ? Bytes.getLong(bytes, SIZE_FIELD) >>> 9 : geometry;
    }

    /** The disk's, in bytes. */
    long size() {
        return sectors() * DiskImage.SECTOR_SIZE;
    }

    /** Where the header of a dynamic disk is. */
    long dataOffset() {
        return Bytes.getLong(bytes, DATA_OFFSET_FIELD);
    }

    /** The footer of a new disk. */
    static VpcFooter create(long sectors, VpcGeometry geometry, boolean bySize, boolean dynamic) {
        MemorySegment bytes = Bytes.allocate(LENGTH);
        put(bytes, 0, COOKIE);
        Bytes.putInt(bytes, FEATURES_FIELD, RESERVED_FEATURE);
        Bytes.putInt(bytes, VERSION_FIELD, VERSION);
        Bytes.putLong(bytes, DATA_OFFSET_FIELD, dynamic ? LENGTH : -1);
        Bytes.putInt(bytes, TIME_FIELD, (int) (Instant.now().getEpochSecond() - EPOCH));
        put(bytes, CREATOR_FIELD, bySize ? BY_SIZE : BY_GEOMETRY);
        Bytes.putInt(bytes, CREATOR_VERSION_FIELD, CREATOR_VERSION);
        put(bytes, CREATOR_HOST_FIELD, "Wi2k");
        Bytes.putLong(bytes, ORIGINAL_SIZE_FIELD, sectors * DiskImage.SECTOR_SIZE);
        Bytes.putLong(bytes, SIZE_FIELD, sectors * DiskImage.SECTOR_SIZE);
        Bytes.putShort(bytes, GEOMETRY_FIELD, geometry.cylinders());
        bytes.set(ValueLayout.JAVA_BYTE, GEOMETRY_FIELD + 2, (byte) geometry.heads());
        bytes.set(ValueLayout.JAVA_BYTE, GEOMETRY_FIELD + 3, (byte) geometry.sectors());
        Bytes.putInt(bytes, TYPE_FIELD, dynamic ? DYNAMIC : FIXED);
        UUID id = UUID.randomUUID();
        Bytes.putLong(bytes, ID_FIELD, id.getMostSignificantBits());
        Bytes.putLong(bytes, ID_FIELD + 8, id.getLeastSignificantBits());
        Bytes.putInt(bytes, CHECKSUM_FIELD, checksum(bytes, CHECKSUM_FIELD));
        return new VpcFooter(bytes, dynamic);
    }

    static void put(MemorySegment bytes, long at, String text) {
        MemorySegment.copy(MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1)), 0, bytes, at,
                text.length());
    }
}

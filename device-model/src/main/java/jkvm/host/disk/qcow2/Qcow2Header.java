package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/**
 * A qcow2 file's first cluster, checked (docs/interop/qcow2, "Header" and "Header extensions").
 *
 * @param version             2 or 3
 * @param clusterBits         the cluster size's logarithm
 * @param size                of the disk, in bytes
 * @param l1Size              entries of the L1 table
 * @param l1Offset            where the L1 table is in the file
 * @param refcountOffset      where the refcount table is in the file
 * @param refcountClusters    how many clusters it takes
 * @param refcountOrder       logarithm of a refcount's width in bits
 * @param snapshotCount       internal snapshots
 * @param snapshotsOffset     where their table is
 * @param incompatible        feature bits of which a reader has to know each
 * @param compatible          feature bits that may be ignored
 * @param autoclear           feature bits that a writer clears if it does not know them
 * @param backingFile         the backing file's name as it is stored; null if there is none
 * @param backingFormat       the backing file's format as it is stored; null if there is none
 * @param compression         how compressed clusters are packed
 * @param dataFile            the name of the external data file as it is stored; null if there is none
 * @param encryption          of data clusters
 */
public record Qcow2Header(int version, int clusterBits, long size, int l1Size, long l1Offset, long refcountOffset,
        int refcountClusters, int refcountOrder, int snapshotCount, long snapshotsOffset, long incompatible,
        long compatible, long autoclear, String backingFile, String backingFormat, CompressionType compression,
        String dataFile, Encryption encryption) {

    static final int MAGIC = 0x514649fb;
    static final long DIRTY_BIT = 1, CORRUPT_BIT = 2, DATA_FILE_BIT = 4, COMPRESSION_BIT = 8, EXTENDED_L2_BIT = 16;
    static final long LAZY_REFCOUNTS_BIT = 1;
    static final long BITMAPS_BIT = 1, RAW_DATA_BIT = 2;
    static final int MIN_CLUSTER_BITS = 9, MAX_CLUSTER_BITS = 21;
    static final int MAX_L1_BYTES = 32 << 20, MAX_REFCOUNT_TABLE_BYTES = 8 << 20;
    static final int MAX_SNAPSHOTS = 65536, MAX_BACKING_NAME = 1023;
    static final int SIZE_FIELD = 24, REFCOUNT_TABLE_FIELD = 48, INCOMPATIBLE_FIELD = 72, COMPATIBLE_FIELD = 80,
            AUTOCLEAR_FIELD = 88, REFCOUNT_ORDER_FIELD = 96;
    static final int V2_LENGTH = 72, V3_LENGTH = 104, USUAL_V3_LENGTH = 112;
    static final int V2_REFCOUNT_ORDER = 4;
    static final int COMPRESSION_FIELD = 104;
    static final int BACKING_FORMAT_EXTENSION = 0xe2792aca, FEATURE_NAMES_EXTENSION = 0x6803f857,
            DATA_FILE_EXTENSION = 0x44415441;
    /** Of an image with extended L2 entries: a subcluster has a sector at least. */
    static final int MIN_EXTENDED_CLUSTER_BITS = 14;
    private static final int FEATURE_NAME_SIZE = 48;

    int clusterSize() {
        return 1 << clusterBits;
    }

    /** Entries of an L2 table. */
    int l2Entries() {
        return clusterSize() / Long.BYTES / l2EntryWords();
    }

    /** An L2 entry's size in words of 64 bits. */
    int l2EntryWords() {
        return hasSubclusters() ? 2 : 1;
    }

    boolean hasSubclusters() {
        return (incompatible & EXTENDED_L2_BIT) != 0;
    }

    /** Logarithm of the unit that an L2 entry tells the state of: a subcluster if there are such, else a cluster. */
    int unitBits() {
        return hasSubclusters() ? clusterBits - Subclusters.COUNT_BITS : clusterBits;
    }

    boolean hasDataFile() {
        return dataFile != null;
    }

    /** True if the external data file shows the disk's content by itself too. */
    boolean isDataFileRaw() {
        return hasDataFile() && (autoclear & RAW_DATA_BIT) != 0;
    }

    boolean isDirty() {
        return (incompatible & DIRTY_BIT) != 0;
    }

    boolean isCorrupt() {
        return (incompatible & CORRUPT_BIT) != 0;
    }

    boolean isLazy() {
        return (compatible & LAZY_REFCOUNTS_BIT) != 0;
    }

    Qcow2Header withIncompatible(long bits) {
        return new Qcow2Header(version, clusterBits, size, l1Size, l1Offset, refcountOffset, refcountClusters,
                refcountOrder, snapshotCount, snapshotsOffset, bits, compatible, autoclear, backingFile,
                backingFormat, compression, dataFile, encryption);
    }

    /** The content of a header extension; null if there is none. */
    static MemorySegment extension(BlockFile file, Qcow2Header header, int type) throws IOException {
        MemorySegment first = Bytes.allocate(header.clusterSize());
        file.read(0, first);
        int length = header.version() >= 3 ? Bytes.getInt(first, 100) : V2_LENGTH;
        return extensions(first, length, header.clusterSize()).get(type);
    }

    Qcow2Header withSize(long bytes) {
        return new Qcow2Header(version, clusterBits, bytes, l1Size, l1Offset, refcountOffset, refcountClusters,
                refcountOrder, snapshotCount, snapshotsOffset, incompatible, compatible, autoclear, backingFile,
                backingFormat, compression, dataFile, encryption);
    }

    /** True if the file begins as a qcow2 image of any version does: version 1 is the format before it. */
    static boolean isQcow2(BlockFile file) throws IOException {
        MemorySegment start = Bytes.allocate(8);
        return file.read(0, start) == 8 && Bytes.getInt(start, 0) == MAGIC && Bytes.getInt(start, 4) != 1;
    }

    /**
     * Reads and checks the header.
     *
     * @throws IOException if it is no qcow2 image, uses what is not supported, or contradicts itself; the message says
     * what
     */
    static Qcow2Header read(BlockFile file) throws IOException {
        Qcow2Header header = readUnchecked(file);
        header.requireTablesWithin(file.size());
        return header;
    }

    /** The header of a file that may have lost its tables' places: they may lie past its end. */
    static Qcow2Header readUnchecked(BlockFile file) throws IOException {
        MemorySegment fixed = Bytes.allocate(V2_LENGTH);
        require(file.read(0, fixed) == V2_LENGTH && Bytes.getInt(fixed, 0) == MAGIC, "not a qcow2 image");
        int version = Bytes.getInt(fixed, 4);
        require(version == 2 || version == 3, "unsupported qcow2 version " + Integer.toUnsignedString(version));
        int clusterBits = Bytes.getInt(fixed, 20);
        require(clusterBits >= MIN_CLUSTER_BITS && clusterBits <= MAX_CLUSTER_BITS,
                "unsupported cluster size: 2^" + Integer.toUnsignedString(clusterBits) + " bytes");
        boolean v3 = version == 3;
        MemorySegment first = Bytes.allocate(1L << clusterBits);
        long length = file.read(0, first);
        require(!v3 || length >= V3_LENGTH, "the header is cut short");
        int headerLength = v3 ? Bytes.getInt(first, 100) : V2_LENGTH;
        require(headerLength >= (v3 ? V3_LENGTH : V2_LENGTH) && headerLength <= 1 << clusterBits,
                "the header has an invalid length: " + Integer.toUnsignedString(headerLength));
        Map<Integer, MemorySegment> extensions = extensions(first, headerLength, 1 << clusterBits);
        long incompatible = v3 ? Bytes.getLong(first, INCOMPATIBLE_FIELD) : 0;
        CompressionType compression = compression(incompatible, headerLength > V3_LENGTH
                ? Byte.toUnsignedInt(first.get(ValueLayout.JAVA_BYTE, COMPRESSION_FIELD)) : 0);
        refuseUnsupported(incompatible, clusterBits, extensions.get(FEATURE_NAMES_EXTENSION));
        MemorySegment format = extensions.get(BACKING_FORMAT_EXTENSION);
        Qcow2Header header = new Qcow2Header(version, clusterBits, Bytes.getLong(first, 24), Bytes.getInt(first, 36),
                Bytes.getLong(first, 40), Bytes.getLong(first, 48), Bytes.getInt(first, 56),
                v3 ? Bytes.getInt(first, REFCOUNT_ORDER_FIELD) : V2_REFCOUNT_ORDER, Bytes.getInt(first, 60),
                Bytes.getLong(first, 64), incompatible,
                v3 ? Bytes.getLong(first, COMPATIBLE_FIELD) : 0, v3 ? Bytes.getLong(first, AUTOCLEAR_FIELD) : 0,
                backingName(first, 1 << clusterBits), format == null ? null : text(format), compression,
                dataFile(incompatible, extensions.get(DATA_FILE_EXTENSION)),
                Encryption.read(Bytes.getInt(first, Encryption.METHOD_FIELD), extensions.get(Encryption.EXTENSION),
                        1 << clusterBits));
        header.check();
        return header;
    }

    private static CompressionType compression(long incompatible, int type) throws IOException {
        boolean differs = (incompatible & COMPRESSION_BIT) != 0;
        require(type < CompressionType.values().length && differs == (type != 0),
                "the image is compressed in an unknown manner, type " + type);
        return CompressionType.values()[type];
    }

    private static String dataFile(long incompatible, MemorySegment name) throws IOException {
        if ((incompatible & DATA_FILE_BIT) == 0) {
            return null;
        }
        require(name != null && name.byteSize() > 0, "the image keeps its data in an external file and does not name"
                + " it");
        return text(name);
    }

    private static void refuseUnsupported(long incompatible, int clusterBits, MemorySegment names)
            throws IOException {
        require((incompatible & EXTENDED_L2_BIT) == 0 || clusterBits >= MIN_EXTENDED_CLUSTER_BITS,
                "extended L2 entries need clusters of 16 KiB at least");
        long unknown = incompatible & ~(DIRTY_BIT | CORRUPT_BIT | DATA_FILE_BIT | COMPRESSION_BIT | EXTENDED_L2_BIT);
        if (unknown != 0) {
            int bit = Long.numberOfTrailingZeros(unknown);
            throw new IOException("the image uses an unknown feature: " + featureName(bit, names));
        }
    }

    private static String featureName(int bit, MemorySegment names) {
        if (names != null) {
            for (long at = 0; at + FEATURE_NAME_SIZE <= names.byteSize(); at += FEATURE_NAME_SIZE) {
                if (names.get(ValueLayout.JAVA_BYTE, at) == 0 && names.get(ValueLayout.JAVA_BYTE, at + 1) == bit) {
                    String name = text(names.asSlice(at + 2, FEATURE_NAME_SIZE - 2));
                    int end = name.indexOf('\0');
                    return end < 0 ? name : name.substring(0, end);
                }
            }
        }
        return "incompatible bit " + bit;
    }

    static Map<Integer, MemorySegment> extensions(MemorySegment first, int start, int end) throws IOException {
        Map<Integer, MemorySegment> extensions = new LinkedHashMap<>();
        long at = start;
        while (at + 8 <= end) {
            int type = Bytes.getInt(first, at);
            long length = Integer.toUnsignedLong(Bytes.getInt(first, at + 4));
            if (type == 0) {
                break;
            }
            require(length <= end - at - 8, "a header extension reaches past the first cluster");
            extensions.put(type, first.asSlice(at + 8, length));
            at += 8 + Bytes.roundUp(length, 8);
        }
        return extensions;
    }

    private static String backingName(MemorySegment first, int clusterSize) throws IOException {
        long offset = Bytes.getLong(first, 8);
        if (offset == 0) {
            return null;
        }
        long length = Integer.toUnsignedLong(Bytes.getInt(first, 16));
        require(offset > 0 && offset <= clusterSize && length <= Math.min(MAX_BACKING_NAME, clusterSize - offset),
                "the backing file's name lies outside the first cluster");
        return length == 0 ? null : text(first.asSlice(offset, length));
    }

    private static String text(MemorySegment bytes) {
        return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    private void check() throws IOException {
        require(refcountOrder >= 0 && refcountOrder <= 6, "the width of refcounts is invalid: 2^"
                + Integer.toUnsignedString(refcountOrder) + " bits");
        require(size >= 0, "the disk's size is invalid");
        require(l1Size >= 0 && l1Size <= MAX_L1_BYTES / 8, "the L1 table is too large: "
                + Integer.toUnsignedString(l1Size) + " entries");
        long perL2 = (long) l2Entries() << clusterBits;
        require(l1Size >= Bytes.divideUp(size, perL2), "the L1 table is too small for a disk of " + size + " bytes");
        checkTable("L1 table", l1Offset, 8L * l1Size);
        require(refcountClusters != 0, "there is no refcount table");
        long tableLimit = Math.max(MAX_REFCOUNT_TABLE_BYTES, clusterSize());
        require(refcountClusters > 0 && (long) refcountClusters << clusterBits <= tableLimit,
                "the refcount table is too large: " + Integer.toUnsignedString(refcountClusters) + " clusters");
        require(refcountOffset != 0, "the refcount table lies on the header");
        checkTable("refcount table", refcountOffset, (long) refcountClusters << clusterBits);
        require(snapshotCount >= 0 && snapshotCount <= MAX_SNAPSHOTS, "there are too many snapshots: "
                + Integer.toUnsignedString(snapshotCount));
        checkTable("snapshot table", snapshotsOffset, 0);
    }

    private void requireTablesWithin(long fileSize) throws IOException {
        requireWithin("L1 table", l1Offset, 8L * l1Size, fileSize);
        requireWithin("refcount table", refcountOffset, (long) refcountClusters << clusterBits,
                Bytes.roundUp(fileSize, clusterSize()));
        requireWithin("encryption header", encryption.offset(), encryption.length(),
                Bytes.roundUp(fileSize, clusterSize()));
        requireWithin("snapshot table", snapshotCount == 0 ? 0 : snapshotsOffset, 0, fileSize);
    }

    private static void requireWithin(String what, long offset, long length, long fileSize) throws IOException {
        require(offset <= fileSize - length, "the " + what + " lies past the end of the file");
    }

    private void checkTable(String what, long offset, long length) throws IOException {
        require((offset & clusterSize() - 1) == 0, "the " + what + "'s offset is not at a cluster: 0x"
                + Long.toHexString(offset));
        require(length == 0 || offset > 0, "the " + what + " lies on the header");
        require(offset >= 0 && offset <= Long.MAX_VALUE - length, "the " + what + " lies past the end of any file");
    }

    private static void require(boolean condition, String message) throws IOException {
        if (!condition) {
            throw new IOException(message);
        }
    }
}

package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.luks.LuksVolume;

/** Writes the tables of a new, empty qcow2 disk. */
final class Qcow2Creator {
    /** The names of feature bits, by kind: incompatible, compatible, cleared by who does not know them. */
    private static final String[][] FEATURES = {{"dirty bit", "corrupt bit", "external data file", "compression type",
            "extended L2 entries"}, {"lazy refcounts"}, {"bitmaps", "raw external data"}};
    private static final int FEATURE_SIZE = 48;

    private Qcow2Creator() {
    }

    /**
     * Refuses what cannot be made, before a file is touched.
     *
     * @throws IOException if the disk or the backing file's name is too large for the clusters
     */
    static void check(Qcow2Settings settings) throws IOException {
        if (l1Size(settings) > Qcow2Header.MAX_L1_BYTES / 8) {
            throw new ImageException(DiskException.Kind.CLUSTERS_TOO_SMALL, "a disk of " + size(settings)
                    + " bytes is too large for clusters of " + settings.clusterSize() + " bytes");
        }
        header(settings);
    }

    private static long size(Qcow2Settings settings) {
        return Bytes.roundUp(settings.size(), DiskImage.SECTOR_SIZE);
    }

    private static long l1Size(Qcow2Settings settings) {
        return Bytes.divideUp(size(settings), (settings.features().extendedL2() ? settings.clusterSize() / 16L
                : settings.clusterSize() / 8L) * settings.clusterSize());
    }

    /**
     * Fills an empty file.
     *
     * @param files have the passphrase of an image that is encrypted
     * @throws IOException if the parameters are impossible or writing fails
     */
    static void create(BlockFile file, Qcow2Settings settings, NamedFiles files) throws IOException {
        check(settings);
        int clusterSize = settings.clusterSize();
        long l1Size = l1Size(settings);
        // Header, refcount table, refcount block: an image without a disk, in which the L1 table is allocated as usual.
        MemorySegment first = header(settings);
        Bytes.putLong(first, clusterSize, 2L * clusterSize);
        file.write(0, first);
        int l1Clusters = (int) Bytes.divideUp(l1Size * 8, clusterSize);
        long keys = settings.keyBytes();
        long l1Offset = allocate(file, l1Clusters + (int) Bytes.divideUp(keys, clusterSize), clusterSize);
        MemorySegment fields = Bytes.allocate(12);
        Bytes.putInt(fields, 0, (int) l1Size);
        Bytes.putLong(fields, 4, l1Size == 0 ? 0 : l1Offset);
        file.write(36, fields);
        MemorySegment realSize = Bytes.allocate(8);
        Bytes.putLong(realSize, 0, size(settings));
        file.write(24, realSize);
        switch (settings.method()) {
            case Encryption.LUKS -> encrypt(file, l1Offset + (long) l1Clusters * clusterSize, settings, files);
            case Encryption.AES -> {
                // The passphrase is the key, and has to be there.
                files.secret(settings.encryption().text(LuksVolume.KEY_SECRET).orElseThrow());
                new HeaderCluster(file, Qcow2Header.read(file)).withInt(Encryption.METHOD_FIELD, Encryption.AES)
                        .write();
            }
            default -> { }
        }
        file.flush();
    }

    /** Writes the keys, and says in the header where they are. */
    private static void encrypt(BlockFile file, long place, Qcow2Settings settings, NamedFiles files)
            throws IOException {
        LuksVolume.create(file, place, settings.encryption(), files);
        MemorySegment pointer = Bytes.allocate(2L * Long.BYTES);
        Bytes.putLong(pointer, 0, place);
        Bytes.putLong(pointer, Long.BYTES, settings.keyBytes());
        new HeaderCluster(file, Qcow2Header.read(file)).withExtension(Encryption.EXTENSION, pointer)
                .withInt(Encryption.METHOD_FIELD, Encryption.LUKS).write();
    }

    /**
     * Counts the first clusters and makes room for the L1 table and what follows it.
     *
     * @return where it is
     */
    private static long allocate(BlockFile file, int clusters, int clusterSize) throws IOException {
        Refcounts refcounts = new Refcounts(file, Qcow2Header.read(file), 16, new LongSet());
        refcounts.raiseEnd(3);
        for (int i = 0; i < 3; i++) {
            refcounts.set(i, 1);
        }
        long l1Offset = 3L * clusterSize;
        if (clusters > 0) {
            Refcounts.Run run = refcounts.atEnd(clusters);
            for (int i = 0; i < run.count(); i++) {
                refcounts.set(run.first() + i, 1);
            }
            l1Offset = run.first() * clusterSize;
            if (file.hasFixedSize()) {
                file.write(l1Offset, Bytes.allocate((long) run.count() * clusterSize));
            } else {
                file.truncate(l1Offset + (long) run.count() * clusterSize);
            }
        }
        refcounts.write();
        file.flush();
        refcounts.markClean();
        refcounts.applyFrees();
        refcounts.write();
        return l1Offset;
    }

    /** Three clusters that begin with the header of a disk without any byte, which needs no L1 table yet. */
    private static MemorySegment header(Qcow2Settings settings) throws IOException {
        MemorySegment to = Bytes.allocate(3L * settings.clusterSize());
        int clusterBits = Integer.numberOfTrailingZeros(settings.clusterSize());
        boolean v3 = settings.version() >= 3;
        Bytes.putInt(to, 0, Qcow2Header.MAGIC);
        Bytes.putInt(to, 4, settings.version());
        Bytes.putInt(to, 20, clusterBits);
        Bytes.putLong(to, 48, 1L << clusterBits);
        Bytes.putInt(to, 56, 1);
        long at = Qcow2Header.V2_LENGTH;
        if (v3) {
            Bytes.putLong(to, Qcow2Header.INCOMPATIBLE_FIELD, settings.features().incompatible());
            Bytes.putLong(to, Qcow2Header.AUTOCLEAR_FIELD, settings.features().rawDataFile()
                    ? Qcow2Header.RAW_DATA_BIT : 0);
            to.set(ValueLayout.JAVA_BYTE, Qcow2Header.COMPRESSION_FIELD,
                    (byte) settings.features().compression().ordinal());
            Bytes.putLong(to, Qcow2Header.COMPATIBLE_FIELD, settings.lazyRefcounts()
                    ? Qcow2Header.LAZY_REFCOUNTS_BIT : 0);
            Bytes.putInt(to, Qcow2Header.REFCOUNT_ORDER_FIELD, Integer.numberOfTrailingZeros(settings.refcountBits()));
            Bytes.putInt(to, 100, Qcow2Header.USUAL_V3_LENGTH);
            at = Qcow2Header.USUAL_V3_LENGTH;
        }
        if (settings.backingFormat() != null) {
            at = extension(to, at, Qcow2Header.BACKING_FORMAT_EXTENSION, settings.backingFormat().getBytes(
                    StandardCharsets.UTF_8));
        }
        if (settings.features().dataFile() != null) {
            at = extension(to, at, Qcow2Header.DATA_FILE_EXTENSION, settings.features().dataFile().getBytes(
                    StandardCharsets.UTF_8));
        }
        int nameLength = settings.backingFile() == null ? 0 : settings.backingFile().length();
        // QEMU leaves them out nowhere, and cannot make an image of the smallest clusters with a backing file.
        if (v3 && at + 16 + 8 * FEATURE_SIZE + nameLength <= settings.clusterSize()) {
            at = extension(to, at, Qcow2Header.FEATURE_NAMES_EXTENSION, featureNames());
        }
        at += 8;
        if (settings.backingFile() != null) {
            byte[] name = settings.backingFile().getBytes(StandardCharsets.UTF_8);
            if (name.length > Qcow2Header.MAX_BACKING_NAME || at + name.length > 1L << clusterBits) {
                throw new IOException("the backing file's name is too long for the header");
            }
            Bytes.putLong(to, 8, at);
            Bytes.putInt(to, 16, name.length);
            MemorySegment.copy(name, 0, to, ValueLayout.JAVA_BYTE, at, name.length);
        }
        return to;
    }

    /** The content of the extension that names the features, for messages of programs that do not know them. */
    static byte[] featureNames() {
        byte[] names = new byte[8 * FEATURE_SIZE];
        int index = 0;
        for (int type = 0; type < FEATURES.length; type++) {
            for (int bit = 0; bit < FEATURES[type].length; bit++) {
                put(names, index++, type, bit, FEATURES[type][bit]);
            }
        }
        return names;
    }

    private static void put(byte[] names, int index, int type, int bit, String name) {
        names[index * FEATURE_SIZE] = (byte) type;
        names[index * FEATURE_SIZE + 1] = (byte) bit;
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, names, index * FEATURE_SIZE + 2, text.length);
    }

    private static long extension(MemorySegment to, long at, int type, byte[] content) {
        Bytes.putInt(to, at, type);
        Bytes.putInt(to, at + 4, content.length);
        MemorySegment.copy(content, 0, to, ValueLayout.JAVA_BYTE, at + 8, content.length);
        return at + 8 + Bytes.roundUp(content.length, 8);
    }
}

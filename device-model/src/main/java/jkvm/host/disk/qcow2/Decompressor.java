package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import jkvm.host.disk.BlockFile;
import jkvm.linux.Zstd;

/** Reads compressed clusters; keeps the last one, as guests read a cluster in pieces. Any thread may call. */
final class Decompressor {
    private final BlockFile file;
    private final CompressionType type;
    private final int clusterBits;
    private final byte[] cluster;
    private long cachedEntry;

    Decompressor(BlockFile file, int clusterBits, CompressionType type) {
        this.type = type;
        this.file = file;
        this.clusterBits = clusterBits;
        this.cluster = new byte[1 << clusterBits];
    }

    /**
     * Copies a part of a compressed cluster.
     *
     * @param entry its L2 entry
     * @param from  where to begin in the cluster
     * @param at    where to begin in {@code memory}
     * @throws IOException if it cannot be read or is not a cluster when unpacked
     */
    synchronized void read(long entry, int from, MemorySegment memory, long at, long length) throws IOException {
        if (cachedEntry != entry) {
            cachedEntry = 0;
            unpack(entry);
            cachedEntry = entry;
        }
        MemorySegment.copy(cluster, from, memory, ValueLayout.JAVA_BYTE, at, (int) length);
    }

    /** Forgets what is cached: the clusters of compressed data may have been used anew. */
    synchronized void forget() {
        cachedEntry = 0;
    }

    private void unpack(long entry) throws IOException {
        long position = L2Entry.compressedOffset(entry, clusterBits);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(L2Entry.compressedLength(entry, clusterBits));
            packed = packed.asSlice(0, file.read(position, packed));
            long size = type == CompressionType.ZSTD ? unzstd(packed, arena) : inflate(packed);
            if (size < cluster.length) {
                throw new DataFormatException("it ends after " + size + " bytes");
            }
        } catch (DataFormatException e) {
            throw new IOException("the compressed cluster at 0x" + Long.toHexString(position) + " is damaged: "
                    + e.getMessage(), e);
        }
    }

    private long inflate(MemorySegment packed) throws DataFormatException {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(packed.asByteBuffer());
            int size = 0;
            int part = 1;
            while (size < cluster.length && part > 0) {
                part = inflater.inflate(cluster, size, cluster.length - size);
                size += part;
            }
            return size;
        } finally {
            inflater.end();
        }
    }

    private long unzstd(MemorySegment packed, Arena arena) {
        MemorySegment bytes = arena.allocate(cluster.length);
        long size = Zstd.ofHost().orElseThrow().decompress(packed, bytes);
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, cluster, 0, cluster.length);
        return size;
    }
}

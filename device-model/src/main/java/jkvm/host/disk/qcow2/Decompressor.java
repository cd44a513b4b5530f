package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import jkvm.host.disk.BlockFile;

/**
 * Reads compressed clusters (raw deflate); keeps the last one, as guests read a cluster in pieces. Any thread may call.
 */
final class Decompressor {
    private final BlockFile file;
    private final int clusterBits;
    private final byte[] cluster;
    private long cachedEntry;

    Decompressor(BlockFile file, int clusterBits) {
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
     * @throws IOException if it cannot be read or is not a cluster when inflated
     */
    synchronized void read(long entry, int from, MemorySegment memory, long at, long length) throws IOException {
        if (cachedEntry != entry) {
            cachedEntry = 0;
            inflate(entry);
            cachedEntry = entry;
        }
        MemorySegment.copy(cluster, from, memory, ValueLayout.JAVA_BYTE, at, (int) length);
    }

    /** Forgets what is cached: the clusters of compressed data may have been used anew. */
    synchronized void forget() {
        cachedEntry = 0;
    }

    private void inflate(long entry) throws IOException {
        long position = L2Entry.compressedOffset(entry, clusterBits);
        Inflater inflater = new Inflater(true);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(L2Entry.compressedLength(entry, clusterBits));
            long count = file.read(position, packed);
            inflater.setInput(packed.asSlice(0, count).asByteBuffer());
            int size = 0;
            while (size < cluster.length) {
                int part = inflater.inflate(cluster, size, cluster.length - size);
                if (part == 0) {
                    throw new IOException("the compressed cluster at 0x" + Long.toHexString(position)
                            + " ends after " + size + " bytes");
                }
                size += part;
            }
        } catch (DataFormatException e) {
            throw new IOException("the compressed cluster at 0x" + Long.toHexString(position) + " is damaged: "
                    + e.getMessage(), e);
        } finally {
            inflater.end();
        }
    }
}

package jkvm.device.virtio.block;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskStatistics;

/** Carries out single requests (virtio 1.2 section 5.2.6). No state; any number of threads. */
final class BlockRequests {
    static final int OK = 0;
    static final int IOERR = 1;
    static final int UNSUPP = 2;

    static final int IN = 0;
    static final int OUT = 1;
    static final int FLUSH = 4;
    static final int GET_ID = 8;
    static final int DISCARD = 11;
    static final int WRITE_ZEROES = 13;

    static final int HEADER_SIZE = 16;
    static final int RANGE_SIZE = 16;
    static final int MAX_RANGES = 32;
    /** 1 GiB, so that a request ends in reasonable time. */
    static final int MAX_RANGE_SECTORS = 1 << 21;
    static final int UNMAP_BIT = 1;
    /** The most bytes moved at once, so that a stop does not wait for long. */
    static final int MAX_PIECE = 1 << 20;

    private static final int SECTOR_OFFSET = 8;
    private static final int SECTOR = BlockSettings.SECTOR_SIZE;

    private final DiskImage image;
    private final DiskStatistics statistics;
    private final byte[] identity;
    private final boolean discards;

    BlockRequests(DiskImage image, BlockSettings settings, DiskStatistics statistics) {
        this.image = image;
        this.statistics = statistics;
        this.identity = Arrays.copyOf(settings.serial().getBytes(StandardCharsets.US_ASCII), BlockSettings.MAX_SERIAL);
        this.discards = settings.discard();
    }

    /**
     * Does what a request asks for. Its last writable byte is left for the status.
     *
     * @param queue        whose stop ends a long request
     * @param writeThrough whether writes are saved before they are complete
     * @return the status
     */
    int carryOut(DescriptorChain chain, VirtQueue queue, boolean writeThrough) {
        if (chain.readableBytes() < HEADER_SIZE) {
            return IOERR;
        }
        // Copied once: the driver may change them at any time.
        int type = (int) chain.readNumber(0, Integer.BYTES);
        long sector = chain.readNumber(SECTOR_OFFSET, Long.BYTES);
        DiskStatistics.Kind kind = kind(type);
        long start = System.nanoTime();
        try {
            int status = carryOut(type, sector, chain, queue, writeThrough);
            if (status != OK) {
                statistics.refused(kind);
            } else {
                statistics.done(kind, bytes(type, chain), System.nanoTime() - start);
                if (type == OUT) {
                    statistics.wroteUpTo(sector * SECTOR + bytes(type, chain));
                }
            }
            return status;
        } catch (IOException e) {
            statistics.failed(kind);
            return IOERR;
        }
    }

    private static DiskStatistics.Kind kind(int type) {
        return switch (type) {
            case IN -> DiskStatistics.Kind.READ;
            case OUT, WRITE_ZEROES -> DiskStatistics.Kind.WRITE;
            case FLUSH -> DiskStatistics.Kind.FLUSH;
            case DISCARD -> DiskStatistics.Kind.UNMAP;
            default -> DiskStatistics.Kind.OTHER;
        };
    }

    private static long bytes(int type, DescriptorChain chain) {
        return switch (type) {
            case IN -> chain.writableBytes() - 1;
            case OUT -> chain.readableBytes() - HEADER_SIZE;
            default -> 0;
        };
    }

    private int carryOut(int type, long sector, DescriptorChain chain, VirtQueue queue, boolean writeThrough)
            throws IOException {
        return switch (type) {
            case IN -> read(chain, queue, sector);
            case OUT -> written(write(chain, queue, sector), writeThrough);
            case FLUSH -> {
                image.flush();
                yield OK;
            }
            case GET_ID -> {
                chain.write(0, identity, 0, (int) Math.min(identity.length, chain.writableBytes() - 1));
                yield OK;
            }
            case DISCARD -> discards ? written(ranges(chain, queue, false), writeThrough) : UNSUPP;
            case WRITE_ZEROES -> written(ranges(chain, queue, true), writeThrough);
            default -> UNSUPP;
        };
    }

    private int written(int status, boolean writeThrough) throws IOException {
        if (status == OK && writeThrough) {
            image.flush();
        }
        return status;
    }

    /** Whether sectors lie on the disk; any values may be given. */
    private boolean isOnDisk(long sector, long bytes) {
        long capacity = image.capacity();
        return bytes % SECTOR == 0 && sector >= 0 && sector <= capacity / SECTOR && bytes <= capacity - sector * SECTOR;
    }

    private int read(DescriptorChain chain, VirtQueue queue, long sector) throws IOException {
        long length = chain.writableBytes() - 1;
        if (!isOnDisk(sector, length)) {
            return IOERR;
        }
        for (long done = 0; done < length;) {
            if (queue.isStopped()) {
                return IOERR;
            }
            long piece = chain.writable(done, Math.min(length - done, MAX_PIECE));
            try {
                image.read(sector * SECTOR + done, chain.pieceMemory(), chain.pieceStart(), piece);
            } finally {
                chain.noteWritten(piece);
            }
            done += piece;
        }
        return OK;
    }

    private int write(DescriptorChain chain, VirtQueue queue, long sector) throws IOException {
        long length = chain.readableBytes() - HEADER_SIZE;
        if (image.isReadOnly() || !isOnDisk(sector, length)) {
            return IOERR;
        }
        for (long done = 0; done < length;) {
            if (queue.isStopped()) {
                return IOERR;
            }
            long piece = chain.readable(HEADER_SIZE + done, Math.min(length - done, MAX_PIECE));
            image.write(sector * SECTOR + done, chain.pieceMemory(), chain.pieceStart(), piece);
            done += piece;
        }
        return OK;
    }

    /** Discards ranges, or makes them zero: copied first, since the driver may change them at any time. */
    private int ranges(DescriptorChain chain, VirtQueue queue, boolean zeroes) throws IOException {
        long length = chain.readableBytes() - HEADER_SIZE;
        if (image.isReadOnly() || length == 0 || length % RANGE_SIZE != 0 || length > MAX_RANGES * RANGE_SIZE) {
            return IOERR;
        }
        byte[] copy = new byte[(int) length];
        chain.read(HEADER_SIZE, copy, 0, copy.length);
        return new BlockRanges(copy, zeroes).carryOut(image, queue);
    }
}

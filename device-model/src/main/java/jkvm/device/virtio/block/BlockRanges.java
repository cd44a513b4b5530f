package jkvm.device.virtio.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.disk.DiskImage;

/** The ranges of a discard or write zeroes request, copied from the driver; all are checked before any is touched. */
final class BlockRanges {
    private static final int SECTORS_OFFSET = 8;
    private static final int FLAGS_OFFSET = 12;
    private static final int SECTOR = BlockSettings.SECTOR_SIZE;

    private final ByteBuffer fields;
    private final boolean zeroes;

    BlockRanges(byte[] copy, boolean zeroes) {
        this.fields = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
        this.zeroes = zeroes;
    }

    private long sector(int at) {
        return fields.getLong(at);
    }

    private long sectors(int at) {
        return fields.getInt(at + SECTORS_OFFSET) & 0xFFFFFFFFL;
    }

    private int flags(int at) {
        return fields.getInt(at + FLAGS_OFFSET);
    }

    /** @return the request's status */
    int carryOut(DiskImage image, VirtQueue queue) throws IOException {
        long capacity = image.capacity() / SECTOR;
        for (int at = 0; at < fields.capacity(); at += BlockRequests.RANGE_SIZE) {
            if ((flags(at) & ~(zeroes ? BlockRequests.UNMAP_BIT : 0)) != 0) {
                return BlockRequests.UNSUPP;
            }
            boolean onDisk = sector(at) >= 0 && sector(at) <= capacity && sectors(at) <= capacity - sector(at);
            if (!onDisk || sectors(at) > BlockRequests.MAX_RANGE_SECTORS) {
                return BlockRequests.IOERR;
            }
        }
        for (int at = 0; at < fields.capacity() && !queue.isStopped(); at += BlockRequests.RANGE_SIZE) {
            if (zeroes) {
                image.writeZeroes(sector(at) * SECTOR, sectors(at) * SECTOR, flags(at) == BlockRequests.UNMAP_BIT);
            } else {
                image.discard(sector(at) * SECTOR, sectors(at) * SECTOR);
            }
        }
        return BlockRequests.OK;
    }
}

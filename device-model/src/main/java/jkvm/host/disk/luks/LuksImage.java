package jkvm.host.disk.luks;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.locks.StampedLock;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.Extent;
import jkvm.host.disk.FileImage;
import jkvm.host.disk.ImageFormat;
import jkvm.linux.Fd;

/**
 * An unlocked disk. All of it is data: zeros are encrypted as other bytes are.
 *
 * <p>Each thread that makes requests has a cipher and a buffer of its own. Requests of whole sectors run side by side;
 * one of a part of a sector reads, changes and writes it, and runs alone.
 */
final class LuksImage extends FileImage {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final CipherChoice choice;
    private final long start;
    /** For the ciphers of further threads; wiped at the end. */
    private final byte[] key;
    private final ThreadLocal<Worker> workers;
    /** Held for writing by requests that change parts of sectors, for reading by other writes. */
    private final StampedLock sectors = new StampedLock();

    /** @param key becomes the image's, which wipes it */
    LuksImage(BlockFile file, LuksHeader header, byte[] key, boolean readOnly) throws IOException {
        super(file, ImageFormat.LUKS, header.capacity(file), readOnly);
        this.choice = header.cipher();
        this.start = header.payloadOffset();
        this.key = key;
        this.workers = ThreadLocal.withInitial(this::worker);
    }

    /**
     * A thread's own.
     *
     * @param clear the plain bytes
     * @param raw   the bytes on their way from or to the file
     */
    private record Worker(SectorCipher cipher, byte[] clear, MemorySegment raw) {
    }

    private Worker worker() {
        return new Worker(new SectorCipher(choice, key), new byte[SectorCipher.MAX_BYTES],
                Arena.ofAuto().allocate(SectorCipher.MAX_BYTES, Fd.DIRECT_ALIGNMENT));
    }

    @Override
    public int blockSize() {
        return SECTOR_SIZE;
    }

    @Override
    public void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        checkRange(offset, length);
        Worker worker = workers.get();
        for (long done = 0; done < length; ) {
            int skip = (int) ((offset + done) % SECTOR_SIZE);
            int count = (int) Math.min(length - done, SectorCipher.MAX_BYTES - skip);
            load(worker, offset + done - skip, roundUp(skip + count));
            MemorySegment.copy(worker.clear, skip, memory, BYTE, at + done, count);
            done += count;
        }
    }

    private static int roundUp(int length) {
        return length + SECTOR_SIZE - 1 & -SECTOR_SIZE;
    }

    /** Reads and decrypts whole sectors. */
    private void load(Worker worker, long offset, int length) throws IOException {
        int count = (int) file().read(start + offset, worker.raw, 0, length);
        MemorySegment.copy(worker.raw, BYTE, 0, worker.clear, 0, count);
        Arrays.fill(worker.clear, count, length, (byte) 0);
        worker.cipher.decrypt(offset / SECTOR_SIZE, worker.clear, length);
    }

    /** Encrypts and writes whole sectors. */
    private void store(Worker worker, long offset, int length) throws IOException {
        worker.cipher.encrypt(offset / SECTOR_SIZE, worker.clear, length);
        MemorySegment.copy(worker.clear, 0, worker.raw, BYTE, 0, length);
        file().write(start + offset, worker.raw, 0, length);
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        put(offset, memory, at, length);
    }

    /** @param memory null for zeros */
    private void put(long offset, MemorySegment memory, long at, long length) throws IOException {
        checkChange(offset, length);
        Worker worker = workers.get();
        boolean isWhole = (offset | length) % SECTOR_SIZE == 0;
        long stamp = isWhole ? sectors.readLock() : sectors.writeLock();
        try {
            for (long done = 0; done < length; ) {
                int skip = (int) ((offset + done) % SECTOR_SIZE);
                int count = (int) Math.min(length - done, SectorCipher.MAX_BYTES - skip);
                int all = roundUp(skip + count);
                if (all > count) {
                    load(worker, offset + done - skip, all);
                }
                if (memory == null) {
                    Arrays.fill(worker.clear, skip, skip + count, (byte) 0);
                } else {
                    MemorySegment.copy(memory, BYTE, at + done, worker.clear, skip, count);
                }
                store(worker, offset + done - skip, all);
                done += count;
            }
        } finally {
            sectors.unlock(stamp);
        }
    }

    @Override
    public void flush() throws IOException {
        if (!isReadOnly()) {
            file().flush();
        }
    }

    /** Does nothing: a hole would read as noise, and tell which sectors are in use. */
    @Override
    public void discard(long offset, long length) {
        checkChange(offset, length);
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        put(offset, null, 0, length);
    }

    @Override
    public Extent extent(long offset, long length) {
        checkRange(offset, length);
        return new Extent(length, false);
    }

    @Override
    public BlockStatus status(long offset, long length) {
        return BlockStatus.data(extent(offset, length).length());
    }

    @Override
    public void close() throws IOException {
        Arrays.fill(key, (byte) 0);
        super.close();
    }
}

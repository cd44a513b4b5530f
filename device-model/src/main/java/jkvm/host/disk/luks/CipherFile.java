package jkvm.host.disk.luks;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.locks.StampedLock;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;
import jkvm.host.disk.ForwardingFile;
import jkvm.linux.Fd;

/**
 * A file, or its rest from some byte on, whose sectors are encrypted: reads and writes are of plain bytes. A hole reads
 * as noise, so there are none.
 *
 * <p>Each thread that makes requests has a cipher and a buffer of its own. Requests of whole sectors run side by side;
 * one of a part of a sector reads, changes and writes it, and runs alone.
 */
public final class CipherFile extends ForwardingFile {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int SECTOR = DiskImage.SECTOR_SIZE;

    private final long start;
    /** What is added to a sector's place for its number. */
    private final long shift;
    /** For the ciphers of further threads; wiped at the end. */
    private final byte[] key;
    private final ThreadLocal<Worker> workers;
    /** Held for writing by requests that change parts of sectors, for reading by other writes. */
    private final StampedLock sectors;

    /**
     * @param start where its first byte, of sector 0, is in the file
     * @param key   becomes this file's, which wipes it
     */
    CipherFile(BlockFile file, CipherChoice choice, long start, byte[] key) {
        super(file);
        this.start = start;
        this.shift = 0;
        this.key = key;
        this.workers = ThreadLocal.withInitial(() -> worker(choice, key));
        this.sectors = new StampedLock();
    }

    private CipherFile(CipherFile other, long shift) {
        super(other.file);
        this.start = other.start;
        this.shift = shift;
        this.key = other.key;
        this.workers = other.workers;
        this.sectors = other.sectors;
    }

    /**
     * The same bytes, whose sectors have other numbers than their places: for data that keeps its numbers where it
     * moves. Not closed.
     *
     * @param difference what is added to a place, in bytes; whole sectors
     */
    public CipherFile numbered(long difference) {
        return new CipherFile(this, difference / SECTOR);
    }

    /**
     * A thread's own.
     *
     * @param clear the plain bytes
     * @param raw   the bytes on their way from or to the file
     */
    private record Worker(SectorCipher cipher, byte[] clear, MemorySegment raw) {
    }

    private static Worker worker(CipherChoice choice, byte[] key) {
        return new Worker(new SectorCipher(choice, key), new byte[SectorCipher.MAX_BYTES],
                Arena.ofAuto().allocate(SectorCipher.MAX_BYTES, Fd.DIRECT_ALIGNMENT));
    }

    @Override
    public long size() throws IOException {
        return Math.max(0, file.size() - start);
    }

    @Override
    public long read(long position, MemorySegment memory, long at, long length) throws IOException {
        Worker worker = workers.get();
        for (long done = 0; done < length; ) {
            int skip = (int) ((position + done) % SECTOR);
            int count = (int) Math.min(length - done, SectorCipher.MAX_BYTES - skip);
            int there = load(worker, position + done - skip, roundUp(skip + count)) - skip;
            int copied = Math.clamp(there, 0, count);
            MemorySegment.copy(worker.clear, skip, memory, BYTE, at + done, copied);
            done += copied;
            if (copied < count) {
                return done;
            }
        }
        return length;
    }

    private static int roundUp(int length) {
        return length + SECTOR - 1 & -SECTOR;
    }

    /** Reads and decrypts whole sectors. @return how many bytes the file has of them */
    private int load(Worker worker, long position, int length) throws IOException {
        int count = (int) file.read(start + position, worker.raw, 0, length);
        MemorySegment.copy(worker.raw, BYTE, 0, worker.clear, 0, count);
        Arrays.fill(worker.clear, count, length, (byte) 0);
        worker.cipher.decrypt(position / SECTOR + shift, worker.clear, length);
        return count;
    }

    /** Encrypts and writes whole sectors. */
    private void store(Worker worker, long position, int length) throws IOException {
        worker.cipher.encrypt(position / SECTOR + shift, worker.clear, length);
        MemorySegment.copy(worker.clear, 0, worker.raw, BYTE, 0, length);
        file.write(start + position, worker.raw, 0, length);
    }

    @Override
    public void write(long position, MemorySegment memory, long at, long length) throws IOException {
        Worker worker = workers.get();
        boolean isWhole = (position | length) % SECTOR == 0;
        long stamp = isWhole ? sectors.readLock() : sectors.writeLock();
        try {
            for (long done = 0; done < length; ) {
                int skip = (int) ((position + done) % SECTOR);
                int count = (int) Math.min(length - done, SectorCipher.MAX_BYTES - skip);
                int all = roundUp(skip + count);
                if (all > count) {
                    load(worker, position + done - skip, all);
                }
                MemorySegment.copy(memory, BYTE, at + done, worker.clear, skip, count);
                store(worker, position + done - skip, all);
                done += count;
            }
        } finally {
            sectors.unlock(stamp);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        file.truncate(Math.addExact(start, size));
    }

    @Override
    public void punch(long position, long length) throws IOException {
        file.punch(start + position, length);
    }

    /** Zeros have to be written. */
    @Override
    public boolean zero(long position, long length, boolean mayUnmap) {
        return false;
    }

    @Override
    public boolean reserve(long position, long length) throws IOException {
        return file.reserve(start + position, length);
    }

    @Override
    public Extent extent(long position, long length) {
        return new Extent(length, false);
    }

    /** Wipes the key; the file stays open, and this one is of no use any more. */
    public void forget() {
        Arrays.fill(key, (byte) 0);
    }

    @Override
    public void close() throws IOException {
        forget();
        super.close();
    }
}

package jkvm.host.disk.luks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.Extent;
import jkvm.host.disk.FileImage;
import jkvm.host.disk.ImageFormat;

/** An unlocked disk. All of it is data: zeros are encrypted as other bytes are. */
final class LuksImage extends FileImage {
    /** @param key becomes the image's, which wipes it */
    LuksImage(BlockFile file, LuksHeader header, byte[] key, boolean readOnly) throws IOException {
        super(new CipherFile(file, header.cipher(), header.payloadOffset(), key), ImageFormat.LUKS,
                header.capacity(file), readOnly);
    }

    @Override
    public int blockSize() {
        return SECTOR_SIZE;
    }

    @Override
    public void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        checkRange(offset, length);
        long count = file().read(offset, memory, at, length);
        memory.asSlice(at + count, length - count).fill((byte) 0);
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        checkChange(offset, length);
        file().write(offset, memory, at, length);
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
        checkChange(offset, length);
        file().makeZero(offset, length, mayUnmap);
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
}

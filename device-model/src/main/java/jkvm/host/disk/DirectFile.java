package jkvm.host.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.StampedLock;
import jkvm.linux.Fd;

/**
 * A file that is open with O_DIRECT: the kernel takes aligned requests only, others go through an aligned buffer. A
 * part of a block is written by reading, changing and writing the whole block; such writes exclude every other write,
 * as two of them may share a block.
 */
public final class DirectFile extends ForwardingFile {
    /** A page, so that guest pages need no copy. */
    private static final int ALIGNMENT = Fd.DIRECT_ALIGNMENT;
    private static final int BUFFER_SIZE = 1 << 20;

    private final StampedLock lock = new StampedLock();

    public DirectFile(BlockFile file) {
        super(file);
    }

    private static boolean isAligned(long position, MemorySegment memory, long at, long length) {
        return memory.isNative() && ((position | memory.address() + at | length) & ALIGNMENT - 1) == 0;
    }

    @Override
    public long read(long position, MemorySegment memory, long at, long length) throws IOException {
        if (isAligned(position, memory, at, length)) {
            return file.read(position, memory, at, length);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = buffer(arena, length);
            for (long done = 0; done < length; ) {
                int skip = (int) (position + done & ALIGNMENT - 1);
                long part = Math.min(length - done, buffer.byteSize() - skip);
                long count = file.read(position + done - skip, buffer, 0, roundUp(skip + part)) - skip;
                if (count > 0) {
                    MemorySegment.copy(buffer, skip, memory, at + done, Math.min(count, part));
                }
                if (count < part) {
                    return done + Math.max(0, count);
                }
                done += part;
            }
        }
        return length;
    }

    @Override
    public void write(long position, MemorySegment memory, long at, long length) throws IOException {
        boolean aligned = isAligned(position, memory, at, length);
        long stamp = aligned ? lock.readLock() : lock.writeLock();
        try {
            if (aligned) {
                file.write(position, memory, at, length);
            } else {
                writeBlocks(position, memory, at, length);
            }
        } finally {
            lock.unlock(stamp);
        }
    }

    private void writeBlocks(long position, MemorySegment memory, long at, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = buffer(arena, length);
            for (long done = 0; done < length; ) {
                int skip = (int) (position + done & ALIGNMENT - 1);
                long part = Math.min(length - done, buffer.byteSize() - skip);
                long blocks = roundUp(skip + part);
                if (blocks != part) {
                    long count = file.read(position + done - skip, buffer, 0, blocks);
                    buffer.asSlice(count, blocks - count).fill((byte) 0);
                }
                MemorySegment.copy(memory, at + done, buffer, skip, part);
                file.write(position + done - skip, buffer, 0, blocks);
                done += part;
            }
        }
    }

    private static MemorySegment buffer(Arena arena, long size) {
        return arena.allocate(Math.min(BUFFER_SIZE, roundUp(size) + ALIGNMENT), ALIGNMENT);
    }

    private static long roundUp(long size) {
        return size + ALIGNMENT - 1 & -ALIGNMENT;
    }
}

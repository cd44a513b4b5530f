package jkvm.device.virtio.queue;

import java.lang.foreign.MemorySegment;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/**
 * The buffers of one request: first those that the device reads, then those that it writes, each checked to lie in
 * guest memory. A copy: what the driver does to its descriptors meanwhile changes nothing here. One instance is filled
 * again and again by {@link VirtQueue#pop}; used by the thread that serves the queue.
 *
 * <p>Offsets count from the start of the readable or of the writable part. Multi-byte values are little-endian.
 */
public final class DescriptorChain {
    private final GuestMemory memory;
    private final long[] addresses;
    private final long[] lengths;
    private int head;
    private int count;
    private int readableCount;
    private long readableBytes;
    private long writableBytes;
    private MemoryRegion piece;
    private long pieceStart;

    DescriptorChain(GuestMemory memory, int capacity) {
        this.memory = memory;
        this.addresses = new long[capacity];
        this.lengths = new long[capacity];
    }

    int capacity() {
        return addresses.length;
    }

    boolean isFull() {
        return count == addresses.length;
    }

    void begin(int newHead) {
        head = newHead;
        count = 0;
        readableCount = 0;
        readableBytes = 0;
        writableBytes = 0;
    }

    void add(long address, long length, boolean writable) {
        addresses[count] = address;
        lengths[count] = length;
        count++;
        if (writable) {
            writableBytes += length;
        } else {
            readableCount++;
            readableBytes += length;
        }
    }

    int head() {
        return head;
    }

    boolean hasWritable() {
        return count > readableCount;
    }

    /** Bytes that the driver has for the device. */
    public long readableBytes() {
        return readableBytes;
    }

    /** Bytes that the device may fill. */
    public long writableBytes() {
        return writableBytes;
    }

    /**
     * Copies readable bytes.
     *
     * @throws IndexOutOfBoundsException if there are not as many
     */
    public void read(long offset, byte[] target, int at, int length) {
        requireWithin(offset, length, readableBytes);
        long position = offset;
        int done = 0;
        for (int i = 0; i < readableCount && done < length; i++) {
            if (position < lengths[i]) {
                int part = (int) Math.min(length - done, lengths[i] - position);
                memory.read(addresses[i] + position, target, at + done, part);
                done += part;
                position = 0;
            } else {
                position -= lengths[i];
            }
        }
    }

    /**
     * Fills writable bytes.
     *
     * @throws IndexOutOfBoundsException if there are not as many
     */
    public void write(long offset, byte[] source, int at, int length) {
        requireWithin(offset, length, writableBytes);
        long position = offset;
        int done = 0;
        for (int i = readableCount; i < count && done < length; i++) {
            if (position < lengths[i]) {
                int part = (int) Math.min(length - done, lengths[i] - position);
                memory.write(addresses[i] + position, source, at + done, part);
                done += part;
                position = 0;
            } else {
                position -= lengths[i];
            }
        }
    }

    /**
     * Copies readable bytes.
     *
     * @throws IndexOutOfBoundsException if there are not as many
     */
    public void read(long offset, MemorySegment target, long at, long length) {
        requireWithin(offset, length, readableBytes);
        long position = offset;
        long done = 0;
        for (int i = 0; i < readableCount && done < length; i++) {
            if (position < lengths[i]) {
                long part = Math.min(length - done, lengths[i] - position);
                memory.read(addresses[i] + position, target, at + done, part);
                done += part;
                position = 0;
            } else {
                position -= lengths[i];
            }
        }
    }

    /**
     * Fills writable bytes.
     *
     * @throws IndexOutOfBoundsException if there are not as many
     */
    public void write(long offset, MemorySegment source, long at, long length) {
        requireWithin(offset, length, writableBytes);
        long position = offset;
        long done = 0;
        for (int i = readableCount; i < count && done < length; i++) {
            if (position < lengths[i]) {
                long part = Math.min(length - done, lengths[i] - position);
                memory.write(addresses[i] + position, source, at + done, part);
                done += part;
                position = 0;
            } else {
                position -= lengths[i];
            }
        }
    }

    private static void requireWithin(long offset, long length, long bytes) {
        if (offset < 0 || length < 0 || offset > bytes - length) {
            throw new IndexOutOfBoundsException("%d bytes at %d of %d".formatted(length, offset, bytes));
        }
    }

    /** A little-endian value of up to eight bytes from the readable part. */
    public long readNumber(long offset, int size) {
        requireWithin(offset, size, readableBytes);
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (memory.readByte(addressOf(offset + i, 0, readableCount)) & 0xFFL) << 8 * i;
        }
        return value;
    }

    /** One byte of the writable part. */
    public void writeByte(long offset, int value) {
        memory.writeByte(writableAddress(offset), (byte) value);
    }

    /** The guest physical address of a byte of the writable part. */
    public long writableAddress(long offset) {
        requireWithin(offset, 1, writableBytes);
        return addressOf(offset, readableCount, count);
    }

    private long addressOf(long offset, int first, int end) {
        long position = offset;
        for (int i = first; i < end; i++) {
            if (position < lengths[i]) {
                return addresses[i] + position;
            }
            position -= lengths[i];
        }
        throw new IndexOutOfBoundsException("byte " + offset);
    }

    /**
     * Finds the readable memory from {@code offset} on, as far as it is in one piece, for output without a copy. It is
     * {@link #pieceMemory} from {@link #pieceStart} on.
     *
     * @return its length, at most {@code maxLength}
     */
    public long readable(long offset, long maxLength) {
        return piece(offset, maxLength, 0, readableCount);
    }

    /** As {@link #readable}, of the writable part, for input without a copy; {@link #noteWritten} follows the input. */
    public long writable(long offset, long maxLength) {
        return piece(offset, maxLength, readableCount, count);
    }

    private long piece(long offset, long maxLength, int first, int end) {
        long position = offset;
        for (int i = first; i < end; i++) {
            if (position < lengths[i]) {
                long start = addresses[i] + position;
                long length = lengths[i] - position;
                for (int j = i + 1; j < end && addresses[j] == start + length; j++) {
                    length += lengths[j];
                }
                piece = memory.region(start);
                pieceStart = start - piece.start();
                // Two regions of memory may lie side by side, and are two pieces.
                long size = Math.min(Math.min(maxLength, length), piece.end() - start);
                memory.require(start, size);
                return size;
            }
            position -= lengths[i];
        }
        throw new IndexOutOfBoundsException("byte " + offset);
    }

    /** So much of the piece may have been written, also by input that failed. */
    public void noteWritten(long length) {
        memory.noteWritten(piece.start() + pieceStart, length);
    }

    /** The memory that a piece is in. */
    public MemorySegment pieceMemory() {
        return piece.segment();
    }

    /** Where in its memory the piece begins. */
    public long pieceStart() {
        return pieceStart;
    }
}

package jkvm.device.ide;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The block that the processor moves through a channel's data register, word by word. Guarded by the channel. */
final class DataPort {
    /** The longest block, in bytes. */
    static final int SIZE = 65536;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment buffer = Arena.ofAuto().allocate(SIZE, Long.BYTES);
    private int at;
    private int end;

    /** Where the drive puts a block that is to be read, and takes one that was written. */
    MemorySegment buffer() {
        return buffer;
    }

    /** Presents a block of so many bytes. */
    void open(int count) {
        at = 0;
        end = count;
    }

    void close() {
        at = 0;
        end = 0;
    }

    /** True while the block has words left. */
    boolean isOpen() {
        return at < end;
    }

    /** Reads the next word, or two. An access of one byte takes a word, too. */
    long read(int size) {
        long value = buffer.get(SHORT, at) & 0xFFFF;
        at += Short.BYTES;
        if (size == Integer.BYTES && isOpen()) {
            value |= (buffer.get(SHORT, at) & 0xFFFFL) << Short.SIZE;
            at += Short.BYTES;
        }
        return value;
    }

    void write(int size, long value) {
        buffer.set(SHORT, at, (short) value);
        at += Short.BYTES;
        if (size == Integer.BYTES && isOpen()) {
            buffer.set(SHORT, at, (short) (value >> Short.SIZE));
            at += Short.BYTES;
        }
    }

    /** Bytes of the block that were moved. */
    int position() {
        return at;
    }

    /** A copy of the whole block. */
    byte[] block() {
        return buffer.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Takes over a saved block; what does not fit together is made to. */
    void load(int position, byte[] block) {
        end = Math.min(block.length, SIZE) & ~1;
        MemorySegment.copy(block, 0, buffer, ValueLayout.JAVA_BYTE, 0, end);
        at = Math.min(position & ~1, end);
    }
}

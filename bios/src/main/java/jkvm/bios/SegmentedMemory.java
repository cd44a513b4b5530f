package jkvm.bios;

/**
 * Guest memory as a program in real mode addresses it: a segment's address is 16 times its number, and offsets wrap at
 * 64 KiB. The A20 gate of a machine under KVM is open, so that FFFF:0010 is 1 MiB. No address throws.
 */
public final class SegmentedMemory {
    private static final int OFFSET_MASK = 0xFFFF;
    private static final int SEGMENT_SIZE = 0x10000;
    private static final int PARAGRAPH_SHIFT = 4;

    private final PhysicalMemory memory;

    /** @param memory what the addresses mean */
    public SegmentedMemory(PhysicalMemory memory) {
        this.memory = memory;
    }

    /** The guest physical address of a segment's offset. */
    public static long linear(int segment, int offset) {
        return ((long) (segment & OFFSET_MASK) << PARAGRAPH_SHIFT) + (offset & OFFSET_MASK);
    }

    /** The memory below. */
    public PhysicalMemory physical() {
        return memory;
    }

    /** Reads 8 bits. */
    public int readByte(int segment, int offset) {
        return memory.readByte(linear(segment, offset));
    }

    /** Reads 16 bits. */
    public int readWord(int segment, int offset) {
        return readByte(segment, offset) | readByte(segment, offset + 1) << Byte.SIZE;
    }

    /** Reads 32 bits. */
    public int readInt(int segment, int offset) {
        return readWord(segment, offset) | readWord(segment, offset + Short.BYTES) << Short.SIZE;
    }

    /** Reads 64 bits. */
    public long readLong(int segment, int offset) {
        return Integer.toUnsignedLong(readInt(segment, offset))
                | (long) readInt(segment, offset + Integer.BYTES) << Integer.SIZE;
    }

    /** Writes 8 bits. */
    public void writeByte(int segment, int offset, int value) {
        memory.writeByte(linear(segment, offset), value);
    }

    /** Writes 16 bits. */
    public void writeWord(int segment, int offset, int value) {
        writeByte(segment, offset, value);
        writeByte(segment, offset + 1, value >> Byte.SIZE);
    }

    /** Writes 32 bits. */
    public void writeInt(int segment, int offset, int value) {
        writeWord(segment, offset, value);
        writeWord(segment, offset + Short.BYTES, value >> Short.SIZE);
    }

    /** Writes 64 bits. */
    public void writeLong(int segment, int offset, long value) {
        writeInt(segment, offset, (int) value);
        writeInt(segment, offset + Integer.BYTES, (int) (value >> Integer.SIZE));
    }

    /** Copies memory into an array. */
    public void read(int segment, int offset, byte[] target, int from, int length) {
        int done = 0;
        while (done < length) {
            int at = offset + done & OFFSET_MASK;
            int part = Math.min(length - done, SEGMENT_SIZE - at);
            memory.read(linear(segment, at), target, from + done, part);
            done += part;
        }
    }

    /** Copies an array into memory. */
    public void write(int segment, int offset, byte[] source, int from, int length) {
        int done = 0;
        while (done < length) {
            int at = offset + done & OFFSET_MASK;
            int part = Math.min(length - done, SEGMENT_SIZE - at);
            memory.write(linear(segment, at), source, from + done, part);
            done += part;
        }
    }
}

package jkvm.bus;

/**
 * Registers of one byte each. A wider access falls apart into byte accesses at rising offsets, as the bridge to an
 * 8-bit bus makes of it: {@code outw} of a divisor to a serial port reaches two registers.
 */
public interface ByteIoHandler extends IoHandler {

    /** Reads a register: 0 to 255. */
    int readByte(int offset);

    /**
     * Writes a register.
     *
     * @param value 0 to 255
     */
    void writeByte(int offset, int value);

    @Override
    default long read(long offset, int size) {
        if (size == 1) {
            return readByte((int) offset);
        }
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (long) readByte((int) offset + i) << 8 * i;
        }
        return value;
    }

    @Override
    default void write(long offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            writeByte((int) offset + i, (int) (value >>> 8 * i) & 0xff);
        }
    }
}

package jkvm.device.vga;

import java.util.Arrays;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The table of 256 colours and its registers at 3C6h to 3C9h. A colour is written and read as three bytes, red first;
 * it changes with the third. Guarded by the adapter's lock.
 */
final class Dac {
    static final int COLOURS = 256;
    private static final int PARTS = 3;
    private static final int READING = 3;
    private static final int SIX_BITS = 0x3F;

    private final byte[] table = new byte[COLOURS * PARTS];
    private final byte[] written = new byte[PARTS];
    private int readIndex;
    private int writeIndex;
    private int part;
    private int state;
    private int mask = 0xFF;
    private boolean eightBits;
    private boolean changed = true;

    void reset() {
        Arrays.fill(table, (byte) 0);
        Arrays.fill(written, (byte) 0);
        readIndex = 0;
        writeIndex = 0;
        part = 0;
        state = 0;
        mask = 0xFF;
        eightBits = false;
        changed = true;
    }

    int state() {
        return state;
    }

    int writeIndex() {
        return writeIndex;
    }

    int mask() {
        return mask;
    }

    void setMask(int value) {
        mask = value;
        changed = true;
    }

    void setReadIndex(int index) {
        readIndex = index;
        part = 0;
        state = READING;
    }

    void setWriteIndex(int index) {
        writeIndex = index;
        part = 0;
        state = 0;
    }

    int readData() {
        int value = table[readIndex * PARTS + part] & 0xFF;
        part++;
        if (part == PARTS) {
            part = 0;
            readIndex = readIndex + 1 & COLOURS - 1;
        }
        return value;
    }

    void writeData(int value) {
        written[part] = (byte) value;
        part++;
        if (part == PARTS) {
            System.arraycopy(written, 0, table, writeIndex * PARTS, PARTS);
            part = 0;
            writeIndex = writeIndex + 1 & COLOURS - 1;
            changed = true;
        }
    }

    /** Whether a part of a colour has eight bits instead of six. */
    void setEightBits(boolean eight) {
        changed |= eightBits != eight;
        eightBits = eight;
    }

    /** True if a colour has changed since the last time. */
    boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    /** A colour as 0x00RRGGBB. */
    int colour(int index) {
        int at = (index & mask) * PARTS;
        return intensity(table[at]) << 16 | intensity(table[at + 1]) << 8 | intensity(table[at + 2]);
    }

    private int intensity(byte value) {
        if (eightBits) {
            return value & 0xFF;
        }
        int six = value & SIX_BITS;
        int low = six & 1;
        return six << 2 | low << 1 | low;
    }

    void save(StateWriter out) {
        out.putBytes("dac", table);
        out.putBytes("dac written", written);
        out.putInt("dac read index", readIndex);
        out.putInt("dac write index", writeIndex);
        out.putInt("dac part", part);
        out.putInt("dac state", state);
        out.putInt("dac mask", mask);
        out.putBoolean("dac eight bits", eightBits);
    }

    void load(StateReader in) {
        System.arraycopy(in.getBytes("dac", table.length), 0, table, 0, table.length);
        System.arraycopy(in.getBytes("dac written", PARTS), 0, written, 0, PARTS);
        readIndex = in.getInt("dac read index", 0, COLOURS - 1);
        writeIndex = in.getInt("dac write index", 0, COLOURS - 1);
        part = in.getInt("dac part", 0, PARTS - 1);
        state = in.getInt("dac state", 0, READING);
        mask = in.getInt("dac mask", 0, 0xFF);
        eightBits = in.getBoolean("dac eight bits");
        changed = true;
    }
}

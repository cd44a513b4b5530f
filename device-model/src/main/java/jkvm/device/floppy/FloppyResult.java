package jkvm.device.floppy;

import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** The bytes that a command ends with, and how many of them the guest has taken. The controller guards it. */
final class FloppyResult {
    private static final int TRANSFER_SIZE = 7;
    private static final byte SIZE_CODE_512 = 2;

    private final byte[] bytes = new byte[FloppyCommand.MAX_BYTES];
    private int length;
    private int position;

    /** The place for an answer, which {@link #begin} follows. */
    byte[] bytes() {
        return bytes;
    }

    /** The guest is to take the first bytes. */
    void begin(int count) {
        length = count;
        position = 0;
    }

    boolean isTaken() {
        return position == length;
    }

    int next() {
        return bytes[position++] & 0xFF;
    }

    /** An answer of one byte. */
    void single(int value) {
        bytes[0] = (byte) value;
        begin(1);
    }

    /** The answer of a command that looks at a disk; {@link #address} is the rest of it. */
    void transfer(int status0, int status1, int status2) {
        bytes[0] = (byte) status0;
        bytes[1] = (byte) status1;
        bytes[2] = (byte) status2;
        bytes[6] = SIZE_CODE_512;
        begin(TRANSFER_SIZE);
    }

    void address(int cylinder, int head, int sector) {
        bytes[3] = (byte) cylinder;
        bytes[4] = (byte) head;
        bytes[5] = (byte) sector;
    }

    void save(StateWriter out) {
        out.putBytes("result", bytes);
        out.putInt("result length", length);
        out.putInt("result position", position);
    }

    void load(StateReader in) {
        System.arraycopy(in.getBytes("result", bytes.length), 0, bytes, 0, bytes.length);
        length = in.getInt("result length", 0, bytes.length);
        position = in.getInt("result position", 0, bytes.length);
        if (position > length) {
            throw new StateException("the guest has taken %d of %d bytes".formatted(position, length));
        }
    }
}

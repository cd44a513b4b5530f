package jkvm.device.ide;

import java.lang.foreign.MemorySegment;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The command that a drive is carrying out, as a row of phases: each moves bytes in one direction, in one manner, or
 * none. A transport moves them and says when a phase is over; the drive then names the next one.
 */
final class AtaCommand {
    /** Room for answers and parameters: TRIM's ranges are the longest. */
    static final int MAX_DATA = 64 * 512;
    private static final int STATE_VERSION = 1;
    private static final long MAX_BYTES = 1L << 40;

    /** How the bytes of a phase move. */
    enum Phase {
        /** The command has ended. */
        ENDED,
        /** None move: the drive has to wait for the host. */
        WORK,
        PIO_IN,
        PIO_OUT,
        DMA_IN,
        DMA_OUT;

        boolean isDma() {
            return this == DMA_IN || this == DMA_OUT;
        }

        boolean isOut() {
            return this == PIO_OUT || this == DMA_OUT;
        }
    }

    private final byte[] data = new byte[MAX_DATA];
    private final MemorySegment dataMemory = MemorySegment.ofArray(data);
    private int opcode;
    private Phase phase = Phase.ENDED;
    private long left;
    private int block;
    private long position;
    private boolean ofMedium;
    private boolean isFirstBlock;
    private int error;

    /** Begins a command, which has ended if nothing else is said. */
    void begin(int newOpcode) {
        opcode = newOpcode;
        phase = Phase.ENDED;
        left = 0;
        error = 0;
        isFirstBlock = true;
    }

    /** Ends it. */
    void end() {
        phase = Phase.ENDED;
        left = 0;
    }

    /** Ends it with bits of the error register. */
    void fail(int bits) {
        end();
        error = bits;
    }

    /** The next phase does work. */
    void work() {
        phase = Phase.WORK;
        left = 0;
    }

    /**
     * The next phase moves {@link #data}.
     *
     * @param bytes at least 2
     */
    void data(Phase next, int bytes) {
        phase = next;
        left = bytes;
        block = bytes;
        position = 0;
        ofMedium = false;
    }

    /**
     * The next phase moves content of the medium.
     *
     * @param at       the first byte, of the disk or of a packet command's data
     * @param newBlock bytes between two interrupts, where the processor moves them
     */
    void medium(Phase next, long at, long bytes, int newBlock) {
        phase = next;
        left = bytes;
        block = newBlock;
        position = at;
        ofMedium = true;
    }

    int opcode() {
        return opcode;
    }

    Phase phase() {
        return phase;
    }

    boolean isEnded() {
        return phase == Phase.ENDED;
    }

    /** Bits of the error register; 0 if it went well. */
    int error() {
        return error;
    }

    /** Bytes left in the phase. */
    long left() {
        return left;
    }

    /** Bytes of the next block. */
    int nextBlock() {
        return (int) Math.min(left, block);
    }

    /** The next byte of the medium. */
    long position() {
        return position;
    }

    boolean isOfMedium() {
        return ofMedium;
    }

    /** True until the first block has moved: a drive does not interrupt to ask for that. */
    boolean isFirstBlock() {
        return isFirstBlock;
    }

    /** An answer, or parameters. */
    byte[] data() {
        return data;
    }

    /** Moves bytes between {@link #data} and memory. */
    void moveData(MemorySegment memory, long at, int length) {
        if (phase.isOut()) {
            MemorySegment.copy(memory, at, dataMemory, position, length);
        } else {
            MemorySegment.copy(dataMemory, position, memory, at, length);
        }
    }

    /** Bytes of the phase have moved. */
    void moved(int length) {
        position += length;
        left -= length;
        isFirstBlock = false;
    }

    void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("opcode", opcode);
        out.putInt("phase", phase.ordinal());
        out.putLong("left", left);
        out.putInt("block", block);
        out.putLong("position", position);
        out.putBoolean("of medium", ofMedium);
        out.putBoolean("first block", isFirstBlock);
        out.putInt("error", error);
        boolean hasData = !ofMedium && !isEnded();
        out.putBytes("data", hasData ? data : new byte[0]);
    }

    void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        opcode = in.getInt("opcode", 0, 0xFF);
        phase = Phase.values()[in.getInt("phase", 0, Phase.values().length - 1)];
        left = Math.clamp(in.getLong("left"), 0, MAX_BYTES);
        block = in.getInt("block", 0, DataPort.SIZE);
        position = Math.clamp(in.getLong("position"), 0, Long.MAX_VALUE - MAX_BYTES);
        ofMedium = in.getBoolean("of medium");
        isFirstBlock = in.getBoolean("first block");
        error = in.getInt("error", 0, 0xFF);
        byte[] saved = in.getBytes("data", -1);
        System.arraycopy(saved, 0, data, 0, Math.min(saved.length, MAX_DATA));
        if (!ofMedium) {
            position = Math.min(position, MAX_DATA);
            left = Math.min(left, MAX_DATA - position);
        }
    }
}

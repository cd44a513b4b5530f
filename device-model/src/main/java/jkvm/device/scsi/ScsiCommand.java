package jkvm.device.scsi;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * One command on its path through a {@link ScsiDevice}: the command descriptor block, how much data moves where, and
 * the status. A transport keeps one object for each command that may be under way, and uses it again.
 */
public final class ScsiCommand {
    /** The longest command descriptor block. */
    public static final int MAX_CDB = 16;
    /** The longest answer that is not the medium's content. */
    public static final int MAX_ANSWER = 4096;
    public static final int GOOD = 0x00;
    public static final int CHECK_CONDITION = 0x02;

    private static final int STATE_VERSION = 1;

    /** The way of a command's data. */
    public enum Direction {
        NONE,
        /** From the device. */
        IN,
        /** To the device. */
        OUT
    }

    private final byte[] cdb = new byte[MAX_CDB];
    /** An answer, or parameters that the command takes. */
    private final byte[] data = new byte[MAX_ANSWER];
    private final MemorySegment dataMemory = MemorySegment.ofArray(data);
    private Direction direction = Direction.NONE;
    private long length;
    private long done;
    private int status;
    private boolean ended = true;
    /** True if the medium's content moves, and not {@link #data}. */
    private boolean ofMedium;
    private long block;
    private int changes;

    /** Without a command, as one that has ended. */
    public ScsiCommand() {
        // A transport puts commands in.
    }

    /** Takes a command descriptor block; the bytes after it are zeros. */
    public void set(byte[] bytes, int offset, int count) {
        Arrays.fill(cdb, (byte) 0);
        System.arraycopy(bytes, offset, cdb, 0, Math.min(count, MAX_CDB));
        direction = Direction.NONE;
        length = 0;
        done = 0;
        status = GOOD;
        ended = false;
        ofMedium = false;
    }

    /** The operation code: byte 0. */
    public int operation() {
        return at(0);
    }

    /** A byte of the command descriptor block, unsigned. */
    public int at(int index) {
        return cdb[index] & 0xFF;
    }

    /** A big-endian number of the command descriptor block, unsigned. */
    public long number(int index, int size) {
        long number = 0;
        for (int i = 0; i < size; i++) {
            number = number << Byte.SIZE | at(index + i);
        }
        return number;
    }

    public Direction direction() {
        return direction;
    }

    /** All bytes that move. */
    public long length() {
        return length;
    }

    /** Bytes that have moved. */
    public long done() {
        return done;
    }

    /** Bytes that are still to move. */
    public long left() {
        return length - done;
    }

    public boolean isEnded() {
        return ended;
    }

    /** {@link #GOOD} or {@link #CHECK_CONDITION}, once it has ended. */
    public int status() {
        return status;
    }

    /** Ends the command. */
    public void end(int newStatus) {
        status = newStatus;
        ended = true;
        if (newStatus != GOOD) {
            length = done;
        }
    }

    /** The place for an answer or parameters. */
    byte[] data() {
        return data;
    }

    /** Lets the first bytes of {@link #data} move to the initiator, as many as it has room for. */
    void answer(int count, long room) {
        transfer(Direction.IN, Math.min(count, room));
    }

    /** Lets data move; none ends the command. */
    void transfer(Direction to, long bytes) {
        direction = bytes == 0 ? Direction.NONE : to;
        length = bytes;
        if (bytes == 0) {
            end(GOOD);
        }
    }

    /** Lets content of the medium move. */
    void transferMedium(Direction to, long firstBlock, long bytes, int slotChanges) {
        ofMedium = true;
        block = firstBlock;
        changes = slotChanges;
        transfer(to, bytes);
    }

    boolean isOfMedium() {
        return ofMedium;
    }

    /** The first block of the medium. */
    long block() {
        return block;
    }

    /** The slot's count of changes when the command began. */
    int changes() {
        return changes;
    }

    /** Moves bytes between {@link #data} and memory. */
    public void moveData(MemorySegment memory, long at, int count) {
        if (direction == Direction.IN) {
            MemorySegment.copy(dataMemory, done, memory, at, count);
        } else {
            MemorySegment.copy(memory, at, dataMemory, done, count);
        }
        moved(count);
    }

    /** Bytes have moved; the last ones end a command from the device. */
    void moved(int count) {
        done += count;
        if (done >= length && direction == Direction.IN) {
            end(GOOD);
        }
    }

    /** Writes the command, which may be anywhere on its path. */
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putBytes("cdb", cdb);
        out.putInt("direction", direction.ordinal());
        out.putLong("length", length);
        out.putLong("done", done);
        out.putInt("status", status);
        out.putBoolean("ended", ended);
        out.putBoolean("of medium", ofMedium);
        out.putLong("block", block);
        out.putBytes("data", Arrays.copyOf(data, ofMedium ? 0 : (int) Math.min(length, MAX_ANSWER)));
    }

    /**
     * Reads what {@link #save} wrote. A medium that was moved by then is taken for the same.
     *
     * @param slotChanges the slot's count of changes now
     */
    public void load(StateReader in, int slotChanges) {
        in.getVersion(STATE_VERSION);
        System.arraycopy(in.getBytes("cdb", MAX_CDB), 0, cdb, 0, MAX_CDB);
        direction = Direction.values()[in.getInt("direction", 0, Direction.values().length - 1)];
        length = Math.max(0, in.getLong("length"));
        done = Math.clamp(in.getLong("done"), 0, length);
        status = in.getInt("status", 0, 0xFF);
        ended = in.getBoolean("ended");
        ofMedium = in.getBoolean("of medium");
        block = Math.max(0, in.getLong("block"));
        changes = slotChanges;
        byte[] saved = in.getBytes("data", -1);
        System.arraycopy(saved, 0, data, 0, Math.min(saved.length, MAX_ANSWER));
        if (!ofMedium) {
            length = Math.min(length, MAX_ANSWER);
            done = Math.min(done, length);
        }
    }
}

package jkvm.device.ide;

import java.util.function.BooleanSupplier;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The bus master registers of a channel (PIIX data sheet section 2.7), and the walk through the table of physical
 * regions. Its channel guards the registers; the walk belongs to the thread that moves the bytes.
 */
final class BusMaster extends RegionWalk {
    static final int COMMAND_OFFSET = 0;
    static final int STATUS_OFFSET = 2;
    static final int TABLE_OFFSET = 4;
    static final int REGISTERS = 8;

    static final int START_BIT = 0x01;
    static final int TO_MEMORY_BIT = 0x08;
    static final int ACTIVE_BIT = 0x01;
    static final int ERROR_BIT = 0x02;
    static final int INTERRUPT_BIT = 0x04;
    private static final int CAPABLE_BITS = 0x60;
    private static final long TABLE_MASK = 0xFFFFFFFCL;

    private static final int ENTRY_SIZE = 8;
    private static final int COUNT_MASK = 0xFFFE;
    private static final int FULL_COUNT = 0x10000;
    /** A table does not cross such a boundary. */
    private static final int TABLE_BOUNDARY = 0x10000;
    private static final int STATE_VERSION = 1;

    private final BooleanSupplier allowed;
    private int command;
    private int status;
    private long table;

    private long entry;
    private boolean isLast;

    /** @param allowed whether the guest lets the controller access memory */
    BusMaster(GuestMemory memory, BooleanSupplier allowed) {
        super(memory);
        this.allowed = allowed;
    }

    long read(int offset) {
        return switch (offset) {
            case COMMAND_OFFSET -> command;
            case STATUS_OFFSET -> status;
            case 1, 3 -> 0xFF;
            default -> table >>> (offset - TABLE_OFFSET) * Byte.SIZE & 0xFF;
        };
    }

    /** @return true if the start bit has changed */
    boolean writeCommand(int value) {
        boolean changes = ((command ^ value) & START_BIT) != 0;
        command = value & (START_BIT | TO_MEMORY_BIT);
        if (changes) {
            status = isStarted() ? status | ACTIVE_BIT : status & ~ACTIVE_BIT;
        }
        return changes;
    }

    void writeStatus(int value) {
        status = value & CAPABLE_BITS | status & ACTIVE_BIT | status & ~value & (ERROR_BIT | INTERRUPT_BIT);
    }

    void writeTable(int offset, int value) {
        int shift = offset * Byte.SIZE;
        table = (table & ~(0xFFL << shift) | (value & 0xFFL) << shift) & TABLE_MASK;
    }

    boolean isStarted() {
        return (command & START_BIT) != 0;
    }

    /** The drive has raised its interrupt. */
    void interrupted() {
        status |= INTERRUPT_BIT;
    }

    /** The transfer has ended before the table did, or with it. */
    void ended() {
        if (isLast && isEntryOver()) {
            inactive();
        }
    }

    /** The table or the drive has failed. */
    void inactive() {
        status &= ~ACTIVE_BIT;
    }

    /** An address that is no RAM. */
    void aborted() {
        status = status & ~ACTIVE_BIT | ERROR_BIT;
    }

    /** Begins the walk. */
    void walk() {
        begin(allowed.getAsBoolean());
        entry = table;
        isLast = false;
    }

    @Override
    boolean hasEntry() {
        return !isLast;
    }

    @Override
    void readEntry() {
        long at = entry(entry, ENTRY_SIZE);
        if (at < 0) {
            return;
        }
        int second = guestMemory().readInt(at + Integer.BYTES);
        int count = second & COUNT_MASK;
        region(guestMemory().readInt(at) & 0xFFFFFFFEL, count == 0 ? FULL_COUNT : count);
        entry += ENTRY_SIZE;
        isLast = second < 0 || entry % TABLE_BOUNDARY < ENTRY_SIZE;
    }

    void reset() {
        command = 0;
        status = 0;
        table = 0;
    }

    void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("command", command);
        out.putInt("status", status);
        out.putLong("table", table);
    }

    void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        command = in.getInt("command", 0, 0xFF);
        status = in.getInt("status", 0, 0xFF);
        table = in.getLong("table") & TABLE_MASK;
    }
}

package jkvm.device.ide;

import jkvm.device.ide.AtaCommand.Phase;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/**
 * A command of an AHCI port: read from its header and table (AHCI 1.3.1 section 4.2), given to the drive, and its bytes
 * moved. The port reads and ends it with its lock held, {@link #run} does not need that.
 */
final class AhciCommand {
    private static final int HEADER_SIZE = 32;
    private static final int BYTES_OFFSET = 4;
    private static final int TABLE_OFFSET = 8;
    private static final long TABLE_MASK = ~0x7FL;
    private static final int PACKET_OFFSET = 0x40;
    private static final int REGIONS_OFFSET = 0x80;
    private static final int LENGTH_MASK = 0x1F;
    private static final int MIN_LENGTH = 5;
    private static final int REGION_COUNT_SHIFT = 16;
    private static final int FIS_SIZE = 20;
    private static final int TO_DEVICE = 0x27;
    private static final int COMMAND_BIT = 0x80;
    private static final int CONTROL_INDEX = 15;
    private static final int READ_QUEUED = 0x60;
    private static final int WRITE_QUEUED = 0x61;
    private static final int READ_DMA_EXT = 0x25;
    private static final int WRITE_DMA_EXT = 0x35;
    private static final int FLUSH_EXT = 0xEA;
    private static final int TAG_SHIFT = 3;
    /** In the device register of a queued write: it is to be on the medium when it has ended. */
    private static final int FORCED_BIT = 0x80;
    private static final int MAX_PIECE = 1 << 20;
    private static final int NOT_QUEUED = -1;

    private final GuestMemory memory;
    private final AhciRegions regions;
    private final byte[] fis = new byte[FIS_SIZE];
    private long header;
    private long table;
    private int tag;
    private int moved;
    private boolean isPioIn;
    private boolean isTooShort;
    private boolean flushesAfterwards;
    private volatile boolean cancelled;

    AhciCommand(GuestMemory memory) {
        this.memory = memory;
        regions = new AhciRegions(memory);
    }

    /**
     * Reads a slot's command. The guest may change it at any time: it is copied once.
     *
     * @return false if it does not lie in RAM
     */
    boolean read(long list, int slot) {
        cancelled = false;
        moved = 0;
        isPioIn = false;
        isTooShort = false;
        flushesAfterwards = false;
        tag = NOT_QUEUED;
        header = list + (long) slot * HEADER_SIZE;
        if (!memory.contains(header, HEADER_SIZE)) {
            return false;
        }
        int flags = memory.readInt(header);
        table = memory.readLong(header + TABLE_OFFSET) & TABLE_MASK;
        if (!memory.contains(table, REGIONS_OFFSET)) {
            return false;
        }
        memory.read(table, fis, 0, FIS_SIZE);
        if ((flags & LENGTH_MASK) < MIN_LENGTH) {
            fis[0] = 0;
        }
        regions.walk(table + REGIONS_OFFSET, flags >>> REGION_COUNT_SHIFT);
        return true;
    }

    /** True if it is a frame of registers, the only kind that a drive takes. */
    boolean isOfRegisters() {
        return (fis[0] & 0xFF) == TO_DEVICE;
    }

    /** True if the frame has a command; otherwise it sets the control register. */
    boolean hasCommand() {
        return (fis[1] & COMMAND_BIT) != 0;
    }

    /** The control register. */
    int control() {
        return fis[CONTROL_INDEX] & 0xFF;
    }

    /** The command's code. */
    int opcode() {
        return fis[2] & 0xFF;
    }

    /** True if it is one of a queue. */
    boolean isQueued() {
        return tag != NOT_QUEUED;
    }

    /** Its number in the queue. */
    int tag() {
        return tag;
    }

    /** Puts the parameters into the drive's registers, and begins. */
    void start(AtaUnit unit) {
        TaskFile file = unit.file;
        file.write(TaskFile.FEATURES, fis[11]);
        file.write(TaskFile.FEATURES, fis[3]);
        file.write(TaskFile.COUNT, fis[13]);
        file.write(TaskFile.COUNT, fis[12]);
        for (int i = 0; i < 3; i++) {
            file.write(TaskFile.LBA_LOW + i, fis[8 + i]);
            file.write(TaskFile.LBA_LOW + i, fis[4 + i]);
        }
        file.device(fis[7] & ~TaskFile.DEVICE_1_BIT | TaskFile.OBSOLETE_BITS);
        int opcode = opcode();
        boolean isQueueing = opcode == READ_QUEUED || opcode == WRITE_QUEUED;
        if (!isQueueing || unit.takesPackets()) {
            unit.start(opcode);
            return;
        }
        // The registers of a queued command have the count where others have features.
        tag = (fis[12] & 0xFF) >> TAG_SHIFT;
        file.write(TaskFile.COUNT, fis[11]);
        file.write(TaskFile.COUNT, fis[3]);
        flushesAfterwards = opcode == WRITE_QUEUED && (fis[7] & FORCED_BIT) != 0;
        unit.start(opcode == READ_QUEUED ? READ_DMA_EXT : WRITE_DMA_EXT);
    }

    /** Carries it out: to its end, or until it is cancelled. On the worker, without the lock; waits for the host. */
    void run(AtaUnit unit) {
        runPhases(unit);
        if (flushesAfterwards && !cancelled && unit.command.error() == 0 && !isTooShort) {
            unit.start(FLUSH_EXT);
            runPhases(unit);
        }
    }

    private void runPhases(AtaUnit unit) {
        AtaCommand command = unit.command;
        while (!command.isEnded() && !cancelled) {
            Phase phase = command.phase();
            if (phase == Phase.WORK) {
                unit.phaseOver();
            } else if (phase == Phase.PIO_OUT && command.opcode() == AtapiCdRom.PACKET) {
                takePacket(unit);
            } else {
                moveData(unit);
            }
        }
    }

    /** The packet has a place of its own. */
    private void takePacket(AtaUnit unit) {
        MemoryRegion region = memory.region(table);
        memory.require(table + PACKET_OFFSET, unit.command.left());
        unit.move(region.segment(), table + PACKET_OFFSET - region.start(), (int) unit.command.left());
        unit.phaseOver();
    }

    private void moveData(AtaUnit unit) {
        AtaCommand command = unit.command;
        Phase phase = command.phase();
        while (command.left() > 0 && !command.isEnded() && !cancelled) {
            int piece = regions.next(Math.min(command.left(), MAX_PIECE));
            if (piece == 0) {
                isTooShort = true;
                command.fail(TaskFile.ABRT);
                return;
            }
            unit.move(regions.memory(), regions.start(), piece);
            regions.moved(piece, !phase.isOut());
            moved += piece;
        }
        if (command.isEnded() || cancelled) {
            return;
        }
        isPioIn = phase == Phase.PIO_IN;
        if (isPioIn && !command.isOfMedium()) {
            command.end();
        } else {
            unit.phaseOver();
        }
    }

    /** Ends it between two pieces. Any thread may call. */
    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** True if the table led outside RAM. */
    boolean isAborted() {
        return regions.isAborted();
    }

    /** True if the table had less room than the drive has bytes. */
    boolean isTooShort() {
        return isTooShort;
    }

    /** True if the drive sent its data by PIO. */
    boolean isPioIn() {
        return isPioIn;
    }

    /** True if a region asks for an interrupt. */
    boolean interrupts() {
        return regions.interrupts();
    }

    /** Bytes that have moved. */
    int moved() {
        return moved;
    }

    /** Tells the guest how many those were. */
    void putMoved() {
        memory.writeInt(header + BYTES_OFFSET, moved);
    }
}

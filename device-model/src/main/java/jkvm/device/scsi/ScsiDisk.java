package jkvm.device.scsi;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import jkvm.bios.disk.DriveGeometry;
import jkvm.device.disk.DiskGeometry;
import jkvm.device.scsi.ScsiCommand.Direction;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskStatistics;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** A hard disk (SBC-3, SPC-3), with the answers of QEMU's. */
public final class ScsiDisk implements ScsiDevice {
    static final int TEST_UNIT_READY = 0x00;
    static final int REQUEST_SENSE = 0x03;
    static final int READ_6 = 0x08;
    static final int WRITE_6 = 0x0A;
    static final int INQUIRY = 0x12;
    static final int MODE_SELECT_6 = 0x15;
    static final int RESERVE = 0x16;
    static final int RELEASE = 0x17;
    static final int MODE_SENSE_6 = 0x1A;
    static final int START_STOP = 0x1B;
    static final int SEND_DIAGNOSTIC = 0x1D;
    static final int PREVENT_ALLOW_REMOVAL = 0x1E;
    static final int READ_CAPACITY = 0x25;
    static final int READ_10 = 0x28;
    static final int WRITE_10 = 0x2A;
    static final int SEEK = 0x2B;
    static final int WRITE_VERIFY_10 = 0x2E;
    static final int VERIFY_10 = 0x2F;
    static final int SYNCHRONIZE_10 = 0x35;
    static final int WRITE_SAME_10 = 0x41;
    static final int UNMAP = 0x42;
    static final int MODE_SELECT_10 = 0x55;
    static final int MODE_SENSE_10 = 0x5A;
    static final int READ_16 = 0x88;
    static final int WRITE_16 = 0x8A;
    static final int WRITE_VERIFY_16 = 0x8E;
    static final int VERIFY_16 = 0x8F;
    static final int SYNCHRONIZE_16 = 0x91;
    static final int WRITE_SAME_16 = 0x93;
    static final int SERVICE_ACTION_IN_16 = 0x9E;
    static final int READ_12 = 0xA8;
    static final int WRITE_12 = 0xAA;
    static final int WRITE_VERIFY_12 = 0xAE;
    static final int VERIFY_12 = 0xAF;

    private static final int STATE_VERSION = 1;
    private static final int READ_CAPACITY_16_ACTION = 0x10;
    private static final int FORCE_UNIT_ACCESS_BIT = 0x08;
    private static final int PROTECT_MASK = 0xE0;
    private static final int SAME_ANCHOR_BIT = 0x10;
    private static final int SAME_UNMAP_BIT = 0x08;
    private static final int SAME_NO_DATA_BIT = 0x01;
    private static final int BYTE_CHECK_MASK = 0x06;
    private static final int UNMAP_HEADER_SIZE = 8;
    private static final int RANGE_SIZE = 16;

    private static final int MAX_TRACK = 0xFFFF;

    private final DiskImage image;
    private final ScsiDiskSettings settings;
    private final DiskStatistics statistics;
    private final DiskAnswers answers;
    private final SameWrites same;
    private final Sense sense = new Sense();
    private final DiskGeometry geometry;
    private final long blocks;
    private boolean writeCache;
    /** The first command after a reset is told of it. */
    private boolean tellsReset = true;

    /**
     * @param identity   what INQUIRY tells
     * @param statistics counts the requests
     */
    public ScsiDisk(DiskImage image, ScsiIdentity identity, ScsiDiskSettings settings, DiskStatistics statistics) {
        this.image = image;
        this.settings = settings;
        this.statistics = statistics;
        this.blocks = image.capacity() / settings.logicalBlock();
        this.geometry = DiskGeometry.of(image);
        this.answers = new DiskAnswers(identity, settings, geometry, blocks, image.isReadOnly());
        this.same = new SameWrites(image, settings.logicalBlock());
        this.writeCache = settings.writeCache();
    }

    /** The geometry as SeaBIOS computes it of cylinders and heads: none if that leaves a rest. */
    DriveGeometry geometryForBios() {
        long tracks = (long) geometry.cylinders() * geometry.heads();
        return blocks % tracks != 0 || blocks / tracks > MAX_TRACK ? DriveGeometry.NONE
                : new DriveGeometry(geometry.cylinders(), geometry.heads(), (int) (blocks / tracks));
    }

    @Override
    public void begin(ScsiCommand command) {
        int operation = command.operation();
        if (operation == REQUEST_SENSE) {
            command.answer(sense.put(command.data()), command.at(4));
            sense.clear();
            return;
        }
        if (tellsReset && operation != INQUIRY) {
            tellsReset = false;
            fail(command, Sense.UNIT_ATTENTION, Sense.POWER_ON_OR_RESET);
            return;
        }
        sense.clear();
        switch (operation) {
            case READ_6, WRITE_6 -> transfer(command, command.number(1, 3) & 0x1FFFFF,
                    command.at(4) == 0 ? 256 : command.at(4));
            case READ_10, WRITE_10, WRITE_VERIFY_10 -> transfer(command, command.number(2, 4), command.number(7, 2));
            case READ_12, WRITE_12, WRITE_VERIFY_12 -> transfer(command, command.number(2, 4), command.number(6, 4));
            case READ_16, WRITE_16, WRITE_VERIFY_16 -> transfer(command, command.number(2, 8), command.number(10, 4));
            case WRITE_SAME_10 -> writeSame(command, command.number(2, 4), command.number(7, 2));
            case WRITE_SAME_16 -> writeSame(command, command.number(2, 8), command.number(10, 4));
            default -> carryOut(command);
        }
    }

    private void carryOut(ScsiCommand command) {
        switch (command.operation()) {
            case TEST_UNIT_READY, START_STOP, RESERVE, RELEASE, SEND_DIAGNOSTIC, PREVENT_ALLOW_REMOVAL ->
                    command.end(ScsiCommand.GOOD);
            case INQUIRY -> answer(command, answers.inquiry(command), command.number(3, 2));
            case MODE_SENSE_6 -> answer(command, answers.modeSense(command, true, writeCache), command.at(4));
            case MODE_SENSE_10 -> answer(command, answers.modeSense(command, false, writeCache),
                    command.number(7, 2));
            case READ_CAPACITY -> answer(command, answers.capacity(command), Integer.MAX_VALUE);
            case SERVICE_ACTION_IN_16 -> answer(command, (command.at(1) & 0x1F) == READ_CAPACITY_16_ACTION
                    ? answers.capacity16(command) : DiskAnswers.INVALID, command.number(10, 4));
            case MODE_SELECT_6 -> takeParameters(command, command.at(4));
            case MODE_SELECT_10, UNMAP -> takeParameters(command, command.number(7, 2));
            case SYNCHRONIZE_10, SYNCHRONIZE_16 -> synchronize(command);
            case VERIFY_10 -> verify(command, command.number(2, 4), command.number(7, 2));
            case VERIFY_12 -> verify(command, command.number(2, 4), command.number(6, 4));
            case VERIFY_16 -> verify(command, command.number(2, 8), command.number(10, 4));
            case SEEK -> verify(command, command.number(2, 4), 0);
            default -> fail(command, Sense.ILLEGAL_REQUEST, Sense.INVALID_OPERATION);
        }
    }

    private void fail(ScsiCommand command, int key, int code) {
        sense.set(key, code);
        command.end(ScsiCommand.CHECK_CONDITION);
    }

    private void answer(ScsiCommand command, int count, long room) {
        if (count >= 0) {
            command.answer(count, room);
        } else {
            fail(command, Sense.ILLEGAL_REQUEST, count == DiskAnswers.NOT_SAVED ? Sense.SAVING_NOT_SUPPORTED
                    : Sense.INVALID_FIELD_IN_CDB);
        }
    }

    private boolean isOnDisk(long block, long count) {
        return block >= 0 && block < blocks && count >= 0 && count <= blocks - block;
    }

    /** True if a command may change blocks; else it has ended. */
    private boolean mayWrite(ScsiCommand command) {
        if (image.isReadOnly()) {
            fail(command, Sense.DATA_PROTECT, Sense.WRITE_PROTECTED);
        }
        return !image.isReadOnly();
    }

    private static Direction direction(int operation) {
        return switch (operation) {
            case READ_6, READ_10, READ_12, READ_16 -> Direction.IN;
            default -> Direction.OUT;
        };
    }

    private void transfer(ScsiCommand command, long block, long count) {
        Direction direction = direction(command.operation());
        boolean isLong = command.operation() != READ_6 && command.operation() != WRITE_6;
        if (isLong && (command.at(1) & PROTECT_MASK) != 0) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.INVALID_FIELD_IN_CDB);
        } else if (!isOnDisk(block, count)) {
            statistics.refused(direction == Direction.IN ? DiskStatistics.Kind.READ : DiskStatistics.Kind.WRITE);
            fail(command, Sense.ILLEGAL_REQUEST, Sense.BLOCK_OUT_OF_RANGE);
        } else if (direction == Direction.IN || mayWrite(command)) {
            command.transferMedium(direction, block, count * settings.logicalBlock(), 0);
        }
    }

    private void writeSame(ScsiCommand command, long block, long count) {
        int flags = command.at(1);
        boolean hasData = command.operation() == WRITE_SAME_10 || (flags & SAME_NO_DATA_BIT) == 0;
        if (count == 0 || count > DiskAnswers.MAX_SAME_BYTES / settings.logicalBlock()
                || (flags & (PROTECT_MASK | SAME_ANCHOR_BIT)) != 0) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.INVALID_FIELD_IN_CDB);
        } else if (!isOnDisk(block, count)) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.BLOCK_OUT_OF_RANGE);
        } else if (mayWrite(command)) {
            if (hasData) {
                command.transfer(Direction.OUT, settings.logicalBlock());
            } else {
                finish(command, () -> same.zero(block, count, (flags & SAME_UNMAP_BIT) != 0));
            }
        }
    }

    private void takeParameters(ScsiCommand command, long count) {
        if (count > ScsiCommand.MAX_ANSWER) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.PARAMETER_LIST_LENGTH_ERROR);
        } else if (command.operation() != UNMAP || mayWrite(command)) {
            command.transfer(Direction.OUT, count);
        }
    }

    private void synchronize(ScsiCommand command) {
        long start = System.nanoTime();
        finish(command, image::flush);
        if (command.status() == ScsiCommand.GOOD) {
            statistics.done(DiskStatistics.Kind.FLUSH, 0, System.nanoTime() - start);
        }
    }

    private void verify(ScsiCommand command, long block, long count) {
        if (command.operation() != SEEK && (command.at(1) & BYTE_CHECK_MASK) != 0) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.INVALID_FIELD_IN_CDB);
        } else if (!isOnDisk(block, count)) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.BLOCK_OUT_OF_RANGE);
        } else {
            command.end(ScsiCommand.GOOD);
        }
    }

    /** What changes the disk. */
    private interface Change {
        void make() throws IOException;
    }

    private void finish(ScsiCommand command, Change change) {
        try {
            change.make();
            command.end(ScsiCommand.GOOD);
        } catch (IOException e) {
            fail(command, Sense.MEDIUM_ERROR, Sense.WRITE_ERROR);
        }
    }

    @Override
    public void move(ScsiCommand command, MemorySegment memory, long at, int length) {
        if (command.isOfMedium()) {
            moveBlocks(command, memory, at, length);
            return;
        }
        command.moveData(memory, at, length);
        if (command.direction() == Direction.OUT && command.left() == 0) {
            takeData(command);
        }
    }

    private void moveBlocks(ScsiCommand command, MemorySegment memory, long at, int length) {
        boolean reads = command.direction() == Direction.IN;
        DiskStatistics.Kind kind = reads ? DiskStatistics.Kind.READ : DiskStatistics.Kind.WRITE;
        long offset = command.block() * settings.logicalBlock() + command.done();
        long start = System.nanoTime();
        try {
            if (reads) {
                image.read(offset, memory, at, length);
            } else {
                image.write(offset, memory, at, length);
            }
            command.moved(length);
            if (!reads && command.left() == 0) {
                endWrite(command);
            }
        } catch (IOException e) {
            statistics.failed(kind);
            fail(command, Sense.MEDIUM_ERROR, reads ? Sense.UNRECOVERED_READ_ERROR : Sense.WRITE_ERROR);
            return;
        }
        statistics.done(kind, length, System.nanoTime() - start);
        if (!reads) {
            statistics.wroteUpTo(offset + length);
        }
    }

    private void endWrite(ScsiCommand command) throws IOException {
        boolean isForced = command.operation() != WRITE_6 && (command.at(1) & FORCE_UNIT_ACCESS_BIT) != 0;
        if (isForced || !writeCache) {
            image.flush();
        }
        command.end(ScsiCommand.GOOD);
    }

    private void takeData(ScsiCommand command) {
        switch (command.operation()) {
            case WRITE_SAME_10 -> finish(command, () -> same.fill(command.data(), command.number(2, 4),
                    command.number(7, 2), (command.at(1) & SAME_UNMAP_BIT) != 0));
            case WRITE_SAME_16 -> finish(command, () -> same.fill(command.data(), command.number(2, 8),
                    command.number(10, 4), (command.at(1) & SAME_UNMAP_BIT) != 0));
            case UNMAP -> unmap(command);
            default -> selectMode(command);
        }
    }

    /** All ranges are checked before any is touched. */
    private void unmap(ScsiCommand command) {
        ByteBuffer list = ByteBuffer.wrap(command.data(), 0, (int) command.length());
        int ranges = list.limit() < UNMAP_HEADER_SIZE ? -1
                : Math.min(list.getShort(2) & 0xFFFF, list.limit() - UNMAP_HEADER_SIZE) / RANGE_SIZE;
        if (ranges < 0 || ranges > DiskAnswers.MAX_UNMAP_RANGES) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.INVALID_FIELD_IN_PARAMETERS);
            return;
        }
        long sum = 0;
        for (int i = 0; i < ranges; i++) {
            int at = UNMAP_HEADER_SIZE + i * RANGE_SIZE;
            long count = list.getInt(at + Long.BYTES) & 0xFFFFFFFFL;
            sum += count;
            if (!isOnDisk(list.getLong(at), count)) {
                fail(command, Sense.ILLEGAL_REQUEST, Sense.BLOCK_OUT_OF_RANGE);
                return;
            }
        }
        if (sum > DiskAnswers.MAX_UNMAP_BYTES / settings.logicalBlock()) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.INVALID_FIELD_IN_PARAMETERS);
            return;
        }
        finish(command, () -> {
            for (int i = 0; i < ranges; i++) {
                int at = UNMAP_HEADER_SIZE + i * RANGE_SIZE;
                image.discard(list.getLong(at) * settings.logicalBlock(),
                        (list.getInt(at + Long.BYTES) & 0xFFFFFFFFL) * settings.logicalBlock());
            }
        });
        statistics.done(DiskStatistics.Kind.UNMAP, sum * settings.logicalBlock(), 0);
    }

    /** Takes the page of the write cache; what else it says must be as it is. */
    private void selectMode(ScsiCommand command) {
        boolean isShort = command.operation() == MODE_SELECT_6;
        byte[] data = command.data();
        int length = (int) command.length();
        int header = isShort ? 4 : 8;
        if (length < header) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.PARAMETER_LIST_LENGTH_ERROR);
            return;
        }
        int at = header + (isShort ? data[3] & 0xFF : (data[6] & 0xFF) << 8 | data[7] & 0xFF);
        boolean switchesCache = writeCache;
        while (at + 2 <= length) {
            int size = data[at + 1] & 0xFF;
            if ((data[at] & 0x3F) != DiskAnswers.CACHING_PAGE || size != DiskAnswers.CACHING_PAGE_SIZE
                    || at + 2 + size > length) {
                fail(command, Sense.ILLEGAL_REQUEST, Sense.INVALID_FIELD_IN_PARAMETERS);
                return;
            }
            switchesCache = (data[at + 2] & DiskAnswers.WRITE_CACHE_BIT) != 0;
            at += 2 + size;
        }
        if (at > length || at < length) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.PARAMETER_LIST_LENGTH_ERROR);
            return;
        }
        writeCache = switchesCache;
        finish(command, writeCache ? () -> { } : image::flush);
    }

    @Override
    public int takeSense(byte[] target) {
        int count = sense.put(target);
        sense.clear();
        return count;
    }

    @Override
    public void reset() {
        sense.clear();
        writeCache = settings.writeCache();
        tellsReset = true;
    }

    @Override
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putLong("blocks", blocks);
        out.putBoolean("write cache", writeCache);
        out.putBoolean("tells reset", tellsReset);
        sense.save(out);
    }

    /** The disk has to hold what it held: its content belongs to the host side and is not part of the state. */
    @Override
    public void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        long saved = in.getLong("blocks");
        if (saved != blocks) {
            throw new StateException("the state is that of a disk of %d blocks, this one has %d".formatted(saved,
                    blocks));
        }
        writeCache = in.getBoolean("write cache");
        tellsReset = in.getBoolean("tells reset");
        sense.load(in);
    }
}

package jkvm.device.scsi;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.device.scsi.ScsiCommand.Direction;
import jkvm.host.image.MediumSlot;
import jkvm.host.image.NoMediumException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** A CD-ROM or DVD-ROM drive: reads the medium in its slot. */
public final class CdRom implements ScsiDevice, MediumSlot.Drive {
    /** Bytes of a block. */
    public static final int BLOCK_SIZE = 2048;

    static final int TEST_UNIT_READY = 0x00;
    static final int REQUEST_SENSE = 0x03;
    static final int INQUIRY = 0x12;
    static final int MODE_SENSE_6 = 0x1A;
    static final int START_STOP_UNIT = 0x1B;
    static final int PREVENT_ALLOW_REMOVAL = 0x1E;
    static final int READ_CAPACITY = 0x25;
    static final int READ_10 = 0x28;
    static final int SEEK = 0x2B;
    static final int READ_SUB_CHANNEL = 0x42;
    static final int READ_TOC = 0x43;
    static final int GET_CONFIGURATION = 0x46;
    static final int GET_EVENT_STATUS = 0x4A;
    static final int READ_DISC_INFORMATION = 0x51;
    static final int MODE_SENSE_10 = 0x5A;
    static final int READ_12 = 0xA8;
    static final int READ_DVD_STRUCTURE = 0xAD;
    static final int SET_CD_SPEED = 0xBB;
    static final int MECHANISM_STATUS = 0xBD;
    static final int READ_CD = 0xBE;

    private static final int STATE_VERSION = 1;
    private static final int START_BIT = 0x01;
    private static final int LOAD_EJECT_BIT = 0x02;
    private static final int POWER_CONDITION_MASK = 0xF0;
    private static final int PREVENT_BIT = 0x01;
    private static final int NOTHING_CHANGED = 0;
    private static final int TELL_REMOVAL = 1;
    private static final int TELL_CHANGE = 2;
    private static final int PARTS_OF_SECTOR_MASK = 0xF8;
    private static final int USER_DATA_BIT = 0x10;
    private static final int SUB_CHANNEL_MASK = 0x07;

    private final MediumSlot slot;
    private final CdAnswers answers;
    private final Sense sense = new Sense();
    private final RawSector raw;
    /** Steps by which the guest hears of a change: first that there is no medium, then that there may be another. */
    private volatile int changeStep;
    private volatile boolean hasNewMedium;
    private volatile boolean isEjectWanted;

    /**
     * A drive with its medium or without one.
     *
     * @param identity what INQUIRY tells
     */
    @SuppressWarnings("this-escape")
    public CdRom(MediumSlot slot, ScsiIdentity identity) {
        this.slot = slot;
        this.answers = new CdAnswers(slot, identity);
        this.raw = new RawSector(slot);
        slot.usedBy(this);
    }

    /** The slot of the medium. */
    public MediumSlot slot() {
        return slot;
    }

    @Override
    public void mediumChanged(boolean isPresent) {
        changeStep = TELL_REMOVAL;
        hasNewMedium = true;
        isEjectWanted = false;
    }

    @Override
    public void ejectRequested() {
        isEjectWanted = true;
    }

    /** Blocks of the medium; 0 without one. */
    long blocks() {
        return slot.capacity() / BLOCK_SIZE;
    }

    @Override
    public void begin(ScsiCommand command) {
        if (command.operation() == REQUEST_SENSE) {
            command.answer(sense.put(command.data()), command.at(4));
            sense.clear();
            return;
        }
        boolean tellsChange = !isAlwaysAnswered(command.operation());
        if (tellsChange && changeStep != NOTHING_CHANGED && slot.isReady()) {
            tellChange(command);
            return;
        }
        sense.clear();
        if (needsMedium(command.operation()) && !slot.isReady()) {
            fail(command, Sense.NOT_READY, Sense.MEDIUM_NOT_PRESENT);
            return;
        }
        carryOut(command);
    }

    private static boolean isAlwaysAnswered(int operation) {
        return switch (operation) {
            case REQUEST_SENSE, INQUIRY, GET_CONFIGURATION, GET_EVENT_STATUS -> true;
            default -> false;
        };
    }

    private static boolean needsMedium(int operation) {
        return switch (operation) {
            case TEST_UNIT_READY, READ_CAPACITY, READ_10, READ_12, READ_CD, SEEK, READ_TOC, READ_SUB_CHANNEL,
                    READ_DISC_INFORMATION, READ_DVD_STRUCTURE -> true;
            default -> false;
        };
    }

    private void tellChange(ScsiCommand command) {
        if (changeStep == TELL_REMOVAL) {
            changeStep = TELL_CHANGE;
            fail(command, Sense.NOT_READY, Sense.MEDIUM_NOT_PRESENT);
        } else {
            changeStep = NOTHING_CHANGED;
            fail(command, Sense.UNIT_ATTENTION, Sense.MEDIUM_MAY_HAVE_CHANGED);
        }
    }

    private void fail(ScsiCommand command, int key, int code) {
        sense.set(key, code);
        command.end(ScsiCommand.CHECK_CONDITION);
    }

    private void invalidField(ScsiCommand command) {
        fail(command, Sense.ILLEGAL_REQUEST, Sense.INVALID_FIELD_IN_CDB);
    }

    private void carryOut(ScsiCommand command) {
        switch (command.operation()) {
            case TEST_UNIT_READY, SET_CD_SPEED -> command.end(ScsiCommand.GOOD);
            case READ_10 -> read(command, command.number(2, 4), command.number(7, 2));
            case READ_12 -> read(command, command.number(2, 4), command.number(6, 4));
            case READ_CD -> readCd(command);
            case SEEK -> seek(command);
            case START_STOP_UNIT -> startStop(command);
            case PREVENT_ALLOW_REMOVAL -> {
                slot.lock((command.at(4) & PREVENT_BIT) != 0);
                command.end(ScsiCommand.GOOD);
            }
            case GET_EVENT_STATUS -> eventStatus(command);
            case MODE_SENSE_6, MODE_SENSE_10 -> answer(command, answers.modeSense(command),
                    command.operation() == MODE_SENSE_6 ? command.at(4) : command.number(7, 2));
            case READ_CAPACITY -> answer(command, answers.capacity(command), Integer.MAX_VALUE);
            case READ_TOC -> answer(command, answers.contents(command), command.number(7, 2));
            case READ_SUB_CHANNEL -> answer(command, answers.position(command), command.number(7, 2));
            case INQUIRY -> answer(command, answers.inquiry(command), command.number(3, 2));
            case GET_CONFIGURATION -> answer(command, answers.configuration(command), command.number(7, 2));
            case READ_DISC_INFORMATION -> answer(command, answers.disc(command), command.number(7, 2));
            case MECHANISM_STATUS -> answer(command, answers.mechanism(command), command.number(8, 2));
            case READ_DVD_STRUCTURE -> dvdStructure(command);
            default -> fail(command, Sense.ILLEGAL_REQUEST, Sense.INVALID_OPERATION);
        }
    }

    /** @param count of {@link CdAnswers}: its bytes, or what is wrong */
    private void answer(ScsiCommand command, int count, long room) {
        if (count >= 0) {
            command.answer(count, room);
        } else if (count == CdAnswers.NOT_SAVED) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.SAVING_NOT_SUPPORTED);
        } else {
            invalidField(command);
        }
    }

    private boolean isOnMedium(long block, long count) {
        return block < blocks() && count <= blocks() - block;
    }

    private void read(ScsiCommand command, long block, long count) {
        if (count == 0) {
            command.end(ScsiCommand.GOOD);
        } else if (!isOnMedium(block, count)) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.BLOCK_OUT_OF_RANGE);
        } else {
            command.transferMedium(Direction.IN, block, count * BLOCK_SIZE, slot.changes());
        }
    }

    private void readCd(ScsiCommand command) {
        long block = command.number(2, 4);
        long count = command.number(6, 3);
        int parts = command.at(9) & PARTS_OF_SECTOR_MASK;
        if ((command.at(10) & SUB_CHANNEL_MASK) != 0) {
            invalidField(command);
        } else if (count == 0 || parts == 0) {
            command.end(ScsiCommand.GOOD);
        } else if (parts == USER_DATA_BIT) {
            read(command, block, count);
        } else if (parts != PARTS_OF_SECTOR_MASK) {
            invalidField(command);
        } else if (!isOnMedium(block, count)) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.BLOCK_OUT_OF_RANGE);
        } else {
            command.transferMedium(Direction.IN, block, count * RawSector.SIZE, slot.changes());
        }
    }

    private static boolean isRaw(ScsiCommand command) {
        return command.operation() == READ_CD && (command.at(9) & PARTS_OF_SECTOR_MASK) == PARTS_OF_SECTOR_MASK;
    }

    private void seek(ScsiCommand command) {
        if (isOnMedium(command.number(2, 4), 0)) {
            command.end(ScsiCommand.GOOD);
        } else {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.BLOCK_OUT_OF_RANGE);
        }
    }

    private void startStop(ScsiCommand command) {
        boolean isStart = (command.at(4) & START_BIT) != 0;
        boolean movesTray = (command.at(4) & LOAD_EJECT_BIT) != 0 && (command.at(4) & POWER_CONDITION_MASK) == 0;
        if (movesTray && !slot.moveTray(!isStart)) {
            fail(command, slot.hasMedium() ? Sense.NOT_READY : Sense.ILLEGAL_REQUEST,
                    Sense.MEDIA_REMOVAL_PREVENTED & 0xFF00);
        } else {
            command.end(ScsiCommand.GOOD);
        }
    }

    private void eventStatus(ScsiCommand command) {
        int event = isEjectWanted ? CdAnswers.EVENT_EJECT_REQUEST : hasNewMedium ? CdAnswers.EVENT_NEW_MEDIUM : 0;
        int count = answers.events(command, event);
        if (CdAnswers.asksForMedia(command)) {
            if (isEjectWanted) {
                isEjectWanted = false;
            } else {
                hasNewMedium = false;
            }
        }
        answer(command, count, command.number(7, 2));
    }

    private void dvdStructure(ScsiCommand command) {
        int count = answers.dvdStructure(command);
        if (count == CdAnswers.WRONG_MEDIUM) {
            fail(command, Sense.ILLEGAL_REQUEST, Sense.INCOMPATIBLE_FORMAT);
        } else {
            answer(command, count, command.number(8, 2));
        }
    }

    @Override
    public void move(ScsiCommand command, MemorySegment memory, long at, int length) {
        if (!command.isOfMedium()) {
            command.moveData(memory, at, length);
            return;
        }
        if (command.changes() != slot.changes()) {
            fail(command, Sense.NOT_READY, Sense.MEDIUM_NOT_PRESENT);
            return;
        }
        try {
            if (isRaw(command)) {
                raw.read(command.block(), command.done(), memory, at, length);
            } else {
                slot.read(command.block() * BLOCK_SIZE + command.done(), memory, at, length);
            }
            command.moved(length);
        } catch (NoMediumException e) {
            fail(command, Sense.NOT_READY, Sense.MEDIUM_NOT_PRESENT);
        } catch (IOException e) {
            fail(command, Sense.MEDIUM_ERROR, Sense.UNRECOVERED_READ_ERROR);
        }
    }

    @Override
    public int takeSense(byte[] target) {
        int count = sense.put(target);
        sense.clear();
        return count;
    }

    /** The sense key of the last command, as ATAPI shows it in its error register. */
    public int senseKey() {
        return sense.key();
    }

    /** Lets the medium go and forgets what there was to tell; the tray stays as it is. */
    @Override
    public void reset() {
        sense.clear();
        slot.lock(false);
        changeStep = NOTHING_CHANGED;
        hasNewMedium = false;
        isEjectWanted = false;
    }

    @Override
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putBoolean("tray open", slot.isTrayOpen());
        out.putBoolean("locked", slot.isLocked());
        out.putInt("change", changeStep);
        out.putBoolean("new medium", hasNewMedium);
        out.putBoolean("eject wanted", isEjectWanted);
        sense.save(out);
    }

    /** The medium belongs to the host side and is not part of the state. */
    @Override
    public void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        slot.restore(in.getBoolean("tray open"), in.getBoolean("locked"));
        changeStep = in.getInt("change", NOTHING_CHANGED, TELL_CHANGE);
        hasNewMedium = in.getBoolean("new medium");
        isEjectWanted = in.getBoolean("eject wanted");
        sense.load(in);
    }
}

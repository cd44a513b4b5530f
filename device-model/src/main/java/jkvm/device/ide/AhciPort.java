package jkvm.device.ide;

import java.util.function.BooleanSupplier;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * A port of an AHCI controller: a cable with at most one drive, its registers (AHCI 1.3.1 section 3.3) and its list of
 * commands. Its worker carries out one command after the other, in the order of their slots; those of a queue too, each
 * of which the drive takes when the one before has ended.
 *
 * <p>Its monitor guards all but the bytes that are moving; with it held only the host control and guest memory are
 * called.
 */
final class AhciPort {
    static final int SIZE = 0x80;

    static final int LIST_OFFSET = 0x00;
    static final int AREA_OFFSET = 0x08;
    static final int STATUS_OFFSET = 0x10;
    static final int ENABLE_OFFSET = 0x14;
    static final int COMMAND_OFFSET = 0x18;
    static final int TASK_FILE_OFFSET = 0x20;
    static final int SIGNATURE_OFFSET = 0x24;
    static final int LINK_STATUS_OFFSET = 0x28;
    static final int LINK_CONTROL_OFFSET = 0x2C;
    static final int LINK_ERROR_OFFSET = 0x30;
    static final int QUEUED_OFFSET = 0x34;
    static final int ISSUED_OFFSET = 0x38;

    static final int START_BIT = 1;
    static final int CLEAR_BUSY_BIT = 1 << 3;
    static final int RECEIVE_BIT = 1 << 4;
    static final int RECEIVE_RUNNING_BIT = 1 << 14;
    static final int LIST_RUNNING_BIT = 1 << 15;

    private static final int SPUN_UP_BITS = 1 << 1 | 1 << 2;
    private static final int COMMAND_MASK = START_BIT | RECEIVE_BIT | 1 << 24 | 1 << 25;
    private static final int SLOT_SHIFT = 8;
    private static final int LIST_MASK = ~0x3FF;
    private static final int AREA_MASK = ~0xFF;
    private static final int NO_DRIVE = 0x7F;
    private static final int STATE_VERSION = 1;

    private final GuestMemory memory;
    private final ReceivedFis received;
    private final AhciCommand command;
    private final BooleanSupplier allowed;
    private final AhciInterrupts interrupts;
    private final AhciSlots slots = new AhciSlots();
    private final AhciLink link = new AhciLink();
    private AtaUnit unit;
    private Worker worker;

    private long list;
    private long area;
    private int control;
    private boolean isInReset;
    /** An error has stopped the list until the guest stops it, too. */
    private boolean isHalted;
    /** True while the worker carries out a command without the monitor. */
    private boolean working;
    private boolean resetsAfterwards;

    /** @param allowed whether the guest lets the controller access memory */
    AhciPort(int number, AhciHost host, GuestMemory memory, BooleanSupplier allowed) {
        this.allowed = allowed;
        interrupts = new AhciInterrupts(number, host);
        this.memory = memory;
        received = new ReceivedFis(memory);
        command = new AhciCommand(memory);
    }

    /** Puts the drive on the cable. Before the guest runs. */
    void plug(AtaUnit drive, Workers workers) {
        unit = drive;
        unit.onSata();
        worker = workers.worker(drive.name(), this::round);
        reset();
    }

    /** The drive, or null. */
    AtaUnit unit() {
        return unit;
    }

    synchronized int read(int offset) {
        return switch (offset) {
            case LIST_OFFSET -> (int) list;
            case LIST_OFFSET + 4 -> (int) (list >> Integer.SIZE);
            case AREA_OFFSET -> (int) area;
            case AREA_OFFSET + 4 -> (int) (area >> Integer.SIZE);
            case STATUS_OFFSET -> interrupts.status();
            case ENABLE_OFFSET -> interrupts.enabled();
            case COMMAND_OFFSET -> control | SPUN_UP_BITS | slots.current() << SLOT_SHIFT
                    | (isStarted() || working ? LIST_RUNNING_BIT : 0)
                    | ((control & RECEIVE_BIT) != 0 ? RECEIVE_RUNNING_BIT : 0);
            case TASK_FILE_OFFSET -> link.isUp() ? unit.file.error() << Byte.SIZE | unit.file.status() : NO_DRIVE;
            case SIGNATURE_OFFSET -> link.isUp() ? unit.signature() << 2 * Byte.SIZE | 0x0101 : -1;
            case LINK_STATUS_OFFSET -> link.status();
            case LINK_CONTROL_OFFSET -> link.control();
            case LINK_ERROR_OFFSET -> link.error();
            case QUEUED_OFFSET -> slots.queued();
            case ISSUED_OFFSET -> slots.issued();
            default -> 0;
        };
    }

    private boolean isStarted() {
        return (control & START_BIT) != 0;
    }

    synchronized void write(int offset, int value) {
        switch (offset) {
            case LIST_OFFSET -> list = replace(list, 0, value & LIST_MASK);
            case LIST_OFFSET + 4 -> list = replace(list, Integer.SIZE, value);
            case AREA_OFFSET -> area = replace(area, 0, value & AREA_MASK);
            case AREA_OFFSET + 4 -> area = replace(area, Integer.SIZE, value);
            case STATUS_OFFSET -> interrupts.acknowledge(value);
            case ENABLE_OFFSET -> interrupts.enable(value);
            case COMMAND_OFFSET -> writeControl(value);
            case LINK_CONTROL_OFFSET -> writeLink(value);
            case LINK_ERROR_OFFSET -> {
                link.clearErrors(value);
                interrupts.follow(link);
            }
            case QUEUED_OFFSET -> slots.queue(isStarted() ? value : 0);
            case ISSUED_OFFSET -> {
                slots.issue(isStarted() ? value : 0);
                wake();
            }
            default -> { }
        }
    }

    private static long replace(long whole, int shift, int value) {
        return whole & ~(0xFFFFFFFFL << shift) | (value & 0xFFFFFFFFL) << shift;
    }

    private void wake() {
        if (unit != null && slots.issued() != 0) {
            worker.wake();
        }
    }

    private void writeControl(int value) {
        boolean wasStarted = isStarted();
        control = value & COMMAND_MASK;
        if ((value & CLEAR_BUSY_BIT) != 0 && unit != null && !working) {
            unit.file.status(unit.file.status() & ~(TaskFile.BSY | TaskFile.DRQ));
        }
        if (wasStarted && !isStarted()) {
            stop();
        }
    }

    /** Forgets all commands. The one that is under way ends when the worker comes back. */
    private void stop() {
        slots.clear();
        isHalted = false;
        if (working) {
            command.cancel();
        }
    }

    private void writeLink(int value) {
        switch (link.write(value)) {
            case DOWN -> stop();
            case UP -> {
                stop();
                connect();
            }
            case NONE -> { }
        }
    }

    /** The drive resets itself when the link comes up, and tells what it is. */
    private void connect() {
        if (unit == null) {
            return;
        }
        link.up();
        interrupts.raise(AhciInterrupts.CONNECT_BIT | AhciInterrupts.PHY_READY_BIT);
        if (working) {
            unit.file.status(TaskFile.BSY);
            resetsAfterwards = true;
        } else {
            resetUnit();
        }
    }

    private void resetUnit() {
        resetsAfterwards = false;
        unit.softReset();
        unit.file.device(0);
        if (receives()) {
            received.registers(area, unit.file, false);
        }
    }

    private boolean receives() {
        return (control & RECEIVE_BIT) != 0 && allowed.getAsBoolean() && memory.contains(area, ReceivedFis.AREA_SIZE);
    }

    /** One command a round. */
    private void round() {
        if (!begin()) {
            return;
        }
        boolean isDone = false;
        try {
            command.run(unit);
            isDone = true;
        } finally {
            back(isDone);
        }
    }

    /** Takes the next command: true if the drive has to carry it out. */
    private synchronized boolean begin() {
        if (working || !isStarted() || isHalted || slots.issued() == 0 || !link.isUp()) {
            return false;
        }
        int slot = slots.advance();
        if (!allowed.getAsBoolean() || !command.read(list, slot)) {
            halt(AhciInterrupts.BUS_ERROR_BIT);
            return false;
        }
        if (!command.isOfRegisters()) {
            halt(AhciInterrupts.INTERFACE_ERROR_BIT);
            return false;
        }
        if (!command.hasCommand()) {
            writeDeviceControl(command.control());
            wake();
            return false;
        }
        unit.file.status(TaskFile.BSY | AtaUnit.READY);
        if (command.opcode() == AtaUnit.EXECUTE_DIAGNOSTIC || command.opcode() == AtaUnit.DEVICE_RESET
                && unit.takesPackets()) {
            unit.softReset();
            end(true);
            return false;
        }
        command.start(unit);
        working = true;
        return true;
    }

    /** A software reset is two frames: one that sets its bit, and one that clears it. */
    private void writeDeviceControl(int value) {
        boolean begins = (value & IdeChannel.SOFT_RESET_BIT) != 0;
        slots.end();
        if (isInReset && !begins) {
            unit.softReset();
            answer(true);
        } else if (begins) {
            unit.file.status(TaskFile.BSY);
        }
        isInReset = begins;
    }

    private void halt(int bits) {
        isHalted = true;
        interrupts.raise(bits);
    }

    private synchronized void back(boolean isDone) {
        working = false;
        if (!isDone) {
            unit.command.fail(TaskFile.ABRT);
        }
        if (command.isCancelled()) {
            unit.cancel();
            unit.file.status(AtaUnit.READY);
            if (resetsAfterwards) {
                resetUnit();
            }
        } else {
            unit.complete();
            if (command.isQueued()) {
                endQueued();
            } else {
                command.putMoved();
                end(!command.isPioIn());
            }
        }
        wake();
    }

    private void end(boolean byRegisters) {
        boolean failed = (unit.file.status() & TaskFile.ERR) != 0;
        if (!failed) {
            slots.end();
        }
        answer(byRegisters || failed);
        afterwards(failed);
    }

    private void answer(boolean byRegisters) {
        if (receives() && byRegisters) {
            received.registers(area, unit.file, true);
        } else if (receives()) {
            received.pioSetup(area, unit.file, true, command.moved());
        }
        interrupts.raise(byRegisters ? AhciInterrupts.REGISTERS_BIT : AhciInterrupts.PIO_SETUP_BIT);
    }

    private void endQueued() {
        boolean failed = (unit.file.status() & TaskFile.ERR) != 0;
        int bit = failed ? 0 : 1 << command.tag();
        slots.end();
        slots.endQueued(bit);
        if (receives()) {
            received.setBits(area, unit.file, bit);
        }
        interrupts.raise(AhciInterrupts.SET_BITS_BIT);
        afterwards(failed);
    }

    private void afterwards(boolean failed) {
        int bits = (failed ? AhciInterrupts.TASK_FILE_ERROR_BIT : 0)
                | (command.interrupts() ? AhciInterrupts.REGION_BIT : 0)
                | (command.isAborted() ? AhciInterrupts.BUS_ERROR_BIT
                        : command.isTooShort() ? AhciInterrupts.OVERFLOW_BIT : 0);
        isHalted = failed;
        if (bits != 0) {
            interrupts.raise(bits);
        }
    }

    /** A reset of the controller. */
    synchronized void hostReset() {
        stop();
        clearRegisters();
        connect();
    }

    private void clearRegisters() {
        list = 0;
        area = 0;
        interrupts.clear();
        control = 0;
        link.reset();
        isInReset = false;
    }

    /** Power-on state. No vCPU runs. */
    void reset() {
        if (unit == null) {
            hostReset();
            return;
        }
        worker.pause();
        synchronized (this) {
            unit.powerOn();
            hostReset();
        }
        worker.resume();
    }

    /** Ends the worker. No vCPU runs. */
    void close() {
        if (unit != null) {
            worker.close();
        }
    }

    synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putLong("list", list);
        out.putLong("area", area);
        interrupts.save(out);
        out.putInt("control", control);
        link.save(out);
        slots.save(out);
        out.putBoolean("reset", isInReset);
        out.putBoolean("halted", isHalted);
    }

    /** The drive is loaded apart from it. */
    synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        list = in.getLong("list");
        area = in.getLong("area");
        interrupts.load(in);
        control = in.getInt("control") & COMMAND_MASK;
        link.load(in, unit != null);
        slots.load(in);
        isInReset = in.getBoolean("reset");
        isHalted = in.getBoolean("halted");
        resetsAfterwards = false;
        interrupts.loaded();
        wake();
    }
}

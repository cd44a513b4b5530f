package jkvm.device.floppy;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.bus.DmaChannel;
import jkvm.bus.IrqLine;
import jkvm.bus.RegisterNames;
import jkvm.device.board.Properties;
import jkvm.device.board.PropertyException;
import jkvm.device.board.UnitBus;
import jkvm.device.board.UnitType;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.Worker;

/**
 * The 82078 floppy disk controller of an AT: ports 3F0h to 3F5h and 3F7h, interrupt 6, DMA channel 2.
 *
 * <p>Commands that look at a disk are carried out by a {@link Worker}; the others at once. The lock is this object's
 * monitor; with it held only the interrupt line and the DMA channel are called.
 */
public final class FloppyController implements Device, ByteIoHandler, UnitBus, AutoCloseable {
    public static final int PORT = 0x3F0;
    /** Ports from the first on that it decodes. */
    public static final int PORTS = 6;
    /** From {@link #PORT} to the register that tells of changed disks and takes the rate. */
    public static final int CHANGE_OFFSET = 7;
    /** How many drives a controller has connectors for; QEMU's and an AT's have cables for two. */
    static final int DRIVES = 4;

    static final int STATUS_B_OFFSET = 1;
    static final int OUTPUT_OFFSET = 2;
    static final int TAPE_OFFSET = 3;
    static final int MAIN_STATUS_OFFSET = 4;
    static final int DATA_OFFSET = 5;

    static final int OUTPUT_DRIVE_MASK = 0x03;
    static final int OUTPUT_RUNNING_BIT = 0x04;
    static final int OUTPUT_DMA_BIT = 0x08;
    static final int DEFAULT_OUTPUT = OUTPUT_RUNNING_BIT | OUTPUT_DMA_BIT;
    static final int MAIN_REQUEST_BIT = 0x80;
    static final int MAIN_TO_GUEST_BIT = 0x40;
    static final int MAIN_NO_DMA_BIT = 0x20;
    static final int MAIN_BUSY_BIT = 0x10;
    static final int RATE_MASK = 0x03;
    static final int RATE_RESET_BIT = 0x80;
    static final int CHANGED_BIT = 0x80;
    private static final int OVERWRITE_BIT = 0x80;
    private static final int STATUS_B_DEFAULT = 0xC0;
    private static final int STATE_VERSION = 1;
    private static final int UNITS = 2;
    private static final String BUS_NAME = "floppy-bus.0";

    /** Who has to say something next. */
    private enum Phase { COMMAND, EXECUTION, RESULT }

    private static final Phase[] PHASES = Phase.values();

    private final String name;
    private final FloppyInterrupt interrupt;
    private final FloppyDrive[] drives = new FloppyDrive[DRIVES];
    private final FloppySettings settings = new FloppySettings();
    private final FloppyTransfer transfer;
    private final Worker worker;

    private Cable cable = Cable.DEFAULT;
    private Phase phase = Phase.COMMAND;
    private int output = DEFAULT_OUTPUT;
    private int rate;
    private final byte[] command = new byte[FloppyCommand.MAX_BYTES];
    private int commandLength;
    private final FloppyResult result = new FloppyResult();

    /**
     * A controller without drives.
     *
     * @param channel for the data
     * @param workers gives what looks at the disks, such as {@code work -> workers.worker(name, work)}
     */
    @SuppressWarnings("this-escape")
    public FloppyController(String name, IrqLine irq, DmaChannel channel, Function<Runnable, Worker> workers) {
        this.name = name;
        this.interrupt = new FloppyInterrupt(irq);
        for (int i = 0; i < DRIVES; i++) {
            drives[i] = FloppyDrive.absent();
        }
        transfer = new FloppyTransfer(this, new Owner(), channel);
        worker = workers.apply(this::work);
        channel.connect(worker::wake);
    }

    /**
     * What the cable is for.
     *
     * @param types    of drives that do not say theirs, by their place
     * @param fallback the type where that is auto, and the disk does not tell
     * @param listener hears of the two drives' types when one is connected
     */
    record Cable(List<FloppyDriveType> types, FloppyDriveType fallback,
            BiConsumer<FloppyDriveType, FloppyDriveType> listener) {
        /** Any types, and nobody hears. */
        static final Cable DEFAULT = new Cable(List.of(FloppyDriveType.AUTO, FloppyDriveType.AUTO),
                FloppyDriveType.D288, (_, _) -> { });
    }

    /** Says what holds for drives that are connected later. */
    void onConnect(Cable newCable) {
        cable = newCable;
    }

    @Override
    public int placeOf(Properties properties) {
        properties.find(UnitType.BUS).filter(name -> !name.equals(BUS_NAME)).ifPresent(name -> {
            throw PropertyException.invalid(UnitType.BUS.name(), name, "Bus '" + name + "' not found");
        });
        int unit = properties.find(FloppyType.UNIT).orElse(-1);
        for (int place = Math.max(unit, 0); place < UNITS; place++) {
            if (!drives[place].isPresent()) {
                return place;
            } else if (unit >= 0) {
                throw PropertyException.invalid(FloppyType.UNIT.name(), unit, "Floppy unit " + unit + " is in use");
            }
        }
        throw PropertyException.invalid(FloppyType.UNIT.name(), Math.max(unit, UNITS), "Can't create floppy unit "
                + Math.max(unit, UNITS) + ", bus supports only " + UNITS + " units");
    }

    @Override
    public String pathOf(int place) {
        return "floppy@" + place;
    }

    @Override
    public void plug(int place, Device unit) {
        connect(place, (FloppyDrive) unit);
    }

    /** Connects a drive. Before the guest runs. */
    void connect(int unit, FloppyDrive drive) {
        drives[unit] = drive;
        drive.settle(cable.types().get(unit), cable.fallback());
        if (drive.isPresent()) {
            drive.slot().usedBy(_ -> mediumChanged(drive));
        }
        cable.listener().accept(drives[0].type(), drives[1].type());
    }

    private synchronized void mediumChanged(FloppyDrive drive) {
        drive.mediumChanged();
    }

    private void work() {
        boolean goesOn = true;
        while (goesOn) {
            goesOn = transfer.step();
        }
    }

    /** The controller, as its transfer sees it. */
    private final class Owner implements FloppyTransfer.Owner {
        @Override
        public void ended(int status0, int status1, int status2, int cylinder, int head, int sector) {
            endTransfer(transfer.driveNumber(), status0, status1, status2);
            result.address(cylinder, head, sector);
        }

        @Override
        public void guestsTurn() {
            interrupt.raise();
        }

        @Override
        public int rate() {
            return rate;
        }
    }

    @Override
    public String name() {
        return name;
    }

    private boolean isInReset() {
        return (output & OUTPUT_RUNNING_BIT) == 0;
    }

    private FloppyDrive selected() {
        return drives[output & OUTPUT_DRIVE_MASK];
    }

    @Override
    public synchronized int readByte(int offset) {
        return switch (offset) {
            case STATUS_B_OFFSET -> STATUS_B_DEFAULT | output >> 4 & 3 | (output & 1) << 5;
            case OUTPUT_OFFSET -> output;
            case TAPE_OFFSET -> 0;
            case MAIN_STATUS_OFFSET -> mainStatus();
            case DATA_OFFSET -> readData();
            case CHANGE_OFFSET -> selected().isChanged() ? CHANGED_BIT : 0;
            default -> 0xFF;
        };
    }

    @Override
    public synchronized void writeByte(int offset, int value) {
        switch (offset) {
            case OUTPUT_OFFSET -> writeOutput(value);
            case MAIN_STATUS_OFFSET -> {
                rate = value & RATE_MASK;
                if ((value & RATE_RESET_BIT) != 0) {
                    restart();
                }
            }
            case DATA_OFFSET -> writeData(value);
            case CHANGE_OFFSET -> rate = value & RATE_MASK;
            default -> { }
        }
    }

    /** The port at {@link #CHANGE_OFFSET}. */
    public ByteIoHandler change() {
        return new ByteIoHandler() {
            @Override
            public int readByte(int offset) {
                return FloppyController.this.readByte(CHANGE_OFFSET);
            }

            @Override
            public void writeByte(int offset, int value) {
                FloppyController.this.writeByte(CHANGE_OFFSET, value);
            }

            @Override
            public RegisterNames registerNames() {
                return new RegisterNames("fdc").with(0, "DIR");
            }
        };
    }

    @Override
    public RegisterNames registerNames() {
        return new RegisterNames("fdc").bytes(0, "SRA", "SRB", "DOR", "TDR", "MSR", "FIFO");
    }

    private int mainStatus() {
        if (isInReset()) {
            return 0;
        }
        return switch (phase) {
            case COMMAND -> MAIN_REQUEST_BIT | (commandLength > 0 ? MAIN_BUSY_BIT : 0);
            case RESULT -> MAIN_REQUEST_BIT | MAIN_TO_GUEST_BIT | MAIN_BUSY_BIT;
            case EXECUTION -> {
                int status = MAIN_BUSY_BIT | (transfer.usesDma() ? 0 : MAIN_NO_DMA_BIT);
                status |= transfer.isToGuest() && !transfer.usesDma() ? MAIN_TO_GUEST_BIT : 0;
                yield transfer.isGuestsTurn() ? status | MAIN_REQUEST_BIT : status;
            }
        };
    }

    private void writeOutput(int value) {
        boolean wasInReset = isInReset();
        output = value;
        if (!wasInReset && isInReset()) {
            stop();
        } else if (wasInReset && !isInReset()) {
            tellReset();
        }
    }

    /** Forgets what is under way. */
    private void stop() {
        transfer.cancel();
        phase = Phase.COMMAND;
        commandLength = 0;
        interrupt.clear();
    }

    private void restart() {
        stop();
        tellReset();
    }

    private void tellReset() {
        settings.reset();
        interrupt.resetEnded();
    }

    private int readData() {
        if (isInReset()) {
            return 0;
        }
        if (phase == Phase.EXECUTION && transfer.isGuestsTurn() && transfer.isToGuest()) {
            interrupt.lower();
            int value = transfer.read();
            wakeWorker();
            return value;
        }
        if (phase != Phase.RESULT) {
            return 0;
        }
        int value = result.next();
        if (result.isTaken()) {
            phase = Phase.COMMAND;
            interrupt.lower();
        }
        return value;
    }

    private void writeData(int value) {
        if (isInReset() || phase == Phase.RESULT) {
            return;
        }
        if (phase == Phase.EXECUTION) {
            if (transfer.isGuestsTurn() && !transfer.isToGuest()) {
                interrupt.lower();
                transfer.write(value);
                wakeWorker();
            }
            return;
        }
        command[commandLength++] = (byte) value;
        FloppyCommand code = FloppyCommand.of(command[0] & 0xFF);
        boolean isDone = code == FloppyCommand.DRIVE_SPECIFICATION && commandLength > 1
                && (value & FloppySettings.SPECIFICATION_DONE_BIT) != 0;
        if (isDone || commandLength == code.length()) {
            int length = commandLength;
            commandLength = 0;
            carryOut(code, length);
        }
    }

    private void wakeWorker() {
        if (!transfer.isIdle() && !transfer.isGuestsTurn()) {
            worker.wake();
        }
    }

    private void carryOut(FloppyCommand code, int length) {
        FloppyDrive drive = drives[command[1] & OUTPUT_DRIVE_MASK];
        switch (code) {
            case READ, READ_TRACK -> transfer(FloppyTransfer.Operation.READ, drive);
            case WRITE -> transfer(FloppyTransfer.Operation.WRITE, drive);
            case VERIFY -> transfer(FloppyTransfer.Operation.VERIFY, drive);
            case SCAN_EQUAL -> transfer(FloppyTransfer.Operation.SCAN_EQUAL, drive);
            case SCAN_LOW -> transfer(FloppyTransfer.Operation.SCAN_LOW, drive);
            case SCAN_HIGH -> transfer(FloppyTransfer.Operation.SCAN_HIGH, drive);
            case FORMAT -> transfer(FloppyTransfer.Operation.FORMAT, drive);
            case READ_ID -> transfer(FloppyTransfer.Operation.READ_ID, drive);
            case READ_DELETED, WRITE_DELETED -> endTransfer(Status.ABNORMAL | Status.SEEK_END, 0, 0);
            case SEEK, RECALIBRATE, RELATIVE_SEEK_IN, RELATIVE_SEEK_OUT -> seek(code, drive);
            case SENSE_INTERRUPT -> {
                interrupt.sense(result, drives);
                phase = Phase.RESULT;
            }
            case SENSE_DRIVE -> senseDrive(drive);
            case PERPENDICULAR -> perpendicular();
            case RESTORE -> settings.restore(command, drives);
            case DUMP_REGISTERS -> answer(settings.dump(result.bytes(), drives, selected()));
            case SAVE -> answer(settings.saved(result.bytes(), drives, selected()));
            case INVALID -> answerSingle(Status.INVALID);
            default -> answer(settings.carryOut(code, command, length, result.bytes()));
        }
    }

    private void transfer(FloppyTransfer.Operation operation, FloppyDrive drive) {
        phase = Phase.EXECUTION;
        boolean wantsDma = settings.wantsDma() && (output & OUTPUT_DMA_BIT) != 0;
        switch (operation) {
            case FORMAT -> transfer.beginFormat(command, drive, wantsDma);
            case READ_ID -> transfer.beginReadId(command, drive);
            default -> transfer.beginData(operation, command, drive, wantsDma);
        }
        wakeWorker();
    }

    /** Ends a command as one that looks at a disk does. */
    private void endTransfer(int status0, int status1, int status2) {
        int number = command[1] & OUTPUT_DRIVE_MASK;
        endTransfer(number, status0, status1, status2);
        FloppyDrive drive = drives[number];
        result.address(drive.track(), drive.head(), drive.sector());
    }

    private void endTransfer(int number, int status0, int status1, int status2) {
        result.transfer(status0 | number | (drives[number].head() != 0 ? Status.HEAD : 0), status1, status2);
        phase = Phase.RESULT;
        interrupt.raise();
    }

    /** The guest is to take the first bytes of the result; with none the next command may come. */
    private void answer(int count) {
        result.begin(count);
        phase = count == 0 ? Phase.COMMAND : Phase.RESULT;
    }

    private void answerSingle(int value) {
        result.single(value);
        phase = Phase.RESULT;
    }

    private void seek(FloppyCommand code, FloppyDrive drive) {
        int distance = command[2] & 0xFF;
        switch (code) {
            case SEEK -> drive.step(distance);
            case RECALIBRATE -> drive.reset();
            case RELATIVE_SEEK_IN -> drive.step(Math.min(drive.track() + distance,
                    Math.max(drive.format().tracks() - 1, 0)));
            default -> drive.step(Math.max(drive.track() - distance, 0));
        }
        interrupt.seekEnded(command[1] & OUTPUT_DRIVE_MASK);
    }

    private void senseDrive(FloppyDrive drive) {
        drive.head(command[1] >> 2 & 1);
        answerSingle(Status.DRIVE | command[1] & 7 | (drive.track() == 0 ? Status.TRACK_0 : 0)
                | (drive.isWriteProtected() ? Status.WRITE_PROTECTED : 0));
    }

    private void perpendicular() {
        if ((command[1] & OVERWRITE_BIT) != 0) {
            selected().perpendicular(command[1] & 7);
        }
    }

    /** Power-on state of all but the drives, which are devices of their own. */
    @Override
    public synchronized void reset() {
        stop();
        output = DEFAULT_OUTPUT;
        rate = 0;
        settings.powerOn();
        for (FloppyDrive drive : drives) {
            if (!drive.isPresent()) {
                drive.reset();
            }
        }
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("phase", phase.ordinal());
        out.putInt("output", output);
        out.putInt("rate", rate);
        out.putBytes("command", command);
        out.putInt("command length", commandLength);
        result.save(out);
        interrupt.save(out);
        settings.save(out);
        for (FloppyDrive drive : drives) {
            if (!drive.isPresent()) {
                drive.save(out);
            }
        }
        transfer.save(out);
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        phase = PHASES[in.getInt("phase", 0, PHASES.length - 1)];
        output = in.getInt("output", 0, 0xFF);
        rate = in.getInt("rate", 0, RATE_MASK);
        System.arraycopy(in.getBytes("command", command.length), 0, command, 0, command.length);
        commandLength = in.getInt("command length", 0, command.length - 1);
        result.load(in);
        interrupt.load(in);
        settings.load(in);
        for (FloppyDrive drive : drives) {
            if (!drive.isPresent()) {
                drive.load(in);
            }
        }
        transfer.load(in, drives);
        requireOrder();
        wakeWorker();
    }

    private void requireOrder() {
        boolean isCommandWhole = commandLength > 0
                && commandLength >= FloppyCommand.of(command[0] & 0xFF).length();
        if (isCommandWhole || phase == Phase.RESULT && result.isTaken()
                || phase == Phase.EXECUTION && transfer.isIdle()) {
            throw new StateException("the floppy controller's phases do not fit together");
        }
    }

    /** Ends its worker. */
    @Override
    public void close() {
        worker.close();
    }
}

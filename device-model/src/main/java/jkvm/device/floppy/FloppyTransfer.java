package jkvm.device.floppy;

import java.io.IOException;
import jkvm.bus.DmaChannel;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The commands that look at a disk. They advance sector by sector: in the worker's turns the disk is read or written,
 * with no lock held, and data moves by DMA; in the guest's turns it moves through the data register. A disk that is
 * pulled, a reset or a closed DMA channel takes effect between two sectors.
 *
 * <p>All but {@link #step} is called with the controller's lock held.
 */
final class FloppyTransfer {
    private static final int SECTOR_SIZE = FloppyLayout.SECTOR_SIZE;
    /** Cylinder, head, sector and size, for each sector that is formatted. */
    private static final int ID_SIZE = 4;
    private static final int MAX_SIZE_CODE = 7;
    private static final int SIZE_CODE_512 = 2;

    /** What is done with each sector. */
    enum Operation { NONE, READ, WRITE, VERIFY, SCAN_EQUAL, SCAN_LOW, SCAN_HIGH, FORMAT, READ_ID }

    private static final Operation[] OPERATIONS = Operation.values();

    /** Whose controller it is. Called with its lock held. */
    interface Owner {
        /**
         * The command has ended.
         *
         * @param sector the address to tell: that of the next sector, or the one that was not found
         */
        void ended(int status0, int status1, int status2, int cylinder, int head, int sector);

        /** It is the guest's turn. */
        void guestsTurn();

        /** The rate that the controller is set to. */
        int rate();
    }

    private final Object lock;
    private final Owner owner;
    private final DmaChannel channel;
    private final SectorAccess sector = new SectorAccess();
    /** Another one after each end: what the worker brings then is of no use. */
    private int generation;

    private Operation operation = Operation.NONE;
    private FloppyDrive drive;
    private int driveNumber;
    private boolean usesDma;
    private boolean isGuestsTurn;
    private boolean multiTrack;
    private int lastSector;
    private int filler;
    /** Bytes that are still to move. */
    private int left;
    /** Bytes of the buffer that the guest has moved in its turn. */
    private int position;
    private boolean isFull;
    private boolean hasMoved;

    FloppyTransfer(Object lock, Owner owner, DmaChannel channel) {
        this.lock = lock;
        this.owner = owner;
        this.channel = channel;
    }

    boolean isIdle() {
        return operation == Operation.NONE;
    }

    boolean isGuestsTurn() {
        return isGuestsTurn;
    }

    boolean usesDma() {
        return usesDma;
    }

    /** True if the guest takes data from the controller. */
    boolean isToGuest() {
        return operation == Operation.READ;
    }

    int driveNumber() {
        return driveNumber;
    }

    /** Forgets what is under way. */
    void cancel() {
        generation++;
        operation = Operation.NONE;
        isGuestsTurn = false;
        channel.request(false);
    }

    private void begin(Operation newOperation, FloppyDrive newDrive, int number) {
        operation = newOperation;
        drive = newDrive;
        driveNumber = number;
        isGuestsTurn = false;
        usesDma = false;
        multiTrack = false;
        hasMoved = false;
        isFull = false;
        position = 0;
        left = 0;
    }

    /**
     * A command with nine bytes: drive, cylinder, head, sector, size, last sector, gap, data length.
     *
     * @param wantsDma whether the guest has asked for DMA
     */
    void beginData(Operation newOperation, byte[] command, FloppyDrive newDrive, boolean wantsDma) {
        begin(newOperation, newDrive, command[1] & 3);
        int cylinder = command[2] & 0xFF;
        int head = command[3] & 0xFF;
        int first = command[4] & 0xFF;
        FloppyDrive.Seek seek = drive.seek(head, cylinder, first);
        if (seek == FloppyDrive.Seek.NO_TRACK || seek == FloppyDrive.Seek.NO_SECTOR) {
            cancel();
            owner.ended(Status.ABNORMAL, seek == FloppyDrive.Seek.NO_TRACK ? 0 : Status.END_OF_CYLINDER, 0, cylinder,
                    head, first);
            return;
        }
        hasMoved = seek == FloppyDrive.Seek.MOVED;
        if (drive.format().rate() != owner.rate()) {
            end(Status.ABNORMAL, Status.MISSING_ADDRESS_MARK, 0);
            return;
        }
        multiTrack = (command[0] & 0x80) != 0;
        lastSector = command[6] & 0xFF;
        left = bytes(command);
        if (left < 0) {
            end(Status.ABNORMAL, Status.MISSING_ADDRESS_MARK, 0);
            return;
        }
        usesDma = newOperation == Operation.VERIFY || wantsDma && isProgrammed();
        start();
    }

    /** The bytes that a command asks for, up to the last sector that it names; negative if that comes first. */
    private int bytes(byte[] command) {
        int sizeCode = command[5] & 0xFF;
        if (operation == Operation.VERIFY && (command[1] & 0x80) != 0) {
            return (command[8] & 0xFF) * SECTOR_SIZE;
        }
        if (sizeCode == 0) {
            return command[8] & 0xFF;
        }
        int sectors = lastSector - (command[4] & 0xFF) + 1;
        if (multiTrack && sectors >= 0) {
            sectors += lastSector;
        }
        return sectors * (128 << Math.min(sizeCode, MAX_SIZE_CODE));
    }

    private boolean isProgrammed() {
        return switch (channel.transfer()) {
            case VERIFY -> operation == Operation.READ;
            case TO_MEMORY -> operation == Operation.READ;
            case FROM_MEMORY -> operation != Operation.READ;
            case NONE -> false;
        };
    }

    /** FORMAT TRACK: drive and head, size, sectors, gap, filler. */
    void beginFormat(byte[] command, FloppyDrive newDrive, boolean wantsDma) {
        begin(Operation.FORMAT, newDrive, command[1] & 3);
        drive.head(command[1] >> 2 & 1);
        filler = command[5] & 0xFF;
        left = (command[3] & 0xFF) * ID_SIZE;
        usesDma = wantsDma && isProgrammed();
        start();
    }

    /** READ ID: drive and head. */
    void beginReadId(byte[] command, FloppyDrive newDrive) {
        begin(Operation.READ_ID, newDrive, command[1] & 3);
        drive.head(command[1] >> 2 & 1);
    }

    private void start() {
        if (movesByDma()) {
            channel.request(true);
        }
    }

    private boolean takesFromGuest() {
        return operation == Operation.WRITE || operation == Operation.FORMAT || isScan();
    }

    private boolean isScan() {
        return operation == Operation.SCAN_EQUAL || operation == Operation.SCAN_LOW
                || operation == Operation.SCAN_HIGH;
    }

    private void giveTurn() {
        position = 0;
        isGuestsTurn = true;
        owner.guestsTurn();
    }

    private int unit() {
        return Math.min(left, operation == Operation.FORMAT ? ID_SIZE : SECTOR_SIZE);
    }

    /** The guest reads the data register in its turn. */
    int read() {
        int value = sector.data()[position++] & 0xFF;
        if (position == unit()) {
            int moved = position;
            isGuestsTurn = false;
            advance(moved, false);
        }
        return value;
    }

    /** The guest writes the data register in its turn. */
    void write(int value) {
        sector.data()[position++] = (byte) value;
        if (position == unit()) {
            isGuestsTurn = false;
            isFull = true;
        }
    }

    /** Does the worker's turn, if it is that. Called by the worker, with no lock held. */
    boolean step() {
        int turn;
        int count;
        long offset;
        Operation current;
        FloppyDrive from;
        boolean isLast;
        synchronized (lock) {
            if (!isDue()) {
                return false;
            }
            if (refuses()) {
                return true;
            }
            turn = generation;
            current = operation;
            from = drive;
            int room = movesByDma() ? channel.remaining() : Integer.MAX_VALUE;
            count = Math.min(unit(), room);
            if (usesDma && takesFromGuest()) {
                count = channel.move(sector.data(), 0, count);
            }
            isLast = count == room;
            offset = current == Operation.FORMAT ? formattedOffset(count) : from.offset();
        }
        boolean isGood = access(current, from, offset, count);
        synchronized (lock) {
            if (turn == generation) {
                complete(isGood, count, isLast);
            }
        }
        return true;
    }

    private boolean movesByDma() {
        return usesDma && operation != Operation.VERIFY;
    }

    private boolean isDue() {
        if (operation == Operation.NONE || isGuestsTurn) {
            return false;
        }
        return !movesByDma() || channel.isOpen();
    }

    /** Ends a command that finds no disk, no room to write, or nothing to do; or lets the guest bring its data. */
    private boolean refuses() {
        if (operation == Operation.READ_ID) {
            boolean isFound = drive.hasMedium() && drive.format().rate() == owner.rate();
            drive.turn();
            end(isFound ? 0 : Status.ABNORMAL, isFound ? 0 : Status.MISSING_ADDRESS_MARK, 0);
            return true;
        }
        boolean writes = operation == Operation.WRITE || operation == Operation.FORMAT;
        if (!drive.hasMedium()) {
            end(Status.ABNORMAL, operation == Operation.FORMAT ? Status.MISSING_ADDRESS_MARK : 0, 0);
        } else if (writes && drive.isWriteProtected()) {
            end(Status.ABNORMAL | Status.SEEK_END, Status.NOT_WRITABLE, 0);
        } else if (left == 0) {
            end(0, 0, 0);
        } else if (!usesDma && takesFromGuest() && !isFull) {
            giveTurn();
        } else {
            return false;
        }
        return true;
    }

    /** Where the sector lies whose ID is in the buffer; negative for one that the layout does not have. */
    private long formattedOffset(int count) {
        byte[] id = sector.data();
        int number = id[2] & 0xFF;
        boolean exists = count == ID_SIZE && (id[0] & 0xFF) == drive.track()
                && (id[1] & 0xFF) == drive.head() && number >= 1 && number <= drive.format().sectors()
                && id[3] == SIZE_CODE_512
                && drive.head() < drive.format().heads();
        return exists ? drive.offset(drive.track(), drive.head(), number) : -1;
    }

    /** Reads or writes the disk. */
    private boolean access(Operation current, FloppyDrive from, long offset, int count) {
        try {
            switch (current) {
                case READ -> sector.read(from.slot(), offset);
                case WRITE -> sector.write(from.slot(), offset, count);
                case FORMAT -> {
                    if (offset < 0) {
                        return false;
                    }
                    sector.fill(from.slot(), offset, filler);
                }
                default -> sector.verify(from.slot(), offset);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void complete(boolean isGood, int count, boolean isLast) {
        if (!isGood) {
            boolean writes = operation == Operation.WRITE || operation == Operation.FORMAT;
            end(Status.ABNORMAL, writes ? Status.MISSING_ADDRESS_MARK : Status.DATA_ERROR,
                    writes ? 0 : Status.DATA_ERROR_IN_FIELD);
        } else if (isScan() && isSatisfied(count)) {
            end(0, 0, sector.compare(count) == 0 ? Status.SCAN_HIT : 0);
        } else if (operation == Operation.READ && !usesDma) {
            giveTurn();
        } else {
            int moved = operation == Operation.READ ? channel.move(sector.data(), 0, count) : count;
            advance(moved, isLast || moved < count);
        }
    }

    private boolean isSatisfied(int count) {
        int difference = sector.compare(count);
        return difference == 0 || operation == Operation.SCAN_LOW && difference < 0
                || operation == Operation.SCAN_HIGH && difference > 0;
    }

    /** Bytes of a sector have moved: goes on to the next sector, or ends. */
    private void advance(int moved, boolean isLast) {
        left -= moved;
        isFull = false;
        boolean goesOn = operation == Operation.FORMAT || moved < SECTOR_SIZE || nextSector();
        if (!goesOn || left == 0 || isLast) {
            end(0, 0, isScan() ? Status.SCAN_NOT_SATISFIED : 0);
        }
    }

    /** False at the end of the track, or with multi-track of the cylinder's last side if there is only one. */
    private boolean nextSector() {
        if (drive.sector() < drive.format().sectors() && drive.sector() != lastSector) {
            drive.seek(drive.head(), drive.track(), drive.sector() + 1);
            return true;
        }
        boolean hasOtherSide = multiTrack && drive.format().heads() == 2;
        if (hasOtherSide && drive.head() == 0) {
            drive.seek(1, drive.track(), 1);
            return true;
        }
        hasMoved = true;
        FloppyDrive.Seek seek = drive.seek(multiTrack ? 0 : drive.head(), drive.track() + 1, 1);
        return hasOtherSide && seek == FloppyDrive.Seek.MOVED;
    }

    private void end(int status0, int status1, int status2) {
        int moved = hasMoved ? Status.SEEK_END : 0;
        cancel();
        owner.ended(status0 | moved, status1, status2, drive.track(), drive.head(), drive.sector());
    }

    void save(StateWriter out) {
        out.putInt("operation", operation.ordinal());
        out.putInt("transfer drive", driveNumber);
        out.putBoolean("dma", usesDma);
        out.putBoolean("guest's turn", isGuestsTurn);
        out.putBoolean("multi-track", multiTrack);
        out.putInt("last sector", lastSector);
        out.putInt("filler", filler);
        out.putInt("left", left);
        out.putInt("buffer position", position);
        out.putBoolean("full", isFull);
        out.putBoolean("moved", hasMoved);
        out.putBytes("buffer", sector.data());
    }

    /** @param drives by number */
    void load(StateReader in, FloppyDrive[] drives) {
        generation++;
        operation = OPERATIONS[in.getInt("operation", 0, OPERATIONS.length - 1)];
        driveNumber = in.getInt("transfer drive", 0, drives.length - 1);
        drive = drives[driveNumber];
        usesDma = in.getBoolean("dma");
        isGuestsTurn = in.getBoolean("guest's turn");
        multiTrack = in.getBoolean("multi-track");
        lastSector = in.getInt("last sector", 0, 0xFF);
        filler = in.getInt("filler", 0, 0xFF);
        left = in.getInt("left", 0, Integer.MAX_VALUE);
        position = in.getInt("buffer position", 0, SECTOR_SIZE);
        isFull = in.getBoolean("full");
        hasMoved = in.getBoolean("moved");
        System.arraycopy(in.getBytes("buffer", SECTOR_SIZE), 0, sector.data(), 0, SECTOR_SIZE);
        if (isGuestsTurn && (operation == Operation.NONE || position >= unit())) {
            throw new StateException("the guest has moved %d of %d bytes".formatted(position, left));
        }
    }
}

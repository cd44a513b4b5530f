package jkvm.device.ide;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.bios.disk.DriveGeometry;
import jkvm.device.disk.DiskGeometry;
import jkvm.device.ide.AtaCommand.Phase;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskStatistics;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** A hard disk (ATA-6). */
public final class AtaDisk extends AtaUnit {
    static final int SECTOR = DiskImage.SECTOR_SIZE;
    /** The most sectors between two interrupts of READ MULTIPLE. */
    static final int MAX_MULTIPLE = 16;
    private static final int STATE_VERSION = 1;
    private static final int TRIM_BIT = 0x01;
    private static final int RANGE_SIZE = 8;
    private static final int RANGE_COUNT_SHIFT = 48;
    private static final long RANGE_ADDRESS_MASK = (1L << RANGE_COUNT_SHIFT) - 1;
    private static final int POWER_ACTIVE = 0xFF;

    private final DiskImage image;
    private final DiskStatistics statistics;
    private final AtaIdentity identity;
    private final DiskGeometry geometry;
    private final DriveGeometry.Translation translation;
    private final Smart smart = new Smart();
    private final AtaFeatures features;
    private int heads;
    private int sectors;
    private int multiple = MAX_MULTIPLE;
    private long firstSector;
    private int sectorCount;
    private long startedAt;
    private boolean isQueueing;

    /**
     * A disk.
     *
     * @param geometry   what it tells of cylinders, heads and sectors
     * @param writeCache whether writes are kept in the host's cache until a flush, at power-on
     * @param statistics counts the requests
     */
    public AtaDisk(String name, DiskImage image, AtaIdentity identity, DiskGeometry geometry, boolean writeCache,
            DiskStatistics statistics) {
        super(name);
        this.image = image;
        this.identity = identity;
        DiskGeometry.Guess told = geometry.isGuessed() ? DiskGeometry.guess(image)
                : new DiskGeometry.Guess(geometry, geometry.translation());
        this.geometry = told.geometry();
        this.translation = told.translation();
        this.features = new AtaFeatures(writeCache);
        this.statistics = statistics;
        resetUnit();
    }

    @Override
    int signature() {
        return 0;
    }

    @Override
    void onSata() {
        isQueueing = true;
    }

    @Override
    boolean takesPackets() {
        return false;
    }

    /** Cylinders, heads and sectors as the disk tells them at power-on. */
    DiskGeometry geometry() {
        return geometry;
    }

    /** How a BIOS is to translate that. */
    DriveGeometry.Translation translation() {
        return translation;
    }

    private long capacity() {
        return image.capacity() / SECTOR;
    }

    @Override
    void begin(int opcode) {
        AtaOperation operation = AtaOperation.of(opcode);
        switch (operation.kind()) {
            case READ, WRITE, VERIFY, SEEK -> beginTransfer(operation);
            case IDENTIFY -> {
                identity.putDisk(command.data(), new AtaIdentity.Disk(capacity(), geometry, heads, sectors, multiple,
                        isQueueing), features);
                command.data(Phase.PIO_IN, SECTOR);
            }
            case FLUSH -> command.work();
            case TRIM -> {
                if ((file.get(TaskFile.FEATURES) & TRIM_BIT) == 0 || image.isReadOnly()
                        || file.count(false) * SECTOR > AtaCommand.MAX_DATA || file.get(TaskFile.COUNT) == 0) {
                    command.fail(TaskFile.ABRT);
                } else {
                    command.data(Phase.DMA_OUT, file.get(TaskFile.COUNT) * SECTOR);
                }
            }
            case SET_FEATURES -> setFeatures();
            case SET_MULTIPLE -> setMultiple();
            case INITIALIZE_PARAMETERS -> {
                heads = file.head() + 1;
                sectors = file.get(TaskFile.COUNT);
            }
            case NATIVE_MAX -> nativeMax(operation.isWide());
            case SMART -> smart.begin(this);
            case CHECK_POWER -> file.set(TaskFile.COUNT, POWER_ACTIVE);
            case NOTHING -> { }
            case UNKNOWN -> command.fail(TaskFile.ABRT);
        }
    }

    private void beginTransfer(AtaOperation operation) {
        boolean isWide = operation.isWide();
        sectorCount = operation.kind() == AtaOperation.Kind.SEEK ? 1 : file.count(isWide);
        firstSector = sector(isWide);
        if (firstSector < 0 || firstSector >= capacity() || sectorCount > capacity() - firstSector) {
            statistics.refused(kind(operation));
            command.fail(TaskFile.IDNF);
            return;
        }
        boolean isWrite = operation.kind() == AtaOperation.Kind.WRITE;
        if (isWrite && image.isReadOnly() || operation.isMultiple() && multiple == 0) {
            command.fail(TaskFile.ABRT);
            return;
        }
        if (operation.kind() == AtaOperation.Kind.READ || isWrite) {
            Phase phase = operation.isDma() ? isWrite ? Phase.DMA_OUT : Phase.DMA_IN
                    : isWrite ? Phase.PIO_OUT : Phase.PIO_IN;
            startedAt = System.nanoTime();
            command.medium(phase, firstSector * SECTOR, (long) sectorCount * SECTOR,
                    (operation.isMultiple() ? multiple : 1) * SECTOR);
        }
    }

    /** The first sector that the registers name; negative if there is none. */
    private long sector(boolean isWide) {
        if (isWide || file.isLba()) {
            return file.lba(isWide);
        }
        int sector = file.get(TaskFile.LBA_LOW);
        return sector == 0 || sector > sectors || file.head() >= heads ? -1
                : ((long) file.cylinder() * heads + file.head()) * sectors + sector - 1;
    }

    private static DiskStatistics.Kind kind(AtaOperation operation) {
        return switch (operation.kind()) {
            case READ, VERIFY -> DiskStatistics.Kind.READ;
            case WRITE -> DiskStatistics.Kind.WRITE;
            case FLUSH -> DiskStatistics.Kind.FLUSH;
            case TRIM -> DiskStatistics.Kind.UNMAP;
            default -> DiskStatistics.Kind.OTHER;
        };
    }

    private void setFeatures() {
        if (!features.set(file.get(TaskFile.FEATURES), file.get(TaskFile.COUNT))) {
            command.fail(TaskFile.ABRT);
        } else if (!features.writeCache()) {
            command.work();
        }
    }

    private void setMultiple() {
        int count = file.get(TaskFile.COUNT);
        if (count > MAX_MULTIPLE || Integer.bitCount(count) > 1) {
            command.fail(TaskFile.ABRT);
        } else {
            multiple = count;
        }
    }

    private void nativeMax(boolean isWide) {
        long last = capacity() - 1;
        if (!isWide && !file.isLba() || last < 0) {
            command.fail(TaskFile.ABRT);
        } else {
            file.lba(isWide ? last : Math.min(last, (1 << 28) - 1), isWide);
        }
    }

    @Override
    void move(MemorySegment memory, long at, int length) {
        if (!command.isOfMedium()) {
            command.moveData(memory, at, length);
            command.moved(length);
            return;
        }
        boolean isOut = command.phase().isOut();
        try {
            if (command.position() > image.capacity() - length) {
                command.fail(TaskFile.IDNF);
                return;
            }
            if (isOut) {
                image.write(command.position(), memory, at, length);
            } else {
                image.read(command.position(), memory, at, length);
            }
            command.moved(length);
        } catch (IOException e) {
            statistics.failed(isOut ? DiskStatistics.Kind.WRITE : DiskStatistics.Kind.READ);
            command.fail(isOut ? TaskFile.ABRT : TaskFile.UNC);
        }
    }

    @Override
    void phaseOver() {
        AtaOperation operation = AtaOperation.of(command.opcode());
        try {
            switch (operation.kind()) {
                case WRITE -> {
                    if (!features.writeCache()) {
                        image.flush();
                    }
                    statistics.wroteUpTo(command.position());
                }
                case FLUSH, SET_FEATURES -> {
                    if (!image.isReadOnly()) {
                        image.flush();
                    }
                }
                case TRIM -> trim();
                default -> { }
            }
            if (!command.isEnded()) {
                statistics.done(kind(operation), command.isOfMedium() ? (long) sectorCount * SECTOR : 0,
                        System.nanoTime() - startedAt);
            }
            if (command.error() == 0) {
                command.end();
            }
        } catch (IOException e) {
            statistics.failed(kind(operation));
            command.fail(TaskFile.ABRT);
        }
    }

    /** Gives up the ranges of a data set management command: eight bytes each, a count of 0 is none. */
    private void trim() throws IOException {
        byte[] ranges = command.data();
        for (long at = 0; at + RANGE_SIZE <= command.position(); at += RANGE_SIZE) {
            long range = 0;
            for (int i = RANGE_SIZE - 1; i >= 0; i--) {
                range = range << Byte.SIZE | ranges[(int) at + i] & 0xFF;
            }
            long first = range & RANGE_ADDRESS_MASK;
            long count = range >>> RANGE_COUNT_SHIFT;
            if (first > capacity() || count > capacity() - first) {
                command.fail(TaskFile.ABRT);
                return;
            }
            if (count > 0) {
                image.discard(first * SECTOR, count * SECTOR);
            }
        }
    }

    /** The registers show the sector after the last one, or the one that failed. */
    @Override
    void finish() {
        AtaOperation operation = AtaOperation.of(command.opcode());
        boolean moves = operation.kind() == AtaOperation.Kind.READ || operation.kind() == AtaOperation.Kind.WRITE;
        if (!moves || command.error() == TaskFile.IDNF) {
            return;
        }
        long next = command.position() / SECTOR;
        file.set(TaskFile.COUNT, command.error() == 0 ? 0 : (int) (firstSector + sectorCount - next));
        if (operation.isWide() || file.isLba()) {
            file.lba(next, operation.isWide());
        } else if (sectors > 0 && heads > 0) {
            file.chs((int) (next / sectors / heads), (int) (next / sectors % heads), (int) (next % sectors) + 1);
        }
    }

    @Override
    void resetUnit() {
        heads = geometry.heads();
        sectors = geometry.sectors();
        multiple = MAX_MULTIPLE;
        features.reset();
        smart.reset();
    }

    @Override
    void saveUnit(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putLong("capacity", image.capacity());
        out.putInt("heads", heads);
        out.putInt("sectors", sectors);
        out.putInt("multiple", multiple);
        out.putLong("first", firstSector);
        out.putInt("count", sectorCount);
        features.save(out);
        smart.save(out);
    }

    /** The disk has to hold what it held: its content belongs to the host side and is not part of the state. */
    @Override
    void loadUnit(StateReader in) {
        in.getVersion(STATE_VERSION);
        long capacity = in.getLong("capacity");
        if (capacity != image.capacity()) {
            throw new StateException("%s: the state is that of a disk of %d bytes, this one has %d".formatted(name(),
                    capacity, image.capacity()));
        }
        heads = in.getInt("heads", 1, 16);
        sectors = in.getInt("sectors", 0, 255);
        multiple = in.getInt("multiple", 0, MAX_MULTIPLE);
        firstSector = in.getLong("first");
        sectorCount = in.getInt("count", 0, 0x10000);
        features.load(in);
        smart.load(in);
    }
}

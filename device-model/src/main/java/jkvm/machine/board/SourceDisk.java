package jkvm.machine.board;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jkvm.bios.Alarm;
import jkvm.bios.BootDisk;
import jkvm.device.board.BootSource;
import jkvm.host.image.NoMediumException;
import jkvm.work.ExactStates;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * A device's content as the BIOS's disk: one request at a time, which a worker carries out. Where time is counted in
 * instructions the worker says at which count a request is complete, and the data is moved when the guest asks next, so
 * that a saved state needs no data.
 *
 * <p>Threads: a vCPU and the worker, under this object's lock, which nobody holds during a request to the host.
 */
final class SourceDisk implements BootDisk, ExactStates.Part {
    private static final int NOTHING = 0;
    private static final int READ = 1;
    private static final int WRITE = 2;
    private static final int MAX_SECTORS = 1 << 16;

    private final BootSource.Content content;
    private final int sectorSize;
    private final Alarm alarm;
    private final Worker worker;
    private final boolean isCounted;
    private int seenChanges;

    /** The request: {@link #READ} or {@link #WRITE}, or {@link #NOTHING}. Guarded by this, with all below. */
    private int kind = NOTHING;
    private long sector;
    private int count;
    private byte[] data = new byte[0];
    /** {@link BootDisk.Status#BUSY} until the request is complete. */
    private Status status = Status.DONE;

    SourceDisk(String name, BootSource source, Workers workers, Alarm alarm) {
        content = source.content();
        sectorSize = source.sectorSize();
        this.alarm = alarm;
        isCounted = workers.clock() != null;
        seenChanges = content.changes();
        worker = workers.worker(name, this::serve);
        if (isCounted) {
            workers.clock().exactStates().add(name, this);
        }
    }

    /** Its worker; ended before the content is closed. */
    Worker worker() {
        return worker;
    }

    @Override
    public long sectors() {
        return content.isReady() ? content.capacity() / sectorSize : 0;
    }

    @Override
    public int sectorSize() {
        return sectorSize;
    }

    @Override
    public boolean isReadOnly() {
        return content.isReadOnly();
    }

    @Override
    public boolean isRemovable() {
        return content.isRemovable();
    }

    @Override
    public boolean takeChange() {
        int changes = content.changes();
        boolean isChanged = changes != seenChanges;
        seenChanges = changes;
        return isChanged;
    }

    @Override
    public Status read(long first, int sectors, byte[] target) {
        Status refusal = refusal(first, sectors);
        if (refusal != null) {
            return refusal;
        }
        synchronized (this) {
            if (!isComplete(READ, first, sectors, null)) {
                return Status.BUSY;
            }
            Status result = isCounted ? move(READ, first, target, sectors * sectorSize) : status;
            if (result == Status.DONE && !isCounted) {
                System.arraycopy(data, 0, target, 0, sectors * sectorSize);
            }
            return result;
        }
    }

    @Override
    public Status write(long first, int sectors, byte[] source) {
        if (content.isReady() && content.isReadOnly()) {
            return Status.READ_ONLY;
        }
        Status refusal = refusal(first, sectors);
        if (refusal != null) {
            return refusal;
        }
        synchronized (this) {
            if (!isComplete(WRITE, first, sectors, source)) {
                return Status.BUSY;
            }
            return isCounted ? move(WRITE, first, source, sectors * sectorSize) : status;
        }
    }

    private Status refusal(long first, int sectors) {
        if (!content.isReady()) {
            return Status.NO_MEDIUM;
        }
        long end = content.capacity() / sectorSize;
        return sectors < 0 || sectors > MAX_SECTORS || first < 0 || first > end || sectors > end - first
                ? Status.OUT_OF_RANGE : null;
    }

    /** True, once, if this very request is complete. Else it is under way when this returns, or another one is. */
    private boolean isComplete(int asked, long first, int sectors, byte[] source) {
        int bytes = sectors * sectorSize;
        boolean isSame = kind == asked && sector == first && count == sectors && (source == null || isCounted
                || Arrays.equals(data, 0, bytes, source, 0, bytes));
        if (isSame) {
            boolean isDone = status != Status.BUSY;
            kind = isDone ? NOTHING : kind;
            return isDone;
        }
        if (kind == NOTHING || status != Status.BUSY) {
            kind = asked;
            sector = first;
            count = sectors;
            status = Status.BUSY;
            if (!isCounted && data.length < bytes) {
                data = new byte[bytes];
            }
            if (!isCounted && source != null) {
                System.arraycopy(source, 0, data, 0, bytes);
            }
            worker.wake();
        }
        return false;
    }

    /** A round of the worker. */
    private void serve() {
        int asked;
        long first;
        int bytes;
        synchronized (this) {
            if (kind == NOTHING || status != Status.BUSY) {
                return;
            }
            asked = kind;
            first = sector;
            bytes = count * sectorSize;
        }
        // While a request is under way nobody else touches its data.
        Status result = isCounted ? Status.DONE : move(asked, first, data, bytes);
        synchronized (this) {
            status = result;
        }
        alarm.ring();
    }

    private Status move(int asked, long first, byte[] bytes, int length) {
        MemorySegment memory = MemorySegment.ofArray(bytes).asSlice(0, length);
        try {
            if (asked == READ) {
                content.read(first * sectorSize, memory);
            } else {
                content.write(first * sectorSize, memory);
            }
            return Status.DONE;
        } catch (NoMediumException e) {
            return Status.NO_MEDIUM;
        } catch (IOException | IllegalStateException e) {
            // The host's failure, or a disk that was unplugged: the guest's status tells of either.
            return Status.ERROR;
        }
    }

    @Override
    public synchronized long[] exact() {
        return new long[] {kind, sector, count, status == Status.BUSY ? 1 : 0};
    }

    @Override
    public synchronized void exact(long[] numbers) {
        kind = (int) numbers[0];
        sector = numbers[1];
        count = (int) numbers[2];
        status = numbers[3] != 0 ? Status.BUSY : Status.DONE;
    }
}

package jkvm.control.migrate;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jkvm.machine.snapshot.SnapshotWriter;
import jkvm.memory.PageBitmap;

/** The figures of a migration that sends. Its thread writes them, any thread may look. */
final class SendStatistics {
    private static final long PAGE = MigrationProgress.PAGE;
    private static final double SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int BITS = 8;
    private static final double MILLION = 1e6;

    private final long total;
    private final long begin = System.nanoTime();
    /** Of the migration's thread. */
    private SnapshotWriter out;
    private PageBitmap pages;
    private long passStart;
    private long writtenBeforePass;
    private long pagesBeforePass;
    private double bytesInNano = 1;
    private long dirtiedInPass;
    private long sentInPass;

    /** Guarded by this, as all that follow. */
    private long setup = -1;
    private long stopped = -1;
    private long end = -1;
    private long remaining;
    private long transferred;
    private long beforeStop;
    private long zeroPages;
    private long dataPages;
    private long dirtyRate;
    private long pageRate;
    private double bitRate;
    private long passes;
    private long resumed = -1;
    private long beforePostcopy = -1;
    private long requests;
    /** Pages that {@link #remaining} counts as gone. */
    private long noted;

    /** @param total bytes of RAM */
    SendStatistics(long total) {
        this.total = total;
    }

    /**
     * RAM begins to go over.
     *
     * @param toSend the pages that have to, which are removed as they go
     */
    void begin(SnapshotWriter writer, PageBitmap toSend) {
        out = writer;
        pages = toSend;
        passStart = System.nanoTime();
        synchronized (this) {
            setup = passStart;
            remaining = toSend.count() * PAGE;
        }
    }

    /** Notes what has gone over. */
    synchronized void update() {
        transferred = out.written();
        zeroPages = out.zeroPages();
        dataPages = out.dataPages();
        remaining = Math.max(0, remaining - (zeroPages + dataPages - noted) * PAGE);
        noted = zeroPages + dataPages;
        if (stopped < 0) {
            beforeStop = transferred;
        }
    }

    /** A pass is over, and the pages that the guest wrote meanwhile are to go over in the next one. */
    void passed() {
        update();
        long now = System.nanoTime();
        double nanos = Math.max(1, now - passStart);
        sentInPass = out.written() - writtenBeforePass;
        long sentPages = out.zeroPages() + out.dataPages() - pagesBeforePass;
        long dirty = pages.count();
        dirtiedInPass = dirty * PAGE;
        bytesInNano = Math.max(1e-6, sentInPass / nanos);
        synchronized (this) {
            dirtyRate = Math.round(dirty / nanos * SECOND);
            pageRate = Math.round(sentPages / nanos * SECOND);
            bitRate = sentInPass / nanos * SECOND * BITS / MILLION;
            remaining = dirtiedInPass;
        }
        passStart = now;
        writtenBeforePass = out.written();
        pagesBeforePass += sentPages;
    }

    /** The number of the look at the pages that the guest wrote. */
    synchronized long countPass() {
        return ++passes;
    }

    /** Milliseconds that so many bytes take, as fast as the last pass was. */
    long millisToSend(long bytes) {
        return TimeUnit.NANOSECONDS.toMillis((long) (bytes / bytesInNano));
    }

    /** Bytes of pages that the guest wrote during the last pass. */
    long dirtiedInPass() {
        return dirtiedInPass;
    }

    /** Bytes that went over in the last pass. */
    long sentInPass() {
        return sentInPass;
    }

    /** The machine is about to stop. */
    synchronized void stops() {
        stopped = System.nanoTime();
    }

    /** The machine is about to go on there, and so many bytes of pages follow. */
    synchronized void beginsPostcopy(long bytes) {
        beforePostcopy = transferred;
        remaining = bytes;
    }

    /** The machine goes on there. */
    synchronized void resumes() {
        resumed = System.nanoTime();
    }

    /** The machine there waits for a page. */
    synchronized void countRequest() {
        requests++;
    }

    /** The migration is over. */
    synchronized void ends() {
        end = System.nanoTime();
    }

    /** @param downtimeLimit in milliseconds, of which nothing better is known before the machine stops */
    synchronized MigrationProgress progress(MigrationStatus status, Optional<String> error, long throttle,
            long downtimeLimit) {
        if (status == MigrationStatus.FAILED || setup < 0) {
            return new MigrationProgress(status, error, Optional.empty(),
                    status == MigrationStatus.SETUP ? 0 : -1, -1, -1, 0, Optional.empty());
        }
        long now = end < 0 ? System.nanoTime() : end;
        boolean isDone = status == MigrationStatus.COMPLETED;
        long downtime = isDone ? millis((resumed < 0 ? now : resumed) - stopped) : downtimeLimit;
        return new MigrationProgress(status, error, Optional.of(new MigrationProgress.Ram(total,
                isDone ? 0 : remaining, transferred, beforeStop, zeroPages, dataPages, dirtyRate, pageRate,
                isDone ? transferred * BITS / MILLION / Math.max(1, now - setup) * SECOND : bitRate, passes,
                requests, beforePostcopy < 0 ? 0 : transferred - beforePostcopy)),
                millis(now - begin), millis(setup - begin), downtime, throttle, Optional.empty());
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}

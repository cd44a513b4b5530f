package jkvm.host.disk;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts a guest's requests to a disk, as QEMU accounts them. Any thread may call; counting makes no object. */
public final class DiskStatistics {
    private static final int OPERATIONS = 0, BYTES = 1, NANOS = 2, FAILED = 3, INVALID = 4, FIELDS = 5;

    private final AtomicLongArray counts = new AtomicLongArray(Kind.values().length * FIELDS);
    private final AtomicLong highestWrite = new AtomicLong();

    /** Kinds of requests. */
    public enum Kind {
        READ("rd"), WRITE("wr"), FLUSH("flush"), UNMAP("unmap"),
        /** None of those that QEMU counts: the disk's name, unknown requests. */
        OTHER("");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** The name that begins those of QEMU's counters. */
        public String text() {
            return text;
        }
    }

    /**
     * The requests of one kind up to a moment.
     *
     * @param operations those that succeeded
     * @param bytes      of these
     * @param nanos      that these took, added up
     * @param failed     at the host
     * @param invalid    refused: not on the disk, or of a wrong form
     */
    public record Counts(long operations, long bytes, long nanos, long failed, long invalid) {
    }

    /** Counts from zero. */
    public DiskStatistics() {
        // Nothing has been asked for.
    }

    /** A request has succeeded. */
    public void done(Kind kind, long bytes, long nanos) {
        add(kind, OPERATIONS, 1);
        add(kind, BYTES, bytes);
        add(kind, NANOS, nanos);
    }

    /** A write has succeeded that ends there. */
    public void wroteUpTo(long end) {
        if (end > highestWrite.get()) {
            highestWrite.accumulateAndGet(end, Math::max);
        }
    }

    /** The host could not carry out a request. */
    public void failed(Kind kind) {
        add(kind, FAILED, 1);
    }

    /** A request was refused. */
    public void refused(Kind kind) {
        add(kind, INVALID, 1);
    }

    private void add(Kind kind, int field, long amount) {
        counts.addAndGet(kind.ordinal() * FIELDS + field, amount);
    }

    /** The counts at this moment. */
    public Counts counts(Kind kind) {
        int at = kind.ordinal() * FIELDS;
        return new Counts(counts.get(at + OPERATIONS), counts.get(at + BYTES), counts.get(at + NANOS),
                counts.get(at + FAILED), counts.get(at + INVALID));
    }

    /** The end of the write that reached furthest, in bytes from the disk's start. */
    public long highestWrite() {
        return highestWrite.get();
    }
}

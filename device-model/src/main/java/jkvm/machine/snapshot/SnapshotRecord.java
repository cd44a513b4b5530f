package jkvm.machine.snapshot;

import java.lang.foreign.MemorySegment;

/** A record of a saved state, as {@link SnapshotReader#next()} gives it: checked, and bounded in size. */
public sealed interface SnapshotRecord {

    /** The machine that was saved: the first record. */
    record Configuration(MachineConfiguration configuration) implements SnapshotRecord {
    }

    /** Where the machine has RAM: before all pages. */
    record Layout(RamLayout layout) implements SnapshotRecord {
    }

    /**
     * Pages of RAM that follow one another. A later record of a page wins.
     *
     * @param gpa   the first page's address
     * @param bytes whole pages, valid until the next record is read
     */
    record Pages(long gpa, MemorySegment bytes) implements SnapshotRecord {
    }

    /** Pages of RAM that are zero. A page that no record tells of is zero too. */
    record ZeroPages(long gpa, long count) implements SnapshotRecord {
    }

    /** The state of a part of the machine, by its name. */
    record Section(String name, byte[] bytes) implements SnapshotRecord {
    }

    /** The state is whole: the last record. */
    record End() implements SnapshotRecord {
    }

    /** The writer gave up, and the state is none: the last record. */
    record Abort(String reason) implements SnapshotRecord {
    }
}

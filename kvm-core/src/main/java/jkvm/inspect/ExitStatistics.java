package jkvm.inspect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/**
 * Counts one vCPU's exits and their time: by reason, and for accesses to devices by direction, port or address, and
 * size.
 *
 * <p>Only the vCPU's thread records, without locks; it allocates when it meets a place for the first time, and nothing
 * afterwards. A guest that touches more than {@value #MAX_PLACES} places has the rest counted by reason and direction
 * alone. Any thread may read at any time and sees whole values that may be a moment old.
 */
public final class ExitStatistics {
    /** The place of an exit that has none. */
    public static final long NO_PLACE = -1;
    /** So many are told apart. */
    public static final int MAX_PLACES = 512;
    private static final int SLOTS = 4 * MAX_PLACES;
    /** Reasons from here on are counted together with this one. */
    private static final int LAST_REASON = 63;
    /** One more than the largest kind. */
    static final int KINDS = 2 * (LAST_REASON + 1);
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final double NANOS_PER_MICRO = 1000.0;
    private static final String HEADER = """
                                         handler  KVM and guest  KVM and guest
            exit                count       mean, µs       mean, µs      least, µs
            """;

    /** Open addressing; a quarter full at most, with what has no place of its own. */
    private final AtomicReferenceArray<ExitCell> cells = new AtomicReferenceArray<>(SLOTS);
    private int places;
    /** KVM_RUN was entered last. */
    private long entered = System.nanoTime();
    /** Null for none. */
    private final ExitTimeline timeline;

    /** Statistics of no exits yet. */
    public ExitStatistics() {
        this(null);
    }

    /** @param timeline gets each exit that {@link #around} sees, too; null for none */
    public ExitStatistics(ExitTimeline timeline) {
        this.timeline = timeline;
    }

    /**
     * One kind of exit.
     *
     * @param exit         its name in the report: {@code IO out}, {@code MMIO read}, or the kernel's name
     * @param count        how many there were
     * @param handlerNanos time in its handler, all together
     * @param guestNanos   time in KVM_RUN that ended in such an exit, all together: the guest's instructions before it,
     *                     waits for interrupts, and the kernel's entry and exit
     * @param leastGuestNanos the shortest such time, closest to the cost of the kernel's entry and exit
     */
    public record Row(String exit, long count, long handlerNanos, long guestNanos, long leastGuestNanos) {
    }

    /**
     * The vCPU is about to enter KVM_RUN for the first time: the time before is nobody's. Called before its thread
     * starts.
     *
     * @param now as {@link System#nanoTime()} tells it
     */
    public void begin(long now) {
        entered = now;
        if (timeline != null) {
            timeline.begin(now);
        }
    }

    /** The run is over: the time since the last exit was in KVM_RUN. Called when the vCPU's thread has ended. */
    public void end(long now) {
        if (timeline != null) {
            timeline.end(entered, now);
        }
    }

    /**
     * Adds one exit that has no place.
     *
     * @param reason       one of {@link KvmExit}
     * @param isWrite      the guest writes to a port or to memory
     * @param guestNanos   time in KVM_RUN before it
     * @param handlerNanos time to handle it
     */
    public void record(int reason, boolean isWrite, long guestNanos, long handlerNanos) {
        record(reason, isWrite, NO_PLACE, 0, guestNanos, handlerNanos);
    }

    /**
     * Adds one exit. Called by the vCPU's thread.
     *
     * @param place port, guest physical address or MSR; {@link #NO_PLACE} if it has none
     * @param size  bytes of the access; 0 if it is none
     */
    public void record(int reason, boolean isWrite, long place, int size, long guestNanos, long handlerNanos) {
        int kind = kind(reason, isWrite);
        ExitCell cell = cell(kind, place, size);
        if (cell == null) {
            cell = cell(kind, NO_PLACE, 0);
        }
        cell.record(guestNanos, handlerNanos);
    }

    /** Reason and direction as one number below {@link #KINDS}. */
    static int kind(int reason, boolean isWrite) {
        return 2 * Math.min(reason, LAST_REASON) + (isWrite ? WRITE : READ);
    }

    /** The cell of a place; null for a new place that is one too many. */
    private ExitCell cell(int kind, long place, int size) {
        long hash = (place * 0x9E37_79B9_7F4A_7C15L) ^ kind * 0x85EB_CA6BL ^ size;
        int slot = (int) (hash >>> 32 ^ hash) & SLOTS - 1;
        while (true) {
            ExitCell cell = cells.getPlain(slot);
            if (cell == null) {
                return place != NO_PLACE && places >= MAX_PLACES ? null : newCell(slot, kind, place, size);
            }
            if (cell.is(kind, place, size)) {
                return cell;
            }
            slot = slot + 1 & SLOTS - 1;
        }
    }

    private ExitCell newCell(int slot, int kind, long place, int size) {
        places += place == NO_PLACE ? 0 : 1;
        ExitCell cell = new ExitCell(kind, place, size);
        cells.setRelease(slot, cell);
        return cell;
    }

    /** A handler that records each exit and passes it on to {@code handler}. For one vCPU. */
    public ExitHandler around(ExitHandler handler) {
        return new ExitHandler() {
            @Override
            public boolean handle(Vcpu vcpu, int reason) {
                long exited = System.nanoTime();
                KvmRun run = vcpu.kvmRun();
                // Before it is handled: the page changes then.
                boolean isWrite = false;
                long place = NO_PLACE;
                int size = 0;
                if (reason == KvmExit.IO) {
                    isWrite = run.isIoOut();
                    place = run.ioPort();
                    size = run.ioSize();
                } else if (reason == KvmExit.MMIO) {
                    isWrite = run.isMmioWrite();
                    place = run.mmioAddress();
                    size = run.mmioSize();
                }
                boolean goOn = handler.handle(vcpu, reason);
                long now = System.nanoTime();
                record(reason, isWrite, place, size, exited - entered, now - exited);
                if (timeline != null) {
                    timeline.record(kind(reason, isWrite), entered, exited, now);
                }
                entered = now;
                return goOn;
            }

            @Override
            public void failed(Vcpu vcpu, RuntimeException cause) {
                handler.failed(vcpu, cause);
            }
        };
    }

    /** All places of several vCPUs together, the one with the most exits first. */
    public static List<ExitPlace> places(Collection<ExitStatistics> vcpus) {
        Map<ExitCell.Key, ExitCell> sums = new HashMap<>();
        for (ExitStatistics vcpu : vcpus) {
            for (int slot = 0; slot < SLOTS; slot++) {
                ExitCell cell = vcpu.cells.getAcquire(slot);
                if (cell != null) {
                    sums.computeIfAbsent(cell.key(), ExitCell::new).add(cell);
                }
            }
        }
        List<ExitPlace> places = new ArrayList<>();
        sums.forEach((key, cell) -> places.add(cell.place(name(key.kind()))));
        places.sort(Comparator.comparingLong(ExitPlace::count).reversed().thenComparing(ExitPlace::exit)
                .thenComparingLong(ExitPlace::place).thenComparingInt(ExitPlace::size));
        return places;
    }

    /** The cost of each kind of exits on several vCPUs together, the most frequent one first. */
    public static List<ExitCost> costs(Collection<ExitStatistics> vcpus) {
        Map<Integer, ExitCell> sums = new HashMap<>();
        for (ExitStatistics vcpu : vcpus) {
            for (int slot = 0; slot < SLOTS; slot++) {
                ExitCell cell = vcpu.cells.getAcquire(slot);
                if (cell != null) {
                    sums.computeIfAbsent(cell.key().kind(), kind -> new ExitCell(kind, NO_PLACE, 0)).add(cell);
                }
            }
        }
        List<ExitCost> costs = new ArrayList<>();
        sums.forEach((kind, cell) -> costs.add(cell.cost(name(kind))));
        costs.sort(Comparator.comparingLong((ExitCost cost) -> cost.guest().count()).reversed()
                .thenComparing(ExitCost::exit));
        return costs;
    }

    /** The kinds of exits that there were on several vCPUs together, the most frequent one first. */
    public static List<Row> merge(Collection<ExitStatistics> vcpus) {
        Map<String, Row> rows = new HashMap<>();
        for (ExitPlace place : places(vcpus)) {
            Row row = new Row(place.exit(), place.count(), place.handler().totalNanos(), place.guest().totalNanos(),
                    place.guest().leastNanos());
            rows.merge(row.exit(), row, (a, b) -> sum(a.exit(), a, b));
        }
        List<Row> sorted = new ArrayList<>(rows.values());
        sorted.sort(Comparator.comparingLong(Row::count).reversed().thenComparing(Row::exit));
        return sorted;
    }

    private static Row sum(String name, Row a, Row b) {
        return new Row(name, a.count() + b.count(), a.handlerNanos() + b.handlerNanos(),
                a.guestNanos() + b.guestNanos(), Math.min(a.leastGuestNanos(), b.leastGuestNanos()));
    }

    /** The rows as a text table: counts, and times in microseconds, with a line of totals. Empty without rows. */
    public static String table(List<Row> rows) {
        if (rows.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder(HEADER);
        for (Row row : rows) {
            append(text, row);
        }
        append(text, rows.stream().reduce(new Row("all", 0, 0, 0, Long.MAX_VALUE), (a, b) -> sum("all", a, b)));
        return text.toString();
    }

    private static void append(StringBuilder text, Row row) {
        double exits = row.count() * NANOS_PER_MICRO;
        text.append(String.format(Locale.ROOT, "%-16s %8d %14.1f %14.1f %14.1f\n", row.exit(), row.count(),
                row.handlerNanos() / exits, row.guestNanos() / exits, row.leastGuestNanos() / NANOS_PER_MICRO));
    }

    /** The name of a {@link #kind}. */
    static String name(int kind) {
        int reason = kind / 2;
        boolean isWrite = kind % 2 == WRITE;
        return switch (reason) {
            case KvmExit.IO -> isWrite ? "IO out" : "IO in";
            case KvmExit.MMIO -> isWrite ? "MMIO write" : "MMIO read";
            case LAST_REASON -> "others";
            default -> KvmExit.name(reason);
        };
    }
}

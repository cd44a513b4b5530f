package jkvm.inspect;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/**
 * Counts one vCPU's exits and their time by reason. Port and memory accesses are told apart by their direction.
 *
 * <p>Only the vCPU's thread records, without locks and without allocating; any thread may read at any time and sees
 * whole values that may be a moment old.
 */
public final class ExitStatistics {
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
    /** Reasons from here on are counted together with this one. */
    private static final int LAST_REASON = 63;
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int KINDS = 2 * (LAST_REASON + 1);
    private static final double NANOS_PER_MICRO = 1000.0;
    private static final String HEADER = """
                                         handler  KVM and guest  KVM and guest
            exit                count       mean, µs       mean, µs      least, µs
            """;

    private final long[] counts = new long[KINDS];
    private final long[] guestNanos = new long[KINDS];
    private final long[] leastGuestNanos = new long[KINDS];
    private final long[] handlerNanos = new long[KINDS];

    /** Statistics of no exits yet. */
    public ExitStatistics() {
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
     * Adds one exit. Called by the vCPU's thread.
     *
     * @param reason       one of {@link KvmExit}
     * @param isWrite      the guest writes to a port or to memory
     * @param guestNanos   time in KVM_RUN before it
     * @param handlerNanos time to handle it
     */
    public void record(int reason, boolean isWrite, long guestNanos, long handlerNanos) {
        int kind = 2 * Math.min(reason, LAST_REASON) + (isWrite ? WRITE : READ);
        if (counts[kind] == 0 || guestNanos < leastGuestNanos[kind]) {
            ELEMENT.setOpaque(leastGuestNanos, kind, guestNanos);
        }
        add(counts, kind, 1);
        add(this.guestNanos, kind, guestNanos);
        add(this.handlerNanos, kind, handlerNanos);
    }

    /** A handler that records each exit and passes it on to {@code handler}. For one vCPU. */
    public ExitHandler around(ExitHandler handler) {
        return new ExitHandler() {
            private long entered = System.nanoTime();

            @Override
            public boolean handle(Vcpu vcpu, int reason) {
                long exited = System.nanoTime();
                KvmRun run = vcpu.kvmRun();
                boolean isWrite = reason == KvmExit.IO && run.isIoOut() || reason == KvmExit.MMIO && run.isMmioWrite();
                boolean goOn = handler.handle(vcpu, reason);
                long now = System.nanoTime();
                record(reason, isWrite, exited - entered, now - exited);
                entered = now;
                return goOn;
            }

            @Override
            public void failed(Vcpu vcpu, RuntimeException cause) {
                handler.failed(vcpu, cause);
            }
        };
    }

    /** The kinds of exits that there were on several vCPUs together, the most frequent one first. */
    public static List<Row> merge(Collection<ExitStatistics> vcpus) {
        List<Row> rows = new ArrayList<>();
        for (int kind = 0; kind < KINDS; kind++) {
            Row row = new Row(name(kind), 0, 0, 0, Long.MAX_VALUE);
            for (ExitStatistics vcpu : vcpus) {
                row = sum(row.exit(), row, vcpu.row(kind));
            }
            if (row.count() > 0) {
                rows.add(row);
            }
        }
        rows.sort(Comparator.comparingLong(Row::count).reversed().thenComparing(Row::exit));
        return rows;
    }

    private Row row(int kind) {
        long count = get(counts, kind);
        return new Row(name(kind), count, get(handlerNanos, kind), get(guestNanos, kind),
                count == 0 ? Long.MAX_VALUE : get(leastGuestNanos, kind));
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

    private static String name(int kind) {
        int reason = kind / 2;
        boolean isWrite = kind % 2 == WRITE;
        return switch (reason) {
            case KvmExit.IO -> isWrite ? "IO out" : "IO in";
            case KvmExit.MMIO -> isWrite ? "MMIO write" : "MMIO read";
            case LAST_REASON -> "others";
            default -> KvmExit.name(reason);
        };
    }

    private static void add(long[] values, int kind, long value) {
        ELEMENT.setOpaque(values, kind, values[kind] + value);
    }

    private static long get(long[] values, int kind) {
        return (long) ELEMENT.getOpaque(values, kind);
    }
}

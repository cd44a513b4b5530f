package jkvm.control.qmp;

import java.util.List;
import java.util.function.ToLongFunction;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.disk.DiskStatistics.Counts;
import jkvm.host.disk.DiskStatistics.Kind;

/** The counters of a disk under QEMU's names, {@code BlockDeviceStats}. */
final class BlockStatistics {
    private static final List<Kind> ALL = List.of(Kind.READ, Kind.WRITE, Kind.FLUSH, Kind.UNMAP);
    private static final List<Kind> WITH_DATA = List.of(Kind.READ, Kind.WRITE, Kind.UNMAP);
    static final Struct<DiskStatistics> TYPE = type();

    private BlockStatistics() {
    }

    private static Struct<DiskStatistics> type() {
        Struct<DiskStatistics> type = Struct.<DiskStatistics>named("BlockDeviceStats")
                .flag("account_invalid", _ -> true)
                .flag("account_failed", _ -> true)
                .with("timed_stats", Types.listOf(Types.ANY), _ -> List.of())
                .with("wr_highest_offset", Types.INT, DiskStatistics::highestWrite);
        type = with(type, WITH_DATA, "", "_bytes", Counts::bytes);
        type = with(type, ALL, "", "_operations", Counts::operations);
        type = with(type, ALL, "", "_total_time_ns", Counts::nanos);
        // Requests are not merged.
        type = with(type, WITH_DATA, "", "_merged", _ -> 0);
        type = with(type, ALL, "failed_", "_operations", Counts::failed);
        return with(type, ALL, "invalid_", "_operations", Counts::invalid);
    }

    private static Struct<DiskStatistics> with(Struct<DiskStatistics> type, List<Kind> kinds, String before,
            String after, ToLongFunction<Counts> value) {
        Struct<DiskStatistics> more = type;
        for (Kind kind : kinds) {
            more = more.with(before + kind.text() + after, Types.INT,
                    statistics -> value.applyAsLong(statistics.counts(kind)));
        }
        return more;
    }
}

package jkvm.host.disk;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** Internal snapshots as QEMU's monitor and {@code qemu-img} print them. */
public final class SnapshotText {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    private SnapshotText() {
    }

    /** A table with a line for each snapshot. */
    public static String table(List<InternalSnapshot> snapshots) {
        StringBuilder text = new StringBuilder("%-10s%-17s%8s%20s%13s%11s%n".formatted("ID", "TAG", "VM SIZE", "DATE",
                "VM CLOCK", "ICOUNT"));
        snapshots.forEach(snapshot -> text.append(line(snapshot)));
        return text.toString();
    }

    private static String line(InternalSnapshot snapshot) {
        long milliseconds = snapshot.vmClockNanos() / 1_000_000;
        String clock = "%02d:%02d:%02d.%03d".formatted(milliseconds / 3_600_000, milliseconds / 60_000 % 60,
                milliseconds / 1000 % 60, milliseconds % 1000);
        String count = snapshot.instructions() < 0 ? "" : Long.toString(snapshot.instructions());
        return "%-9s %-16s %8s%20s%13s%11s%n".formatted(snapshot.id(), snapshot.name(), size(snapshot.vmStateSize()),
                date(snapshot.date()), clock, count);
    }

    /** A date in the host's time zone. */
    public static String date(Instant date) {
        return DATE.format(date.atZone(ZoneId.systemDefault()));
    }

    /** A number of bytes with three digits. */
    public static String size(long bytes) {
        int unit = 0;
        while (unit + 1 < UNITS.length && bytes >= 1000L << 10 * unit) {
            unit++;
        }
        BigDecimal value = BigDecimal.valueOf(bytes).divide(BigDecimal.valueOf(1L << 10 * unit))
                .round(new MathContext(3, RoundingMode.HALF_EVEN)).stripTrailingZeros();
        return value.toPlainString() + " " + UNITS[unit];
    }
}

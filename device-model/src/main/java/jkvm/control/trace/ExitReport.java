package jkvm.control.trace;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import jkvm.inspect.ExitPlace;
import jkvm.inspect.ExitStatistics;
import jkvm.json.JsonWriter;

/**
 * The exits of a machine as tables for people and as JSON for programs: by place, by device and by vCPU. Times are
 * those in user space, and those in KVM_RUN before the exit: the guest's instructions, waits, and the kernel.
 */
final class ExitReport {
    private static final int MAX_ROWS = 40;
    private static final double NANOS_PER_MICRO = 1000.0;
    private static final double NANOS_PER_MILLI = 1_000_000.0;
    private static final String HEADER = "%-16s %10s %4s %-16s %9s |%10s %9s %9s |%10s %9s %9s%n";
    private static final String ROW = "%-16s %10s %4s %-16s %9d |%10.2f %9.1f %9.1f |%10.2f %9.1f %9.1f%n";

    private final Map<Integer, ExitStatistics> vcpus;
    private final Function<ExitPlace, String> owner;

    /**
     * @param vcpus by their ids
     * @param owner the device at a place; empty if there is none
     */
    ExitReport(Map<Integer, ExitStatistics> vcpus, Function<ExitPlace, String> owner) {
        this.vcpus = new TreeMap<>(vcpus);
        this.owner = owner;
    }

    /** The tables. */
    String text() {
        List<ExitPlace> places = ExitStatistics.places(vcpus.values());
        StringBuilder text = new StringBuilder();
        text.append(format(HEADER, "", "", "", "", "", "handler", "median", "p99", "KVM_RUN", "median", "p99"));
        text.append(format(HEADER, "exit", "place", "size", "device", "count", "ms", "µs", "µs", "ms", "µs", "µs"));
        for (ExitPlace place : places.subList(0, Math.min(MAX_ROWS, places.size()))) {
            row(text, place.exit(), place, owner.apply(place));
        }
        if (places.size() > MAX_ROWS) {
            text.append("and ").append(places.size() - MAX_ROWS).append(" places more\n");
        }
        Map<String, long[]> devices = new TreeMap<>();
        places.forEach(place -> add(devices, owner.apply(place), place));
        devices.remove("");
        sums(text, "device", devices);
        Map<String, long[]> cpus = new TreeMap<>();
        vcpus.forEach((id, statistics) -> ExitStatistics.places(List.of(statistics))
                .forEach(place -> add(cpus, "vCPU " + id, place)));
        sums(text, "vCPU", cpus);
        return text.toString();
    }

    private static void row(StringBuilder text, String exit, ExitPlace place, String device) {
        boolean hasPlace = place.place() != ExitStatistics.NO_PLACE;
        text.append(format(ROW, exit, hasPlace ? "0x" + Long.toHexString(place.place()) : "",
                hasPlace ? Integer.toString(place.size()) : "", device, place.count(),
                place.handler().totalNanos() / NANOS_PER_MILLI, place.handler().medianNanos() / NANOS_PER_MICRO,
                place.handler().p99Nanos() / NANOS_PER_MICRO, place.guest().totalNanos() / NANOS_PER_MILLI,
                place.guest().medianNanos() / NANOS_PER_MICRO, place.guest().p99Nanos() / NANOS_PER_MICRO));
    }

    /** Adds count and times to a name's sums. */
    private static void add(Map<String, long[]> sums, String name, ExitPlace place) {
        long[] sum = sums.computeIfAbsent(name, _ -> new long[3]);
        sum[0] += place.count();
        sum[1] += place.handler().totalNanos();
        sum[2] += place.guest().totalNanos();
    }

    private static void sums(StringBuilder text, String title, Map<String, long[]> sums) {
        text.append(format("%n%-16s %9s %12s %12s%n", title, "exits", "handler, ms", "KVM_RUN, ms"));
        sums.forEach((name, sum) -> text.append(format("%-16s %9d %12.2f %12.2f%n", name, sum[0],
                sum[1] / NANOS_PER_MILLI, sum[2] / NANOS_PER_MILLI)));
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** All places of each vCPU; times in nanoseconds. */
    String json() {
        JsonWriter json = new JsonWriter().begin('{').begin("vcpus", '[');
        vcpus.forEach((id, statistics) -> {
            json.begin('{').member("id", id).begin("exits", '[');
            ExitStatistics.places(List.of(statistics)).forEach(place -> {
                json.begin('{').member("exit", place.exit());
                if (place.place() != ExitStatistics.NO_PLACE) {
                    json.member("place", place.place()).member("size", place.size());
                }
                String device = owner.apply(place);
                if (!device.isEmpty()) {
                    json.member("device", device);
                }
                json.member("count", place.count());
                times(json, "handler", place.handler());
                times(json, "kvm-run", place.guest());
                json.end('}');
            });
            json.end(']').end('}');
        });
        return json.end(']').end('}').document();
    }

    private static void times(JsonWriter json, String name, ExitPlace.Times times) {
        json.begin(name, '{').member("total", times.totalNanos()).member("least", times.leastNanos())
                .member("median", times.medianNanos()).member("p99", times.p99Nanos())
                .member("most", times.mostNanos()).end('}');
    }
}

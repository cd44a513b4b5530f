package jkvm.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import jkvm.bench.StateRun.Bench;
import jkvm.bench.TravellingLinux.Journey;

/**
 * Migrations of a Linux guest of 512 MiB over loopback, which is idle or writes 50 MiB of its RAM a second: what
 * {@code query-migrate} tells, with the settings that jkvm and QEMU have by themselves. The guest goes from each
 * process to a new one, so that no process has migrated before.
 */
final class MigrationRun {
    private final Bench bench;
    private final int rounds;

    MigrationRun(Bench bench, int rounds) {
        this.bench = bench;
        this.rounds = rounds;
    }

    /** Of the guest that is idle. */
    void printIdle(Bench.Pair pair) throws IOException, InterruptedException {
        Journeys journeys = measure(pair, LinuxGuest.IDLE);
        print("migration of the idle guest, total", "ms", journeys, Journey::totalMillis, "<= 1.1");
        print("    downtime", "ms", journeys, Journey::downtimeMillis, "<= 100 ms");
    }

    /** Of the guest that writes. */
    void printWriting(Bench.Pair pair) throws IOException, InterruptedException {
        Journeys journeys = measure(pair, LinuxGuest.WRITE);
        print("migration at 50 MiB/s of writes, total", "ms", journeys, Journey::totalMillis, "it converges");
        print("    downtime", "ms", journeys, Journey::downtimeMillis, "<= 300 ms");
        print("    passes over RAM", "", journeys, Journey::passes, "");
        print("    written a second before it", "MiB", journeys, Journey::written, "50");
    }

    /** @param beside empty where QEMU is not installed */
    private record Journeys(List<Journey> jkvm, List<Journey> beside) {
    }

    private Journeys measure(Bench.Pair pair, String task) throws IOException, InterruptedException {
        Journeys journeys = new Journeys(new ArrayList<>(), new ArrayList<>());
        try (TravellingLinux own = new TravellingLinux(bench, pair.jkvm(), task);
                TravellingLinux other = pair.qemu().isEmpty() ? null
                        : new TravellingLinux(bench, pair.qemu().get(), task)) {
            for (int i = 0; i < rounds; i++) {
                journeys.jkvm().add(own.go());
                if (other != null) {
                    journeys.beside().add(other.go());
                }
            }
        }
        return journeys;
    }

    private void print(String what, String unit, Journeys journeys, ToDoubleFunction<Journey> figure, String target) {
        new PairedComparison(what, unit, journeys.jkvm().stream().mapToDouble(figure).toArray(),
                journeys.beside().stream().mapToDouble(figure).toArray(), target).print(bench.out());
    }
}

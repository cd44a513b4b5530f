package jkvm.bench;

import java.io.IOException;
import java.nio.file.Path;
import jkvm.bench.StateRun.Bench;

/**
 * From the start of the process to the first output of a Linux guest of 512 MiB that goes on from a saved state. QEMU
 * reads its state as {@code -incoming} does, through {@code cat}; jkvm maps RAM from the file.
 */
final class RestoreRun {
    private final Bench bench;
    private final int rounds;

    RestoreRun(Bench bench, int rounds) {
        this.bench = bench;
        this.rounds = rounds;
    }

    void print(Bench.Pair pair) throws IOException, InterruptedException {
        Path stream = SavedLinux.stream(bench, pair.jkvm(), "jkvm.stream");
        Path file = SavedLinux.file(bench, stream);
        boolean isAlone = pair.qemu().isEmpty();
        Path foreign = isAlone ? null : SavedLinux.stream(bench, pair.qemu().get(), "qemu.state");
        double[] mapped = new double[rounds];
        double[] read = new double[rounds];
        double[] beside = new double[isAlone ? 0 : rounds];
        for (int i = -1; i < rounds; i++) {
            double first = restore(pair.jkvm(), "file:" + file);
            double second = restore(pair.jkvm(), "exec:cat " + stream);
            double third = isAlone ? 0 : restore(pair.qemu().get(), "exec:cat " + foreign);
            if (i >= 0) {
                mapped[i] = first;
                read[i] = second;
                if (!isAlone) {
                    beside[i] = third;
                }
            }
        }
        new PairedComparison("restore, start to next output", "ms", mapped, beside, "<= 0.7").print(bench.out());
        new PairedComparison("    the same out of a pipe", "ms", read, beside, "").print(bench.out());
    }

    private double restore(Hypervisor hypervisor, String from) {
        try (WatchedProcess process = bench.linux().start(hypervisor, LinuxGuest.TICK, "-incoming", from)) {
            return process.await(LinuxGuest.TICKS);
        }
    }
}

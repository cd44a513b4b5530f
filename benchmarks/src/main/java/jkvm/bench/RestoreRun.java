package jkvm.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import jkvm.bench.StateRun.Bench;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.SnapshotFile;
import jkvm.machine.snapshot.SnapshotReader;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;

/**
 * From the start of the process to the first output of a Linux guest of 512 MiB that goes on from a saved state. QEMU
 * reads its state as {@code -incoming} does, through {@code cat}; jkvm maps RAM from the file.
 */
final class RestoreRun {
    private static final long MEMORY = (long) LinuxGuest.MEMORY_MIB << 20;
    private static final String WHAT = "restore of Linux, start to next output";
    private final Bench bench;
    private final int rounds;

    RestoreRun(Bench bench, int rounds) {
        this.bench = bench;
        this.rounds = rounds;
    }

    void print() throws IOException, InterruptedException {
        for (Bench.Pair pair : bench.pairs()) {
            String what = WHAT + ", " + pair.title();
            if (pair.notRun().isEmpty()) {
                print(what, pair);
            } else {
                bench.notRun(what, pair.notRun());
            }
        }
    }

    private void print(String what, Bench.Pair pair) throws IOException, InterruptedException {
        Path stream = save(pair.jkvm(), "jkvm.stream");
        Path file = bench.folder().resolve("jkvm.state");
        toFile(stream, file);
        boolean isAlone = pair.qemu().isEmpty();
        Path foreign = isAlone ? null : save(pair.qemu().get(), "qemu.state");
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
        new PairedComparison(what, "ms", mapped, beside, "<= 0.7").print(bench.out());
        new PairedComparison("    the same out of a pipe", "ms", read, beside, "").print(bench.out());
    }

    /** Saves the guest while it prints. */
    private Path save(Hypervisor hypervisor, String name) throws IOException, InterruptedException {
        Path socket = bench.folder().resolve("qmp");
        Path file = bench.folder().resolve(name);
        Files.deleteIfExists(socket);
        try (WatchedProcess process = bench.linux().start(hypervisor, LinuxGuest.TICK, "-qmp",
                "unix:" + socket + ",server=on,wait=off")) {
            process.await(LinuxGuest.TICKS);
            process.await(LinuxGuest.TICKS);
            try (QmpSession monitor = new QmpSession(socket)) {
                monitor.migrate("exec:cat > " + file);
            }
        }
        return file;
    }

    private static void toFile(Path stream, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(stream); Arena arena = Arena.ofShared()) {
            MachineSnapshot snapshot = MachineSnapshot.read(new SnapshotReader(channel), MEMORY);
            GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(new FfmSyscalls(), arena, MEMORY);
            snapshot.ram().restore(memory);
            SnapshotFile.write(new FfmSyscalls(), file, snapshot, memory);
        }
    }

    private double restore(Hypervisor hypervisor, String from) {
        try (WatchedProcess process = bench.linux().start(hypervisor, LinuxGuest.TICK, "-incoming", from)) {
            return process.await(LinuxGuest.TICKS);
        }
    }
}

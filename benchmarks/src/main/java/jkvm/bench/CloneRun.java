package jkvm.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jkvm.bench.StateRun.Bench;

/**
 * The memory that ten clones of a Linux guest add to a process in which another one runs: proportional set size, and
 * what of it is the guests' RAM. Each clone has printed for some time. jkvm alone: QEMU has nothing alike.
 */
final class CloneRun {
    private static final int CLONES = 10;
    /** Lines of each clone before the process is looked at: a second of its work. */
    private static final int LINES = 100;
    private static final String TEMPLATE = "/memfd:jkvm-template";
    private static final double KIB_PER_MIB = 1024;
    private final Bench bench;
    private final int rounds;

    CloneRun(Bench bench, int rounds) {
        this.bench = bench;
        this.rounds = rounds;
    }

    void print(Hypervisor jkvm) throws IOException, InterruptedException {
        Path state = SavedLinux.file(bench, SavedLinux.stream(bench, jkvm, "clone.stream"));
        double[] own = new double[rounds];
        double[] touched = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            MemoryRun.Memory one = measure(jkvm, state, 1);
            MemoryRun.Memory all = measure(jkvm, state, 1 + CLONES);
            own[i] = (all.ownKib() - one.ownKib()) / KIB_PER_MIB / CLONES;
            touched[i] = (all.guestKib() - one.guestKib()) / KIB_PER_MIB / CLONES;
        }
        new PairedComparison("ten clones, memory added by each", "MiB", own, new double[0], "<= 24").print(bench.out());
        new PairedComparison("    RAM the guest touched, not counted", "MiB", touched, new double[0], "")
                .print(bench.out());
    }

    /** @return the process's memory when all of the clones have worked */
    private MemoryRun.Memory measure(Hypervisor jkvm, Path state, int count) throws IOException {
        Path folder = Files.createTempDirectory(bench.folder(), "clones");
        List<SocketChannel> consoles = new ArrayList<>();
        try (WatchedProcess process = new WatchedProcess(command(jkvm, state, count, folder))) {
            process.await("clone " + count + ":");
            for (int number = 1; number <= count; number++) {
                SocketChannel console = SocketChannel.open(StandardProtocolFamily.UNIX);
                consoles.add(console);
                console.connect(UnixDomainSocketAddress.of(folder.resolve("clone-" + number + ".sock")));
            }
            for (SocketChannel console : consoles) {
                awaitLines(console);
            }
            return MemoryRun.Memory.parse(Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "smaps")),
                    TEMPLATE);
        } finally {
            for (SocketChannel console : consoles) {
                console.close();
            }
        }
    }

    private List<String> command(Hypervisor jkvm, Path state, int count, Path folder) {
        List<String> command = new ArrayList<>(List.of(jkvm.command().getFirst(), "clone", state.toString(), "-n",
                Integer.toString(count), "-folder", folder.toString(), "--"));
        command.addAll(jkvm.command().subList(1, jkvm.command().size()));
        command.addAll(bench.linux().options(LinuxGuest.TICK));
        return command;
    }

    private static void awaitLines(SocketChannel console) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 12);
        int lines = 0;
        while (lines < LINES) {
            if (console.read(bytes.clear()) < 0) {
                throw new IOException("a clone's console has ended after " + lines + " lines");
            }
            lines += (int) StandardCharsets.US_ASCII.decode(bytes.flip()).chars().filter(c -> c == '\n').count();
        }
    }
}

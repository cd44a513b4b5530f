package jkvm.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import jkvm.app.lab.LabKernel;

/**
 * A machine as data: saved, restored, copied, moved. jkvm beside QEMU where both do the same, in alternating runs on
 * the same machine: {@code StateRun [ROW] [ROUNDS] [KERNEL]}. Without a row, all of them; without a kernel, Debian's
 * for cloud guests, fetched by apt once. A figure that cannot be taken here is told as "not run", with the reason.
 */
public final class StateRun {
    private StateRun() {
    }

    /** Rows of the table, each with the rounds that it makes in a minute or two. */
    enum Row {
        RESTORE(9),
        /** In rounds of its own. */
        RESET(1);

        final int rounds;

        Row(int rounds) {
            this.rounds = rounds;
        }

        private static Optional<Row> named(String name) {
            return Stream.of(values()).filter(row -> row.name().toLowerCase(Locale.ROOT).equals(name)).findFirst();
        }
    }

    /**
     * What the rows share.
     *
     * @param linux  a guest of 512 MiB
     * @param folder for files, deleted at the end
     * @param out    takes the table
     */
    record Bench(LinuxGuest linux, Path folder, PrintStream out) {

        /** A pair of programs on the same kind of accelerator; QEMU is absent where it is not installed. */
        record Pair(String title, Hypervisor jkvm, Optional<Hypervisor> qemu, String notRun) {
        }

        /** On each kind of accelerator. */
        List<Pair> pairs() {
            return List.of(new Pair("KVM in Java : TCG", Hypervisor.COMPILED, Hypervisor.tcg(), ""),
                    new Pair("/dev/kvm", Hypervisor.KVM, Hypervisor.tcg().map(_ -> Hypervisor.QEMU_KVM),
                            Hypervisor.isNativeKvm() ? "" : "no native KVM"));
        }

        /** Says why a figure is missing. */
        void notRun(String what, String reason) {
            out.printf(Locale.ROOT, "%-42s not run: %s%n", what, reason);
        }
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        int next = 0;
        Optional<Row> named = args.length > 0 ? Row.named(args[0]) : Optional.empty();
        List<Row> rows = named.map(List::of).orElse(List.of(Row.values()));
        next += named.isPresent() ? 1 : 0;
        int rounds = 0;
        if (next < args.length && args[next].matches("[1-9]\\d{0,3}")) {
            rounds = Integer.parseInt(args[next++]);
        }
        Optional<Path> kernel = next < args.length ? Optional.of(Path.of(args[next++])) : Optional.empty();
        if (next < args.length || kernel.isPresent() && !Files.isReadable(kernel.get())) {
            System.err.println("state [restore|reset] [ROUNDS] [KERNEL], not: " + String.join(" ", args));
            System.exit(1);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() ->
                ProcessHandle.current().children().forEach(ProcessHandle::destroy)));
        Path folder = Files.createTempDirectory("jkvm-state");
        try {
            run(rows, rounds, new Bench(linux(kernel, folder), folder, System.out));
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void run(List<Row> rows, int rounds, Bench bench) throws IOException, InterruptedException {
        SoftRun.buildLauncher();
        bench.out.println("Load of the machine: " + Files.readString(Path.of("/proc/loadavg")).strip() + ", "
                + Runtime.getRuntime().availableProcessors() + " processors");
        if (Hypervisor.tcg().isEmpty()) {
            bench.out.println("qemu-system-x86_64 is not installed: jkvm's figures alone");
        }
        PairedComparison.printHead(bench.out, "QEMU");
        for (Row row : rows) {
            int count = rounds > 0 ? rounds : row.rounds;
            switch (row) {
                case RESTORE -> new RestoreRun(bench, count).print();
                case RESET -> ResetRun.print(bench.out());
            }
        }
    }

    private static LinuxGuest linux(Optional<Path> kernel, Path folder) throws IOException {
        Path initrd = folder.resolve("initrd.gz");
        LinuxGuest.writeInitrd(SoftRun.busybox(), initrd);
        return new LinuxGuest(kernel.orElseGet(() -> LabKernel.cloud(System.err::println).image()), initrd);
    }
}

package jkvm.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jkvm.app.lab.LabKernel;

/**
 * A machine as data: saved, restored, copied, moved. jkvm beside QEMU where both do the same, in alternating runs on
 * the same machine: {@code StateRun [ROW] [ROUNDS] [KERNEL]}. Without a row, all of them; without a kernel, Debian's
 * for cloud guests, fetched by apt once. A figure that cannot be taken here is told as "not run", with the reason; one
 * that fails or does not come in time as "given up", and the exit code is 1.
 */
public final class StateRun {
    private StateRun() {
    }

    /** Rows of the table, each with the rounds that it makes in a minute or two. */
    enum Row {
        /** In rounds of its own. */
        RESET(1),
        RESTORE(9), CLONES(1), IDLE(5), WRITING(3);

        final int rounds;

        Row(int rounds) {
            this.rounds = rounds;
        }

        private static Optional<Row> named(String name) {
            return Stream.of(values()).filter(row -> row.word().equals(name)).findFirst();
        }

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The settings of a run.
     *
     * @param rows   to be taken
     * @param rounds of each; 0 for its own number
     */
    record Request(List<Row> rows, int rounds, Optional<Path> kernel) {
        /** @throws IllegalArgumentException if a word is neither a row nor a number nor a kernel at the end */
        static Request parse(String... args) {
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
                throw new IllegalArgumentException("state [" + Stream.of(Row.values()).map(Row::word)
                        .collect(Collectors.joining("|")) + "] [ROUNDS] [KERNEL], not: " + String.join(" ", args));
            }
            return new Request(rows, rounds, kernel);
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
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Request request;
        try {
            request = Request.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() ->
                ProcessHandle.current().children().forEach(ProcessHandle::destroy)));
        Path folder = Files.createTempDirectory("jkvm-state");
        boolean isWhole;
        try {
            isWhole = run(request, new Bench(linux(request.kernel(), folder), folder, System.out));
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        if (!isWhole) {
            System.exit(1);
        }
    }

    /** @return whether all of the figures could be taken that are possible here */
    private static boolean run(Request request, Bench bench) throws IOException, InterruptedException {
        SoftRun.buildLauncher();
        bench.out.println("Load of the machine: " + Files.readString(Path.of("/proc/loadavg")).strip() + ", "
                + Runtime.getRuntime().availableProcessors() + " processors");
        if (Hypervisor.tcg().isEmpty()) {
            bench.out.println("QEMU: not run: qemu-system-x86_64 is not installed");
        }
        boolean isWhole = true;
        if (request.rows().contains(Row.RESET)) {
            ResetRun.print(bench.out());
        }
        List<Row> paired = request.rows().stream().filter(row -> row != Row.RESET).toList();
        for (Bench.Pair pair : paired.isEmpty() ? List.<Bench.Pair>of() : bench.pairs()) {
            if (!pair.notRun().isEmpty()) {
                bench.out.println(pair.title() + ": not run: " + pair.notRun());
                continue;
            }
            bench.out.println(pair.title());
            PairedComparison.printHead(bench.out, "QEMU");
            for (Row row : paired) {
                try {
                    print(row, request.rounds() > 0 ? request.rounds() : row.rounds, bench, pair);
                } catch (IOException | IllegalStateException e) {
                    bench.out.println(row.word() + ": given up: " + e.getMessage());
                    isWhole = false;
                }
            }
        }
        return isWhole;
    }

    private static void print(Row row, int rounds, Bench bench, Bench.Pair pair)
            throws IOException, InterruptedException {
        switch (row) {
            case RESET -> { }
            case RESTORE -> new RestoreRun(bench, rounds).print(pair);
            case CLONES -> new CloneRun(bench, rounds).print(pair.jkvm());
            case IDLE -> new MigrationRun(bench, rounds).printIdle(pair);
            case WRITING -> new MigrationRun(bench, rounds).printWriting(pair);
        }
    }

    private static LinuxGuest linux(Optional<Path> kernel, Path folder) throws IOException {
        Path initrd = folder.resolve("initrd.gz");
        LinuxGuest.writeInitrd(SoftRun.busybox(), initrd);
        return new LinuxGuest("pc", kernel.orElseGet(() -> LabKernel.cloud(System.err::println).image()), initrd);
    }
}

package jkvm.bench;

import java.io.IOException;
import java.io.InputStream;
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
 * The KVM in Java beside QEMU's TCG, in alternating runs on the same machine: {@code SoftRun [PART] [ROUNDS] [KERNEL]}.
 * Without a part, all of them; without a kernel, Debian's for cloud guests, fetched by apt once. Where QEMU is not
 * installed jkvm's figures are printed alone.
 */
public final class SoftRun {
    private SoftRun() {
    }

    /** Parts of the table, each with the rounds that it makes in a minute or two. */
    enum Part {
        LOOPS(3), EXIT(11), START(15), LINUX(1), MEMORY(1);

        final int rounds;

        Part(int rounds) {
            this.rounds = rounds;
        }
    }

    /**
     * The settings of a run.
     *
     * @param parts  to be run
     * @param rounds of each; 0 for its own number
     */
    record Request(List<Part> parts, int rounds, Optional<Path> kernel) {
        /** @throws IllegalArgumentException if a word is neither a part nor a number nor a kernel at the end */
        static Request parse(String... args) {
            int next = 0;
            List<Part> parts = List.of(Part.values());
            Optional<Part> part = next < args.length ? part(args[next]) : Optional.empty();
            if (part.isPresent()) {
                parts = List.of(part.get());
                next++;
            }
            int rounds = 0;
            if (next < args.length && args[next].matches("[1-9]\\d{0,3}")) {
                rounds = Integer.parseInt(args[next++]);
            }
            Optional<Path> kernel = next < args.length ? Optional.of(Path.of(args[next++])) : Optional.empty();
            if (next < args.length || kernel.isPresent() && !Files.isReadable(kernel.get())) {
                throw new IllegalArgumentException("soft [loops|exit|start|linux|memory] [ROUNDS] [KERNEL], not: "
                        + String.join(" ", args));
            }
            return new Request(parts, rounds, kernel);
        }

        private static Optional<Part> part(String name) {
            return Stream.of(Part.values()).filter(part -> part.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst();
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
        Path folder = Files.createTempDirectory("jkvm-soft");
        try {
            run(request, folder, System.out);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void run(Request request, Path folder, PrintStream out) throws IOException, InterruptedException {
        buildLauncher();
        Optional<Hypervisor> tcg = Hypervisor.tcg();
        out.println("Load of the machine: " + Files.readString(Path.of("/proc/loadavg")).strip() + ", "
                + Runtime.getRuntime().availableProcessors() + " processors");
        if (tcg.isEmpty()) {
            out.println("qemu-system-x86_64 is not installed: jkvm's figures alone");
        }
        PairedComparison.printHead(out, "beside");
        for (Part part : request.parts()) {
            int rounds = request.rounds() > 0 ? request.rounds() : part.rounds;
            List<PairedComparison> rows = switch (part) {
                case LOOPS -> new LoopsRun(image("loops.bin", folder), tcg, rounds).measure();
                case EXIT -> new ExitRun(rounds).measure();
                case START -> new StartRun(image("startup.bin", folder), tcg, hello(folder), rounds).measure();
                case LINUX -> new LinuxRun(linux(request, folder), tcg, rounds).measure();
                case MEMORY -> new MemoryRun(linux(request, folder), hello(folder), rounds).measure();
            };
            rows.forEach(row -> row.print(out));
        }
    }

    /** The launcher builds the product before its first run, which is not to be measured. */
    static void buildLauncher() throws IOException, InterruptedException {
        String launcher = Hypervisor.COMPILED.command().getFirst();
        if (new ProcessBuilder(launcher, "-version").redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start().waitFor() != 0) {
            throw new IllegalStateException(launcher + " does not start");
        }
    }

    static Path image(String name, Path folder) throws IOException {
        Path image = folder.resolve(name);
        if (Files.exists(image)) {
            return image;
        }
        try (InputStream in = SoftRun.class.getResourceAsStream(name)) {
            Files.copy(in, image);
        }
        return image;
    }

    static HelloProgram hello(Path folder) throws IOException, InterruptedException {
        return new HelloProgram(Files.createTempDirectory(folder, "hello"));
    }

    private static LinuxGuest linux(Request request, Path folder) throws IOException {
        Path initrd = folder.resolve("initrd.gz");
        LinuxGuest.writeInitrd(busybox(), initrd);
        return new LinuxGuest(Hypervisor.MICROVM,
                request.kernel().orElseGet(() -> LabKernel.cloud(System.err::println).image()), initrd);
    }

    /** The programs of a Linux guest. */
    static Path busybox() {
        return Hypervisor.find("busybox").orElseThrow(() -> new IllegalStateException(
                "a Linux guest needs a static busybox: apt-get install busybox-static"));
    }
}

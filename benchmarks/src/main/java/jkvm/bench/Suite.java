package jkvm.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import jkvm.bench.suite.Comparison;
import jkvm.bench.suite.Effort;
import jkvm.bench.suite.Part;
import jkvm.bench.suite.Results;
import jkvm.bench.suite.ResultsFile;
import jkvm.bench.suite.ResultsPage;
import jkvm.bench.suite.SuiteOptions;
import jkvm.bench.suite.SuiteRun;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.LinuxException;
import jkvm.soft.Accelerator;
import jkvm.vm.Kvm;

/**
 * All measurements under one command, {@code ./jkvm bench}. Ends with 0; with 1 if the command line is wrong, a part
 * failed, or a hot path allocates.
 */
public final class Suite {
    /** Where the user is: names of files are relative to it. */
    private static final String FOLDER = "jkvm.bench.folder";

    private Suite() {
    }

    public static void main(String[] args) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() ->
                ProcessHandle.current().descendants().forEach(ProcessHandle::destroy)));
        int code = 1;
        try {
            SuiteOptions options = SuiteOptions.parse(Path.of(System.getProperty(FOLDER, "")), List.of(args));
            code = options.isList() ? list(options, System.out) : run(options, System.out, System.err);
        } catch (IllegalArgumentException | IOException e) {
            System.err.println("jkvm bench: " + (e.getMessage() == null ? e : e.getMessage()));
        }
        System.exit(code);
    }

    private static int list(SuiteOptions options, PrintStream out) {
        for (Part part : options.choose(SuiteParts.all())) {
            out.printf("%-12s %s%n", part.name(), part.description());
        }
        return 0;
    }

    private static int run(SuiteOptions options, PrintStream out, PrintStream err)
            throws IOException, InterruptedException {
        List<Part> parts = options.choose(SuiteParts.all());
        // Read first: a wrong name should not cost a quarter of an hour.
        Optional<Results> old = options.files().compare().isPresent()
                ? Optional.of(ResultsFile.read(options.files().compare().get())) : Optional.empty();
        Path folder = Files.createTempDirectory("jkvm-bench");
        try {
            Effort effort = new Effort(options.length(), accelerators(options), folder, err::println);
            SuiteRun run = new SuiteRun(parts, effort, out);
            Results results = run.run(about(options));
            return finish(options, old, results, out) && !run.hasFailed() ? 0 : 1;
        } finally {
            delete(folder);
        }
    }

    /** Writes the files, compares, and says what allocates where nothing may. */
    private static boolean finish(SuiteOptions options, Optional<Results> old, Results results, PrintStream out)
            throws IOException {
        if (options.files().json().isPresent()) {
            ResultsFile.write(results, options.files().json().get());
        }
        if (options.files().html().isPresent()) {
            ResultsPage.write(results, options.files().html().get());
        }
        old.ifPresent(before -> Comparison.print(before, results, out));
        results.allocating().forEach(figure -> out.printf("%s allocates %s an operation and must not%n", figure.key(),
                figure.allocation().text()));
        return results.allocating().isEmpty();
    }

    private static List<String> accelerators(SuiteOptions options) {
        if (options.accelerator().isPresent()) {
            return List.of(options.accelerator().get());
        }
        List<String> names = new ArrayList<>(List.of(Accelerator.Kind.SOFT.text()));
        try (Kvm kvm = Kvm.open(new FfmSyscalls())) {
            kvm.createVm().close();
            names.add(Accelerator.Kind.KVM.text());
        } catch (LinuxException e) {
            // The parts that need it say that it is not there.
        }
        return names;
    }

    private static Map<String, String> about(SuiteOptions options) throws IOException {
        Map<String, String> about = new LinkedHashMap<>();
        about.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        about.put("length", options.length().word());
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            about.put("processor", Runtime.getRuntime().availableProcessors() + " x " + lines
                    .filter(line -> line.startsWith("model name")).findFirst()
                    .map(line -> line.replaceFirst(".*: ", "")).orElse("unknown"));
        }
        about.put("kernel", System.getProperty("os.version"));
        about.put("Java", System.getProperty("java.runtime.version"));
        about.put("load before", Files.readString(Path.of("/proc/loadavg")).strip());
        return about;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

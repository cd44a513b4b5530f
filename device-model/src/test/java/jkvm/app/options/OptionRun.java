package jkvm.app.options;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.app.options.OptionAnswer.Outcome;
import jkvm.guest.GuestImages;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.SnapshotScope;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.work.InstructionClock;

/**
 * Lays command lines before QEMU and jkvm and compares what becomes of them. QEMU's answers are recorded in {@code
 * qemu-7.2.txt}: line, outcome and message, between tabs. jkvm's machines are made and not started.
 *
 * <p>In a line {@code disk.img}, {@code kernel.bin}, {@code folder}, {@code options.cfg} and {@code pipe} are files of
 * that kind.
 */
final class OptionRun {
    static final String QEMU = "qemu-system-x86_64";
    private static final Path FOLDER = GuestImages.folder("device-model", "src/test/resources/jkvm/app/options");
    private static final Path IMAGES =
            GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot").toAbsolutePath();
    private static final Path RECORD = FOLDER.resolve("qemu-7.2.txt");
    private static final Path DIFFERENCES = FOLDER.resolve("differences.txt");
    private static final List<String> COMMON =
            List.of("-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-display", "none");
    private static final List<String> FILES = List.of("disk.img", "kernel.bin", "folder", "options.cfg", "pipe");
    private static final Pattern FILE =
            Pattern.compile("(?<![\\w./-])(" + String.join("|", FILES).replace(".", "\\.") + ")(?![\\w.])");
    private static final int DISK_SIZE = 1 << 20;
    /** The kernel's, by isa-debug-exit. */
    private static final int GUEST_EXIT = 71;
    /** Machines that do not boot the kernel, or wait, run so long. */
    private static final int TIMEOUT_SECONDS = 2;
    private static final int TERMINATED = 124;

    private final Path folder;
    private final Path kernel;

    /** @param folder an empty one, for the files that lines name */
    OptionRun(Path folder) {
        this(folder, "debug-exit");
    }

    /** @param guest the guest that starts, by its image's name */
    OptionRun(Path folder, String guest) {
        this.folder = folder;
        this.kernel = IMAGES.resolve(guest + ".bin");
    }

    /** QEMU's answers, in the order of the file. */
    static Map<String, OptionAnswer> recorded() throws IOException {
        Map<String, OptionAnswer> answers = new LinkedHashMap<>();
        for (String row : Files.readAllLines(RECORD)) {
            String[] parts = row.split("\t", -1);
            answers.put(parts[0], parts.length < 3 ? null : new OptionAnswer(Outcome.valueOf(parts[1]), parts[2]));
        }
        return answers;
    }

    /** The lines with which jkvm differs, and the reason of each: the last column of the table. */
    static Map<String, String> reasons() throws IOException {
        Map<String, String> reasons = new LinkedHashMap<>();
        for (String row : Files.readAllLines(DIFFERENCES)) {
            String[] parts = row.split("\t", -1);
            reasons.put(parts[0], parts[parts.length - 1]);
        }
        return reasons;
    }

    /** Asks QEMU anew, for all lines, and writes the record. */
    void record() throws IOException, InterruptedException {
        List<String> rows = new ArrayList<>();
        for (String line : recorded().keySet()) {
            OptionAnswer answer = askQemu(line);
            rows.add(line + '\t' + answer.outcome() + '\t' + answer.message());
        }
        Files.write(RECORD, rows);
    }

    /** The words of both command lines. */
    List<String> words(String line) throws IOException {
        List<String> words = new ArrayList<>(COMMON);
        // These are about a line without a kernel.
        if (!line.startsWith("-append") && !line.startsWith("-initrd disk.img")) {
            words.addAll(List.of("-kernel", kernel.toString()));
        }
        if (!line.isEmpty()) {
            for (String word : line.split(" ")) {
                words.add(FILE.matcher(word).replaceAll(match ->
                        Matcher.quoteReplacement(folder.resolve(match.group()).toString())));
            }
        }
        return words;
    }

    /** Makes the files that lines name. */
    void makeFiles() throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("folder"));
        Files.write(folder.resolve("disk.img"), new byte[DISK_SIZE]);
        Files.copy(kernel, folder.resolve("kernel.bin"), StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(folder.resolve("options.cfg"), "[memory]\n  size = \"64M\"\n");
        if (Files.notExists(folder.resolve("pipe"))) {
            new ProcessBuilder("mkfifo", folder.resolve("pipe").toString()).start().waitFor();
        }
    }

    /** Without the folder's name, which differs from run to run. */
    private String plain(String message) {
        return message.replace(folder + "/", "").replaceAll("^(qemu-system-x86_64|qemu): ?", "").strip();
    }

    /** QEMU's answer to a line, whose guest runs to its end. */
    OptionAnswer askQemu(String line) throws IOException, InterruptedException {
        makeFiles();
        List<String> command = new ArrayList<>(List.of("timeout", Integer.toString(TIMEOUT_SECONDS), QEMU));
        if (line.startsWith("-cpu host")) {
            // QEMU has this model with KVM only.
            command.addAll(List.of("-accel", "kvm"));
        }
        command.addAll(words(line));
        Path out = folder.resolve("stdout");
        Path err = folder.resolve("stderr");
        Process process = new ProcessBuilder(command).directory(folder.toFile())
                .redirectInput(Path.of("/dev/null").toFile()).redirectOutput(out.toFile())
                .redirectError(err.toFile()).start();
        if (!process.waitFor(3 * TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        int code = process.exitValue();
        Outcome outcome = code == GUEST_EXIT || code == TERMINATED ? Outcome.MACHINE
                : code == 0 ? Files.size(out) > 0 ? Outcome.LIST : Outcome.MACHINE : Outcome.REFUSAL;
        String message = firstLine(err);
        boolean isMessage = outcome != Outcome.LIST && !message.startsWith("terminating on signal")
                && (outcome == Outcome.REFUSAL || message.toLowerCase(Locale.ROOT).startsWith("warning")
                        || message.contains(": warning:"));
        // A feature of its processor that the host's KVM lacks is nothing that the line says.
        boolean isOfTheHost = (line.contains("kvm") || line.startsWith("-cpu host"))
                && message.contains("support requested feature");
        return new OptionAnswer(outcome, isMessage && !isOfTheHost ? message : "");
    }

    private String firstLine(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(4096), StandardCharsets.ISO_8859_1);
            return plain(text.lines().findFirst().orElse("").replace('\t', ' '));
        }
    }

    /** jkvm's answer to a line. */
    OptionAnswer askJkvm(String line) throws IOException, InterruptedException {
        makeFiles();
        List<String> words = words(line);
        try {
            Optional<String> list = QemuOptions.read(words, DeviceTypes.builtIn()).information();
            if (list.isPresent()) {
                return new OptionAnswer(Outcome.LIST, "");
            }
            CommandLine parsed = QemuOptions.parse(words, DeviceTypes.builtIn());
            List<String> warnings = new ArrayList<>(parsed.warnings());
            warnings.addAll(make(parsed));
            return new OptionAnswer(Outcome.MACHINE, plain(warnings.isEmpty() ? "" : warnings.getFirst()));
        } catch (RuntimeException e) {
            return new OptionAnswer(Outcome.REFUSAL, plain(ErrorText.of(e).orElseThrow(() -> e)));
        }
    }

    private static List<String> make(CommandLine line) {
        MachineConfig config = line.machine();
        InstructionClock clock = config.time().newClock().orElse(null);
        Accelerator accelerator = Accelerators.open(List.of(Accelerator.Kind.SOFT), new FfmSyscalls(),
                config.softOptions(clock));
        MachineBuilder builder = new MachineBuilder(config, accelerator.syscalls(), _ -> new FakeChardev())
                .clock(clock);
        try (Machine machine = builder.build()) {
            line.snapshot().map(tag -> machine.snapshots().load(tag, SnapshotScope.ALL))
                    .filter(CompletableFuture::isCompletedExceptionally).ifPresent(failed -> {
                        throw new UsageException("-loadvm: " + failed.exceptionNow().getMessage());
                    });
            return builder.warnings().stream().map(ErrorText::of).toList();
        }
    }
}

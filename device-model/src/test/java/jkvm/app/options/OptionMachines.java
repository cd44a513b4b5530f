package jkvm.app.options;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.work.InstructionClock;

/**
 * Runs the guest {@code machine} under command lines, in QEMU and in jkvm. Both machines have only the devices that the
 * line names: those that each adds by itself differ, and would move all others. QEMU's has no system management mode,
 * as on a KVM without it.
 */
final class OptionMachines {
    private static final String CONSOLE = "machine";
    private static final List<String> COMMON = List.of("-nodefaults", "-device",
            "isa-debugcon,iobase=0xea,chardev=" + CONSOLE);
    private static final int TIMEOUT_SECONDS = 5;
    private static final int PATIENCE_SECONDS = 60;
    private static final int POLL_MILLIS = 10;

    private final OptionRun run;
    private final Path folder;

    OptionMachines(Path folder) {
        this.folder = folder;
        this.run = new OptionRun(folder, "machine");
    }

    /** QEMU's machine; empty if the guest does not come to its end in it. */
    Optional<MachineFacts> askQemu(String line) throws IOException, InterruptedException {
        run.makeFiles();
        Path output = folder.resolve("machine.txt");
        Files.deleteIfExists(output);
        List<String> command = new ArrayList<>(List.of("timeout", Integer.toString(TIMEOUT_SECONDS), OptionRun.QEMU,
                "-machine", "smm=off"));
        command.addAll(COMMON);
        command.addAll(List.of("-chardev", "file,id=" + CONSOLE + ",path=" + output));
        command.addAll(run.words(line));
        Process process = new ProcessBuilder(command).directory(folder.toFile())
                .redirectInput(Path.of("/dev/null").toFile()).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        // A guest that is not started, or not ended by its own exit, never comes to the end that is waited for.
        String text = "";
        for (int i = 0; i < TIMEOUT_SECONDS * 1000 / POLL_MILLIS && !MachineFacts.isWhole(text); i++) {
            if (!process.isAlive() && process.exitValue() != 0 && Files.notExists(output)) {
                break;
            }
            Thread.sleep(POLL_MILLIS);
            text = Files.exists(output) ? Files.readString(output, StandardCharsets.ISO_8859_1) : "";
        }
        process.destroy();
        process.waitFor();
        return MachineFacts.isWhole(text) ? Optional.of(MachineFacts.parse(text)) : Optional.empty();
    }

    /** jkvm's answer to the line where it makes a machine, and the machine. */
    record Answer(boolean notYet, MachineFacts facts) {
    }

    /** jkvm's machine; empty if it refuses the line. */
    Optional<Answer> askJkvm(String line) throws IOException, InterruptedException, ExecutionException,
            TimeoutException {
        run.makeFiles();
        List<String> words = new ArrayList<>(COMMON);
        words.addAll(List.of("-chardev", "null,id=" + CONSOLE));
        words.addAll(run.words(line));
        CommandLine parsed;
        try {
            parsed = QemuOptions.parse(words, DeviceTypes.builtIn());
        } catch (RuntimeException e) {
            if (ErrorText.of(e).isEmpty()) {
                throw e;
            }
            return Optional.empty();
        }
        boolean notYet = parsed.warnings().stream().anyMatch(warning -> warning.contains("not yet: "));
        return Optional.of(new Answer(notYet, MachineFacts.parse(output(parsed.machine()))));
    }

    /** The output of a machine's guest to the chardev {@code machine} until it ends the machine. */
    static String output(MachineConfig config) throws InterruptedException, ExecutionException, TimeoutException {
        InstructionClock clock = config.time().newClock().orElse(null);
        Accelerator accelerator = Accelerators.open(List.of(Accelerator.Kind.SOFT), new FfmSyscalls(),
                config.softOptions(clock));
        FakeChardev output = new FakeChardev();
        MachineBuilder builder = new MachineBuilder(config, accelerator.syscalls(),
                spec -> spec.label().equals(CONSOLE) ? output : new FakeChardev()).clock(clock);
        try (Machine machine = builder.build()) {
            CompletableFuture<?> end = CompletableFuture.runAsync(machine::run);
            try {
                end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } finally {
                machine.quit();
                end.exceptionally(_ -> null).join();
            }
        }
        return output.text();
    }
}

package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.guest.GuestImages;
import jkvm.guest.InstalledTools;

/** A multiboot guest that is compiled with -g, in a process of jkvm, and Debian's gdb on it. */
final class GdbGuest {
    private static final Path SOURCES = GuestImages.folder("device-model", "src/test/guest/gdb");
    private static final long PATIENCE_SECONDS = 60;

    private final Path folder;
    private final Path image;

    /** @param folder for all files */
    GdbGuest(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        for (String tool : List.of("gdb", "gcc", "ld")) {
            assumeTrue(InstalledTools.has(tool), tool + " is not installed");
        }
        image = folder.resolve("guest");
        run(List.of("gcc", "-m32", "-O0", "-g", "-ffreestanding", "-fno-pic", "-fno-stack-protector",
                "-fno-asynchronous-unwind-tables", "-nostdlib", "-static", "-w",
                "-Wl,-T," + SOURCES.resolve("guest.ld").toAbsolutePath() + ",--build-id=none,-z,noexecstack,"
                        + "-z,max-page-size=4096,--no-warn-rwx-segments",
                "-o", image.toString(), SOURCES.resolve("start.S").toAbsolutePath().toString(),
                SOURCES.resolve("guest.c").toAbsolutePath().toString()));
    }

    private String run(List<String> command) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile()).redirectOutput(out.toFile()).start();
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly().waitFor();
        assertTrue(ended && process.exitValue() == 0, () -> command + ": " + read(out));
        return read(out);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private Process start(Path messages, List<String> options) throws IOException {
        List<String> words = new ArrayList<>(List.of("-m", "16", "-display", "none", "-nodefaults", "-device",
                "isa-debug-exit,iobase=0xf4,iosize=4", "-no-reboot", "-kernel", image.toString()));
        words.addAll(options);
        return new ProcessBuilder(JkvmProcess.command(words.toArray(String[]::new))).redirectErrorStream(true)
                .redirectOutput(messages.toFile()).start();
    }

    /** Runs the guest alone and checks its exit status. */
    void run(int status, List<String> options) throws IOException, InterruptedException {
        Path messages = folder.resolve("messages");
        Process jkvm = start(messages, options);
        try {
            assertTrue(jkvm.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), () -> read(messages));
            assertEquals(status, jkvm.exitValue(), () -> read(messages));
        } finally {
            jkvm.destroyForcibly().waitFor();
        }
    }

    /** Runs gdb's commands on a guest that stands at its first instruction, and checks the guest's exit status. */
    String debug(int status, List<String> options, String... commands) throws IOException, InterruptedException {
        Path socket = folder.resolve("gdb.sock");
        Files.deleteIfExists(socket);
        Path messages = folder.resolve("messages");
        List<String> words = new ArrayList<>(options);
        words.addAll(List.of("-S", "-gdb", "unix:" + socket + ",server=on,wait=off"));
        Process jkvm = start(messages, words);
        try {
            ListeningSocket.await(socket, jkvm, messages);
            List<String> gdb = new ArrayList<>(List.of("gdb", "-nx", "-q", "-batch", image.toString(), "-ex",
                    "set confirm off", "-ex", "set pagination off", "-ex", "target remote " + socket));
            for (String command : commands) {
                gdb.addAll(List.of("-ex", command));
            }
            String out = run(gdb);
            assertTrue(jkvm.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), out);
            assertEquals(status, jkvm.exitValue(), () -> out + read(messages));
            return out;
        } finally {
            jkvm.destroyForcibly().waitFor();
        }
    }

    static void assertOutput(String out, String... parts) {
        int at = 0;
        for (String part : parts) {
            int found = out.indexOf(part, at);
            assertTrue(found >= 0, () -> "no \"" + part + "\" in this order in\n" + out);
            at = found + part.length();
        }
    }
}

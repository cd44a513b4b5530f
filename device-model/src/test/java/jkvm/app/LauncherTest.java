package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher {@code ./jkvm} in a fresh tree on a machine that has a JDK, a shell's tools and no Maven. */
@Timeout(300)
class LauncherTest {
    /** Lambda forms and stubs for one shape of native calls, at most, of JDK 25. Each takes about a millisecond. */
    private static final int MADE_BY_LINKER = 30;
    private static final List<String> TOOLS = List.of("sh", "readlink", "find", "flock", "mkdir", "mv", "rm");

    @TempDir
    private Path folder;
    private Path home;
    private Path tools;
    private Path jdk = Path.of(System.getProperty("java.home"));

    private record Outcome(int code, String out, String err) {
    }

    @BeforeEach
    void makeTree() throws IOException {
        home = Files.createDirectories(folder.resolve("a fresh clone"));
        Files.copy(GuestImages.folder("device-model", "../jkvm"), home.resolve("jkvm"));
        assertTrue(home.resolve("jkvm").toFile().setExecutable(true));
        for (String module : List.of("kvm-core", "bios", "device-model", "examples", "benchmarks")) {
            copy(GuestImages.folder(module, "src/main"), home.resolve(module).resolve("src/main"));
        }
        tools = Files.createDirectory(folder.resolve("bin"));
        for (String tool : TOOLS) {
            Path real = Stream.of(System.getenv("PATH").split(":")).map(place -> Path.of(place, tool))
                    .filter(Files::isExecutable).findFirst().orElseThrow();
            Files.createSymbolicLink(tools.resolve(tool), real);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Path target = to.resolve(from.relativize(path));
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        }
    }

    @AfterEach
    void removeLinks() throws IOException {
        for (String tool : TOOLS) {
            Files.delete(tools.resolve(tool));
        }
        Files.deleteIfExists(folder.resolve("jdk/bin"));
    }

    private Outcome jkvm(String... arguments) throws Exception {
        return jkvm(Map.of(), arguments);
    }

    private Outcome jkvm(Map<String, String> variables, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(tools.resolve("sh").toString(),
                home.resolve("jkvm").toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", tools.toString());
        builder.environment().put("JAVA_HOME", jdk.toString());
        builder.environment().putAll(variables);
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), () -> "still running: " + process.info());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return new Outcome(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    private String[] guestArguments(String accelerator) {
        return new String[] {"-accel", accelerator, "-m", "64", "-nodefaults", "-display", "none", "-serial", "stdio",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel",
            home.resolve("benchmarks/src/main/resources/jkvm/bench/startup.bin").toString()};
    }

    /** The classes that a guest's start does not take from the start-up cache. */
    private List<String> classesMadeAtStart(String accelerator) throws Exception {
        Path log = folder.resolve("classes-" + accelerator);
        jkvm(Map.of("_JAVA_OPTIONS", "-Xlog:class+load:file=" + log + ":none"), guestArguments(accelerator));
        List<String> loaded = Files.readAllLines(log);
        assertTrue(loaded.size() > 1000, () -> "classes: " + loaded);
        return loaded.stream().filter(line -> !line.contains("shared objects file"))
                .map(line -> line.substring(0, line.indexOf(' '))).toList();
    }

    /** The caches that are trained with every command. */
    private List<Path> caches() throws IOException {
        try (Stream<Path> all = Files.walk(home.resolve("device-model/target/jkvm"))) {
            return all.filter(path -> path.endsWith("jkvm.aot")).toList();
        }
    }

    /** A folder whose release file tells of another build, with the same programs. */
    private Path otherBuildOf(Path real) throws IOException {
        Path other = Files.createDirectory(folder.resolve("jdk"));
        Files.createSymbolicLink(other.resolve("bin"), real.resolve("bin"));
        String release = Files.readString(real.resolve("release"));
        String version = System.getProperty("java.runtime.version");
        Files.writeString(other.resolve("release"), release.replace('"' + version + '"', '"' + version + "-other\""));
        return other;
    }

    @Test
    void shouldBuildItselfWithTheJdkAloneAndRunGuests() throws Exception {
        // when
        Path left = Files.createDirectories(home.resolve("device-model/target/jkvm.4711/classes")).getParent();
        FutureTask<Outcome> beside = new FutureTask<>(() -> jkvm("-version"));
        Thread.startVirtualThread(beside);
        Outcome first = jkvm("-version");
        Outcome demo = jkvm("demo", "-accel", "soft");
        Outcome guest = jkvm(guestArguments("soft"));
        Path script = Files.writeString(folder.resolve("script"), "System.out.print(Guest.class.getModule())");
        Outcome shell = jkvm("shell", script.toString(), "-accel", "soft");

        // then
        assertEquals(new Outcome(0, "jkvm version 0.1.0\n", "jkvm: building, once; this takes about ten seconds ...\n"),
                first);
        assertEquals(first, beside.get(), "two that start at once: one builds");
        assertFalse(Files.exists(left), "what a build that was killed left");
        assertEquals("", demo.err());
        assertEquals(0, demo.code());
        assertEquals(new Outcome(1, "A", ""), guest, "built once, and what it needs at run time is in its jars");
        assertEquals(new Outcome(0, "module jkvm.devices", ""), shell, "snippets see what the modules export");
        assertEquals(1, caches().size(), "one JDK has a start-up cache");

        // when
        Outcome lesson = jkvm("lesson", "2", "-accel", "soft");
        Outcome exercise = jkvm("lesson", "2", "-accel", "soft", "--check", "1");

        // then
        assertEquals(new Outcome(0, "port 0x3f8: the guest writes '5'\nthe guest halts\n",
                "jkvm: building the lessons ...\n"), lesson);
        assertEquals(new Outcome(1, "lesson 2, exercise 1 (make the guest write 7): not yet: no '7' comes from the "
                + "guest: it writes the sum of AL and BL\n", ""), exercise);

        shouldGoIntoTheBackground();

        for (String accelerator : Files.isWritable(Path.of("/dev/kvm")) ? List.of("soft", "kvm") : List.of("soft")) {
            // when
            List<String> made = classesMadeAtStart(accelerator);

            // then
            List<String> others = made.stream().filter(name -> !name.startsWith("java.lang.invoke.LambdaForm$")
                    && !name.startsWith("jdk.internal.foreign.")).toList();
            assertEquals(List.of(), others, "only what the JDK's linker makes is not in the start-up cache");
            assertTrue(made.size() <= MADE_BY_LINKER, () -> "made while a guest starts: " + made);
        }

        // when
        jdk = otherBuildOf(jdk);
        Outcome updated = jkvm("-version");
        Outcome again = jkvm("-version");

        // then
        assertEquals(new Outcome(0, "jkvm version 0.1.0\n",
                "jkvm: preparing to start fast with this JDK, once; this takes about five seconds ...\n"), updated);
        assertEquals(new Outcome(0, "jkvm version 0.1.0\n", ""), again);
        assertEquals(2, caches().size(), "the other JDK has one too");

        // when
        home = Files.move(home, folder.resolve("another place"));
        Outcome moved = jkvm("-version");
        for (Path cache : caches()) {
            Files.delete(cache);
        }
        Outcome without = jkvm("-version");

        // then
        assertEquals(new Outcome(0, "jkvm version 0.1.0\n", ""), moved, "a start-up cache that fits no more");
        assertEquals(new Outcome(0, "jkvm version 0.1.0\n", ""), without);
    }

    /** In the tree that has been built. */
    private void shouldGoIntoTheBackground() throws Exception {
        // when
        Path pid = folder.resolve("pid");
        Path socket = folder.resolve("qmp");
        Outcome ready = jkvm("-S", "-no-user-config", "-nodefaults", "-nographic", "-machine", "none,accel=tcg", "-qmp",
                "unix:" + socket + ",server=on,wait=off", "-pidfile", pid.toString(), "-daemonize");

        // then
        assertEquals(new Outcome(0, "", ""), ready);
        assertTrue(Files.exists(socket), "the monitor listens when the launcher has ended");
        ProcessHandle machine = ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
        for (int stream = 0; stream <= 2; stream++) {
            assertEquals(Path.of("/dev/null"), Files.readSymbolicLink(Path.of("/proc", Long.toString(machine.pid()),
                    "fd", Integer.toString(stream))));
        }
        machine.destroy();
        machine.onExit().get(20, TimeUnit.SECONDS);
        assertFalse(Files.exists(pid));

        // when
        Outcome failed = jkvm("-machine", "none", "-display", "none", "-pidfile", "/nowhere/pid", "-daemonize");

        // then
        assertEquals(1, failed.code());
        assertTrue(failed.err().startsWith("jkvm: -pidfile /nowhere/pid"), failed::err);
    }

    @Test
    void shouldSayWhatToDoWhereItCannotWrite() throws Exception {
        // given
        Files.writeString(home.resolve("device-model/target"), "not a folder");

        // when
        Outcome outcome = jkvm("-version");

        // then
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("\njkvm: cannot build: mkdir: "), outcome.err());
        assertTrue(outcome.err().endsWith("make " + home + " writable, or let its owner call ./jkvm once\n"),
                outcome.err());
    }

    @Test
    void shouldSayWhereTheReasonIsWhenTheBuildFails() throws Exception {
        // given
        Files.writeString(home.resolve("bios/src/main/java/module-info.java"), "no module");

        // when
        Outcome outcome = jkvm("-version");

        // then
        Path log = home.resolve("device-model/target/jkvm.log");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().endsWith("jkvm: the build failed; the reason is in " + log + "\n"), outcome.err());
        assertFalse(Files.readString(log).isEmpty());
        try (Stream<Path> left = Files.list(log.getParent())) {
            assertEquals(List.of(log), left.toList(), "nothing half made");
        }
    }
}

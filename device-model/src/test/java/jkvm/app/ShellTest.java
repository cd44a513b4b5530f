package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.guest.InstalledTools;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code jkvm shell} as users call it. */
@OnEachKvm
@Timeout(120)
class ShellTest {
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private String out;
    private String err;

    ShellTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    private List<String> command(String... arguments) {
        List<String> words = new ArrayList<>(List.of("shell"));
        words.addAll(List.of(arguments));
        words.addAll(List.of("-accel", kvm.kind().text()));
        List<String> command = JkvmProcess.command(words.toArray(String[]::new));
        command.add(1, "-Djava.util.prefs.userRoot=" + folder);
        return command;
    }

    /** @return the exit code */
    private int run(List<String> command, String input) throws Exception {
        Path in = Files.writeString(folder.resolve("in"), input);
        Path output = folder.resolve("out");
        Path errors = folder.resolve("err");
        Process process = new ProcessBuilder(command).redirectInput(in.toFile()).redirectOutput(output.toFile())
                .redirectError(errors.toFile()).start();
        try {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "still running");
        } finally {
            process.destroyForcibly();
        }
        out = Files.readString(output, StandardCharsets.UTF_8);
        err = Files.readString(errors, StandardCharsets.UTF_8);
        return process.exitValue();
    }

    @Test
    void shouldRunAScriptAndThenWhatComesThroughThePipeOnTheGuestOfTheDemo() throws Exception {
        Path script = Files.writeString(folder.resolve("first.jsh"), """
                // The demo's guest.
                guest.startPaused()
                if (guest.registers(0).rip() == 0x8000)
                    System.out.println("at its first instruction");
                guest.resume()
                String ticks = guest.awaitOutput(
                        "tick 2", Duration.ofSeconds(20));
                """);
        int code = run(command(script.toString(), "-"), """
                System.out.print(ticks + "|")
                guest.awaitOutput(Pattern.compile("tick (\\\\d)"), Duration.ofSeconds(20)).group(1)
                int status = guest.awaitEnd(Duration.ofSeconds(20)).status(); System.out.println(status)
                guest.exits().stream().filter(e -> e.place() == 0xd0000000L).forEach(e -> {
                    System.out.println(e.exit() + " " + e.count());
                })
                System.out.println(guest.output().lines().count())
                /exit status + 41
                System.out.println("not reached")
                """);

        assertEquals("", err);
        assertEquals("""
                at its first instruction
                real mode
                protected mode
                long mode, paging on
                tick 1
                tick 2|1
                MMIO read 4
                MMIO write 4
                10
                """, out.lines().sorted((a, b) -> a.startsWith("MMIO") && b.startsWith("MMIO") ? a.compareTo(b) : 0)
                .reduce("", (text, line) -> text + line + "\n"));
        assertEquals(42, code);
    }

    @Test
    void shouldStopAtTheFirstErrorAndShowTheGuestWhereAWaitIsInVain() throws Exception {
        assertEquals(1, run(command("-m", "2", "-device", "loader,addr=0x1000,cpu-num=0"), """
                guest.write(0x1000, (byte) 0xeb, (byte) 0xfe)
                guest.start()

                guest.awaitOutput("login:", Duration.ofMillis(50))
                System.out.println("not reached")
                """));
        assertEquals("", out);
        assertTrue(err.startsWith("standard input:4: jkvm.control.guest.GuestWaitException: the guest has not written"
                + " within 50 ms: login:\nthe guest is RUNNING\nvCPU 0:\nEAX="), err);
        assertTrue(err.contains("EIP=00001000"), err);
    }

    @Test
    void shouldGreetOnATerminalWithAGuestInScope() throws Exception {
        assumeTrue(kvm.kind() == Accelerator.Kind.SOFT, "the terminal is the same on all KVMs");
        assumeTrue(InstalledTools.has("script"), "script is not installed");
        String jkvm = String.join("' '", command());

        int code = run(List.of("script", "-qec", "'" + jkvm + "'", "/dev/null"), """
                guest.start()
                guest.awaitEnd(Duration.ofSeconds(20)).status()
                guest.nothing()
                /exit 3
                """);

        assertTrue(out.contains("A machine on soft is there as \"guest\". The first three things to try:\r\n"), out);
        assertTrue(out.contains("$1 ==> guest, "), out);
        assertTrue(out.contains("$2 ==> 1\r\n"), out);
        assertTrue(out.contains("cannot find symbol"), out);
        assertEquals(3, code, out);
    }

    @Test
    void shouldSayWhatIsWrongBeforeTheShellOpens() {
        for (String option : List.of("-gdb", "-qmp")) {
            assertRefused("jkvm: shell takes no -gdb, -monitor, -mon, -qmp, -pidfile, -trace, -d or -D: the shell"
                    + " itself looks into the guest\n", "shell", option, "tcp:127.0.0.1:1");
        }
        String absent = folder.resolve("absent.jsh").toString();
        assertRefused("jkvm: shell: cannot read the script " + absent + "\n", "shell", absent, "-m", "2");
    }

    private static void assertRefused(String message, String... arguments) {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        assertEquals(1, Main.run(List.of(arguments), System.out, new PrintStream(errors)));
        assertEquals(message, errors.toString(StandardCharsets.UTF_8));
    }
}

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
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's gdb on a multiboot guest that is compiled with -g. */
@OnEachKvm
@Timeout(120)
class GdbTest {
    private static final Path SOURCES = GuestImages.folder("device-model", "src/test/guest/gdb");
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private Path guest;

    GdbTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void compile() throws Exception {
        for (String tool : List.of("gdb", "gcc", "ld")) {
            assumeTrue(InstalledTools.has(tool), tool + " is not installed");
        }
        guest = folder.resolve("guest");
        run(List.of("gcc", "-m32", "-O0", "-g", "-ffreestanding", "-fno-pic", "-fno-stack-protector",
                "-fno-asynchronous-unwind-tables", "-nostdlib", "-static", "-w",
                "-Wl,-T," + SOURCES.resolve("guest.ld").toAbsolutePath() + ",--build-id=none,-z,noexecstack,"
                        + "-z,max-page-size=4096,--no-warn-rwx-segments",
                "-o", guest.toString(), SOURCES.resolve("start.S").toAbsolutePath().toString(),
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

    /** Runs gdb's commands on a guest that stands at its first instruction, and checks the guest's exit status. */
    private String debug(int status, String... commands) throws Exception {
        Path socket = folder.resolve("gdb.sock");
        Path messages = folder.resolve("messages");
        Process jkvm = new ProcessBuilder(JkvmProcess.command("-accel", kvm.kind().text(), "-m", "16", "-display",
                "none", "-nodefaults", "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-no-reboot", "-S", "-gdb",
                "unix:" + socket + ",server=on,wait=off", "-kernel", guest.toString()))
                .redirectErrorStream(true).redirectOutput(messages.toFile()).start();
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!Files.exists(socket)) {
                assertTrue(jkvm.isAlive() && System.nanoTime() < end, () -> read(messages));
                Thread.sleep(10);
            }
            List<String> gdb = new ArrayList<>(List.of("gdb", "-nx", "-q", "-batch", guest.toString(), "-ex",
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

    private static void assertOutput(String out, String... parts) {
        int at = 0;
        for (String part : parts) {
            int found = out.indexOf(part, at);
            assertTrue(found >= 0, () -> "no \"" + part + "\" in this order in\n" + out);
            at = found + part.length();
        }
    }

    @Test
    void shouldStopAtABreakpointShowTheCallsAndChangeTheResult() throws Exception {
        String out = debug(2 * (31 + 100 - 3) + 1 & 0xFF, "break add if a == 8", "continue", "backtrace",
                "info locals", "p numbers", "p counter", "finish", "hbreak guest_main", "set var numbers[7] = 103",
                "delete", "info threads", "p $eax", "monitor info status", "continue");
        assertOutput(out, "Breakpoint 1, add (a=8, b=1)", "#0  add (a=8, b=1) at", "in total () at",
                "in guest_main () at", "in _start () at", "{3, 1, 4, 1, 5, 9, 2, 6}", "= 3\n",
                "Value returned is $3 = 9",
                "Thread 1 (CPU 0)", "$4 = 9", "VM status: paused (debug)", "exited with code");
    }

    @Test
    void shouldStepThroughLinesAndInstructionsAndWriteRegisters() throws Exception {
        String out = debug(2 * (31 - 3 + 4) + 1, "break add", "continue", "stepi", "stepi", "x/i $pc", "p $edx + $eax",
                "set var $eax = 4", "next", "p sum", "delete", "continue");
        assertOutput(out, "Breakpoint 1, add (a=0, b=3)", "add    %edx,%eax", "$1 = 3", "return sum;", "$2 = 4",
                "exited with code 0101");
    }

    @Test
    void shouldStopWhenAVariableChanges() throws Exception {
        assumeTrue(kvm.kind() == Accelerator.Kind.SOFT, "some KVMs emulate writes without a look at breakpoints");
        String out = debug(63, "watch counter if counter == 5", "continue", "p result", "delete", "continue");
        assertOutput(out, "Hardware watchpoint 1: counter", "Old value = 4", "New value = 5", "$1 = 14",
                "exited with code 077");
    }

    @Test
    void shouldEndOrLeaveTheGuestAsTheDebuggerWants() throws Exception {
        debug(0, "break total", "continue", "kill");
        Files.deleteIfExists(folder.resolve("gdb.sock"));
        assertOutput(debug(63, "break total", "continue", "detach"), "Breakpoint 1, total ()", "detached");
    }
}

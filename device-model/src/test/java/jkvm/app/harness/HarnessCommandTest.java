package jkvm.app.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachKvm
class HarnessCommandTest {
    @TempDir
    private Path folder;

    private record Outcome(int code, String out, String err) {
    }

    private final Accelerator kvm;

    HarnessCommandTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    private Outcome run(String... arguments) {
        List<String> args = new ArrayList<>(List.of("-accel", kvm.kind().text()));
        args.addAll(List.of(arguments));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = HarnessCommand.run(args, new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Outcome(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private String guest(String name) throws IOException {
        return Files.write(folder.resolve(name), HarnessGuest.image(name)).toString();
    }

    private static void assertOneLine(String expected, Outcome outcome) {
        assertEquals(1, outcome.code());
        assertEquals("jkvm: " + expected + "\n", outcome.err());
    }

    @Test
    void shouldShowRegistersAndGuestOutputAndReturnZeroOnHalt() throws IOException {
        Outcome outcome = run(guest("hello"));
        assertEquals(0, outcome.code());
        assertEquals("", outcome.err());
        int before = outcome.out().indexOf("EIP=0000fff0");
        int output = outcome.out().indexOf("Hello from the guest\n");
        int after = outcome.out().indexOf("EIP=00000011");
        assertTrue(before >= 0 && before < output && output < after, outcome.out());
    }

    @Test
    void shouldEnterThePayloadInProtectedMode() throws IOException {
        Outcome withBoot = run("-32", guest("hello"), guest("payload"));
        assertEquals(0, withBoot.code());
        assertTrue(withBoot.out().contains("\n32\n"), withBoot.out());
        assertTrue(withBoot.out().contains("EIP=00100000"), withBoot.out());
    }

    @Test
    void shouldEnterALoneFileInProtectedMode() throws IOException {
        Outcome alone = run("-32", guest("payload"));
        assertEquals(0, alone.code());
        assertTrue(alone.out().contains("\n32\n"), alone.out());
    }

    @Test
    @DisplayName("the command ends with a report and exit code 1 on a shutdown")
    void shouldReportAShutdown() throws IOException {
        Outcome outcome = run("-32", guest("shutdown"));
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().startsWith("vCPU 0: guest shut down"), outcome.err());
        assertTrue(outcome.err().contains("Code="), outcome.err());
    }

    @Test
    @DisplayName("the command ends with a report and exit code 1 on an internal error")
    void shouldReportAnInternalError() throws IOException {
        Outcome outcome = run("-32", guest("wild"));
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().startsWith("vCPU 0: KVM internal error"), outcome.err());
        assertTrue(outcome.err().contains("\ntry: "), outcome.err());
    }

    @Test
    @DisplayName("paths that are empty, missing, a folder, a pipe or too large are refused in one line")
    void shouldRefuseFilesThatCannotBeLoaded() throws Exception {
        assertOneLine("guest file name is empty: name the file to load at 0xf0000", run(""));
        Path missing = folder.resolve("missing");
        assertOneLine("guest file " + missing + " does not exist", run(missing.toString()));
        assertOneLine("guest file " + folder + " is a directory: name a flat image", run(folder.toString()));
        Path empty = Files.createFile(folder.resolve("empty"));
        assertOneLine("guest file " + empty + " is empty: name a flat image", run(empty.toString()));

        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        assertOneLine("guest file " + pipe + " is a pipe or a device: copy it to a regular file first",
                run(pipe.toString()));

        Path large = Files.write(folder.resolve("large"), new byte[0x10001]);
        assertOneLine("guest file " + large + " is too large: 65537 bytes, at 0xf0000 there is room for 65536",
                run(large.toString()));
        Path sparse = folder.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(64L << 30);
        }
        assertOneLine("guest file " + sparse
                + " is too large: 68719476736 bytes, at 0x100000 there is room for 133169152",
                run(guest("hello"), sparse.toString()));
    }

    @Test
    void shouldRefuseArgumentsThatItDoesNotKnow() {
        assertOneLine("harness: unknown option -64; jkvm harness -help lists them", run("-64", "x"));
        assertOneLine("harness: not a path: Nul character not allowed", run("a\0b"));
        assertOneLine("harness: needs one or two files, not 0: jkvm harness [-32] BOOT [PAYLOAD]", run());
        assertOneLine("harness: needs one or two files, not 3: jkvm harness [-32] BOOT [PAYLOAD]", run("a", "b", "c"));
    }

    @Test
    void shouldExplainItself() {
        Outcome outcome = run("-help");
        assertEquals(0, outcome.code());
        assertTrue(outcome.out().startsWith("usage: jkvm harness [-32] [-accel kvm|soft] BOOT [PAYLOAD]"));
    }
}

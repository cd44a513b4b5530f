package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lab as its user sees it. Each run boots a machine, so one run answers several questions. */
@RequiresLab
class LabTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final byte[] NOTHING = {};

    @Test
    void shouldGiveAUsableKvmAndPassTheExitCode() throws Exception {
        LabRun.Result result = LabRun.exec(LabRun.shell("grep -c '^kvm_amd ' /proc/modules; : <>/dev/kvm || exit 1;"
                + "test -c /dev/net/tun && test -d /dev/pts && pwd; exit 42"), NOTHING, LIMIT);
        assertEquals(42, result.exit(), result.err());
        assertEquals("1\n" + Path.of("").toAbsolutePath() + "\n", result.out());
        assertEquals("", result.err());
    }

    @Test
    void shouldCarryPipesByteForByteToTheirEnd() throws Exception {
        byte[] input = new byte[3 << 20];
        for (int i = 0; i < input.length; i++) {
            input[i] = (byte) (i + (i >> 8));
        }
        LabRun.Result result = LabRun.exec(LabRun.shell("tee /dev/stderr; printf end >&2"), input, LIMIT);
        assertEquals(0, result.exit());
        assertArrayEquals(input, result.stdout());
        byte[] inputAndEnd = Arrays.copyOf(input, input.length + 3);
        System.arraycopy("end".getBytes(StandardCharsets.US_ASCII), 0, inputAndEnd, input.length, 3);
        assertArrayEquals(inputAndEnd, result.stderr());
    }

    @Test
    void shouldReadAndWriteFilesInPlace(@TempDir Path folder) throws Exception {
        Path given = Files.writeString(folder.resolve("it's a file"), "given");
        LabRun.Result result = LabRun.exec(LabRun.shell("""
                cat "$1"; printf ' and more' >>"$1"; dd if=/dev/zero of="$2/big" bs=1M count=40 2>&-
                mkdir "$2/new"; cat "$1" >"$2/new/copy"
                """, given.toString(), folder.toString()), NOTHING, LIMIT);
        assertEquals("given", result.out());
        assertEquals("given and more", Files.readString(given));
        assertEquals("given and more", Files.readString(folder.resolve("new/copy")));
        assertEquals(40 << 20, Files.size(folder.resolve("big")));
    }

    @Test
    void shouldEndWithItsCommandEvenIfThatLeavesOthersRunning() throws Exception {
        LabRun.Result result = LabRun.exec(LabRun.shell("sleep 1000 & echo started; exit 3"), NOTHING, LIMIT);
        assertEquals(3, result.exit());
        assertEquals("started\n", result.out());
    }

    @Test
    void shouldGiveTheCommandATerminal() throws Exception {
        try (LabTerminal terminal = new LabTerminal(LabRun.shell(
                "tty; stty size; read line; echo \"<$line>\"; trap 'echo caught' INT; sleep 100; exit 5"))) {
            terminal.expect("/dev/hvc0\r\n24 80\r\n", LIMIT);
            terminal.send("typed\r");
            terminal.expect("typed\r\n<typed>\r\n", LIMIT);
            Thread.sleep(500);
            terminal.send("\u0003");
            terminal.expect("caught", LIMIT);
            assertEquals(5, terminal.exitStatus(LIMIT));
        }
    }

    @Test
    void shouldLeaveNothingBehindWhenInterrupted() throws Exception {
        Lab lab = Lab.prepare(System.err::println);
        AtomicLong started = new AtomicLong();
        Thread run = Thread.ofPlatform().start(() -> {
            try {
                lab.run(LabJob.here(List.of("/bin/sleep", "1000")), LabOptions.suitedTo(List.of()),
                        LabStreams.pipes(InputStream.nullInputStream(), System.out, System.err),
                        () -> started.set(System.nanoTime()), null);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        while (started.get() == 0 && run.isAlive()) {
            Thread.sleep(50);
        }
        assertTrue(ProcessHandle.current().children().anyMatch(LabTest::isLab));
        run.interrupt();
        run.join();
        assertFalse(ProcessHandle.current().children().anyMatch(LabTest::isLab));
    }

    private static boolean isLab(ProcessHandle process) {
        return process.info().command().orElse("").endsWith(LabTools.QEMU);
    }
}

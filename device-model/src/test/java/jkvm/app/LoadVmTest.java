package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import jkvm.guest.InstalledTools;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.Repair;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.snapshot.MachineSnapshot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code -loadvm}, and processes that save their machine and are killed. */
@Timeout(3600)
class LoadVmTest {
    private static final String QEMU = "qemu-system-x86_64";
    /** Adds one to a byte of memory again and again. */
    private static final String COUNT = "fe 06 00 30 eb fa";
    private static final int KILLS = Integer.getInteger("jkvm.kills", 2);

    @TempDir
    private Path folder;
    private final DiskImages images = new DiskImages(new FfmSyscalls());

    @BeforeEach
    void makeFiles() throws IOException {
        images.create(folder.resolve("a"), ImageFormat.QCOW2, CreateValues.ofSize(1 << 20));
        Files.write(folder.resolve("code"), HexFormat.ofDelimiter(" ").parseHex(COUNT));
    }

    private List<String> words(String more) {
        String line = "-m 4 -nodefaults -display none -device loader,file=@code,addr=0x1000,cpu-num=0,force-raw=on"
                + " -drive if=none,id=d0,file=@a,format=qcow2 -device virtio-blk-pci,drive=d0 " + more;
        return List.of(line.strip().replace("@", folder + "/").split(" +"));
    }

    private String refusal(String more) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(text, true);
        assertEquals(1, Main.run(new ArrayList<>(words("-accel soft " + more)), out, out));
        return text.toString();
    }

    /** A process with a monitor; what it writes when it has got all these lines. */
    private String monitor(String more, String lines) throws Exception {
        Process process = process(more);
        try {
            process.getOutputStream().write(lines.getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertEquals(0, process.waitFor(), text);
            return text.replace("\r", "");
        } finally {
            process.destroyForcibly();
        }
    }

    private Process process(String more) throws IOException {
        return new ProcessBuilder(JkvmProcess.command(words("-accel soft -monitor stdio " + more)
                .toArray(String[]::new))).redirectErrorStream(true).start();
    }

    @Test
    void shouldBeginWithWhatTheMonitorSavedAndSayInOneLineWhyNot() throws Exception {
        String saved = monitor("", "stop\nsavevm one\ninfo snapshots\nquit\n");
        assertTrue(saved.contains("--        one "), saved);

        String loaded = monitor("-loadvm one -S", "info status\ninfo snapshots\nquit\n");

        assertTrue(loaded.contains("VM status: paused") && loaded.contains("--        one "), loaded);
        assertEquals("jkvm: -loadvm zz: Snapshot 'zz' does not exist in one or more devices\n",
                refusal("-loadvm zz"));
        assertTrue(refusal("-loadvm one -smp 2").matches("jkvm: -loadvm one: .*CPUs: 1, this one has 2.*\n"));
        assertEquals("jkvm: 'incoming' and 'loadvm' options are mutually exclusive\n",
                refusal("-loadvm one -incoming defer"));
        assertTrue(refusal("-loadvm one -m 8").startsWith("jkvm: -loadvm one: "));
        assertEquals("jkvm: -loadvm one: a machine is neither saved nor loaded in a recording or its replay\n",
                refusal("-loadvm one -icount shift=2,rr=record,rrfile=@log"));
    }

    @Test
    void shouldTellTheCountOfInstructions() throws Exception {
        String text = monitor("-icount shift=2,sleep=off", "savevm one\nloadvm one\ninfo snapshots\nquit\n");

        assertTrue(text.matches("(?s).*--        one  .*[0-9:.]{12} +[0-9]+\n.*"), text);
        assertTrue(!text.contains("Error"), text);
    }

    @Test
    void shouldRefuseAStateThatQemuMade() throws Exception {
        assumeTrue(InstalledTools.has(QEMU), "needs " + QEMU);
        Process qemu = new ProcessBuilder(QEMU, "-accel", "tcg", "-m", "4", "-nodefaults", "-display", "none", "-drive",
                "if=none,id=d0,format=qcow2,file=" + folder.resolve("a"), "-device", "virtio-blk-pci,drive=d0",
                "-monitor", "stdio").redirectErrorStream(true).start();
        qemu.getOutputStream().write("savevm q\nquit\n".getBytes(StandardCharsets.US_ASCII));
        qemu.getOutputStream().flush();
        qemu.getInputStream().readAllBytes();
        qemu.waitFor();

        assertEquals("jkvm: -loadvm q: not a saved state of jkvm: it is a state of QEMU\n", refusal("-loadvm q"));
    }

    @Test
    void shouldListNoHalfSnapshotAfterAKill() throws Exception {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        System.out.println("LoadVmTest: " + KILLS + " kills, -Djkvm.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < KILLS; i++) {
            Process process = process("");
            String lines = "savevm one\nsavevm two\ndelvm one\nloadvm two\n".repeat(200);
            Thread typist = Thread.ofPlatform().daemon().start(() -> {
                try {
                    process.getOutputStream().write(lines.getBytes(StandardCharsets.US_ASCII));
                    process.getOutputStream().flush();
                } catch (IOException _) {
                    // It was killed.
                }
            });
            Thread reader = Thread.ofPlatform().daemon().start(() -> {
                try {
                    process.getInputStream().readAllBytes();
                } catch (IOException _) {
                    // It was killed.
                }
            });
            Thread.sleep(400 + random.nextInt(1500));
            process.destroyForcibly().waitFor();
            typist.join();
            reader.join();
            assertGood();
        }
    }

    private void assertGood() throws IOException {
        List<String> errors = new ArrayList<>();
        try (DiskImage image = images.open(folder.resolve("a"), ImageOptions.WRITABLE.withFormat(ImageFormat.QCOW2))) {
            for (InternalSnapshot each : image.snapshots().orElseThrow().list()) {
                assertTrue(each.vmStateSize() > 0, each.toString());
                MachineSnapshot.readFrom(() -> image.snapshots().orElseThrow().state(each),
                        1 << 30);
            }
        }
        CheckResult result = images.check(folder.resolve("a"), ImageOptions.READ_ONLY, Repair.NOTHING, errors::add)
                .orElseThrow();
        assertEquals(0, result.corruptions() + result.checkErrors(), errors::toString);
    }
}

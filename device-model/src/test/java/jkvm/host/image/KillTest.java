package jkvm.host.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Repair;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that writes to an image, with SIGKILL, again and again. {@code -Djkvm.kills=1000} makes it a thousand
 * times in the place of a few, and lengthens {@code Qcow2CrashTest} as well.
 */
class KillTest {
    private static final int KILLS = Integer.getInteger("jkvm.kills", 4);

    @TempDir
    private Path folder;
    private final DiskImages images = new DiskImages(new FfmSyscalls());

    @Test
    @DisplayName("a kill -9 at any time loses no flushed byte and leaves consistent tables")
    void shouldKeepFlushedBytesWhenItIsKilled() throws Exception {
        boolean judged = QemuImg.isPresent();
        Path image = folder.resolve("a.qcow2");
        images.create(image, ImageFormat.QCOW2, TestDisks.options(KillScript.SIZE, 4096, 3, false));
        byte[] content = new byte[KillScript.SIZE];
        int flushes = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            int done = KilledProcess.outputOf(KillScript.class, new Random(kill * 31L).nextInt(120), image.toString(),
                    Integer.toString(kill)).length();
            flushes += done;
            content = survivors(image, content, kill, done);
            if (judged) {
                QemuImg.assertNotCorrupt(image);
            }
        }
        assertTrue(flushes > 0, "no process came as far as a flush");
    }

    /** Checks what is left, and gives what the image holds now. */
    private byte[] survivors(Path image, byte[] before, long seed, int flushes) throws IOException {
        byte[] expected = before.clone();
        BitSet unknown = new BitSet();
        KillScript script = new KillScript(seed);
        for (int done = 0; done <= flushes; ) {
            KillScript.Request request = script.next();
            if (request.isFlush()) {
                done++;
            } else if (done < flushes) {
                Arrays.fill(expected, request.offset(), request.offset() + request.length(), request.fill());
            } else {
                unknown.set(request.offset(), request.offset() + request.length());
            }
        }
        List<String> lines = new ArrayList<>();
        CheckResult check = images.check(image, ImageOptions.READ_ONLY, Repair.NOTHING, lines::add).orElseThrow();
        assertEquals(0, check.corruptions(), lines::toString);
        try (DiskImage left = images.open(image, ImageOptions.READ_ONLY)) {
            byte[] content = TestDisks.readAll(left);
            for (int i = unknown.nextClearBit(0); i < content.length; i = unknown.nextClearBit(i + 1)) {
                if (content[i] != expected[i]) {
                    throw new AssertionError("flushed byte " + i + " is lost after kill " + seed);
                }
            }
            return content;
        }
    }
}

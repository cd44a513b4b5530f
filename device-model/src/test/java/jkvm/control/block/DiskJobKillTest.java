package jkvm.control.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Repair;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.host.image.DiskImages;
import jkvm.host.image.KilledProcess;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that changes the images of its disk, with SIGKILL, at seeded moments. {@code -Djkvm.kills=1000} makes
 * it a thousand times in the place of a few.
 */
class DiskJobKillTest {
    private static final int KILLS = Integer.getInteger("jkvm.kills", 3);

    @TempDir
    private Path folder;
    private final DiskImages images = new DiskImages(new FfmSyscalls());

    @Test
    @Timeout(3600)
    void shouldLeaveAValidChainWithAllThatWasFlushedWhereverItIsKilled() throws Exception {
        int flushes = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Path here = Files.createDirectory(folder.resolve("kill" + kill));
            images.create(here.resolve("base"), ImageFormat.QCOW2, CreateValues.ofSize(DiskJobScript.SIZE));
            String done = KilledProcess.outputOf(DiskJobScript.class, 20 + new Random(kill).nextInt(150),
                    here.toString(), Integer.toString(kill));
            flushes += check(here, kill, done);
        }
        assertTrue(flushes > 0, "no process came as far as a flush");
    }

    /** Checks the disk that the process had at its end; answers how many pieces had been flushed. */
    private int check(Path here, long seed, String done) throws Exception {
        byte[] expected = new byte[DiskJobScript.SIZE];
        DiskJobScript.Pieces pieces = new DiskJobScript.Pieces(seed);
        int overlays = 0;
        String disk = "base";
        for (char each : done.toCharArray()) {
            switch (each) {
                case DiskJobScript.OVERLAY -> disk = "top" + overlays++;
                case DiskJobScript.COMMITTED -> disk = "base";
                default -> {
                    pieces.next();
                    Arrays.fill(expected, pieces.offset(), pieces.offset() + DiskJobScript.PIECE, pieces.fill());
                }
            }
        }
        // The one that was being written has any content.
        pieces.next();
        for (String name : new String[] {disk, "base"}) {
            assertEquals(0, images.check(here.resolve(name), ImageOptions.READ_ONLY, Repair.NOTHING, _ -> { })
                    .orElseThrow().corruptions(), name);
        }
        try (DiskImage image = images.open(here.resolve(disk), ImageOptions.READ_ONLY)) {
            byte[] content = TestDisks.readAll(image);
            for (byte[] one : new byte[][] {content, expected}) {
                Arrays.fill(one, pieces.offset(), pieces.offset() + DiskJobScript.PIECE, (byte) 0);
            }
            assertEquals(-1, Arrays.mismatch(content, expected), "kill " + seed + " of " + disk + " after " + done);
        }
        return (int) done.chars().filter(each -> each == DiskJobScript.FLUSHED).count();
    }
}

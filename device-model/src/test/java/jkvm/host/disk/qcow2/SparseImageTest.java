package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Repair;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a few bytes that claim to be huge: what is done with them must not take as long as they are. */
class SparseImageTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    private Path folder;
    private final DiskImages images = new DiskImages(new FfmSyscalls());

    private Path sparse(boolean lazy) throws IOException {
        Path path = folder.resolve("a.qcow2");
        images.create(path, ImageFormat.QCOW2, TestDisks.options(SIZE, 512, 3, lazy));
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(1L << 42);
        } catch (IOException e) {
            assumeTrue(false, "the file system has no files of 4 TiB: " + e.getMessage());
        }
        return path;
    }

    @Test
    @DisplayName("a small file that is terabytes long is written and checked at once")
    void shouldWriteAndCheckASparseFile() throws IOException {
        Path path = sparse(false);
        byte[] bytes = TestDisks.randomBytes(1, 4000);
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            try (DiskImage image = images.open(path, ImageOptions.WRITABLE.withUnmap(true))) {
                TestDisks.write(image, 1000, bytes);
                image.discard(0, SIZE);
                image.flush();
                TestDisks.write(image, 1000, bytes);
                assertEquals(bytes[3999], TestDisks.read(image, 4999, 1)[0]);
            }
            List<String> lines = new ArrayList<>();
            CheckResult check = images.check(path, ImageOptions.READ_ONLY, Repair.NOTHING, lines::add).orElseThrow();
            assertEquals(0, check.corruptions(), lines::toString);
        });
    }

    @Test
    @DisplayName("a file that is terabytes long and was not closed well is repaired at once")
    void shouldRepairASparseFile() throws IOException {
        Path path = sparse(true);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(Qcow2Header.INCOMPATIBLE_FIELD);
            file.writeLong(Qcow2Header.DIRTY_BIT);
        }
        assertTimeoutPreemptively(Duration.ofSeconds(30), () ->
                images.open(path, ImageOptions.WRITABLE).close());
        assertEquals(false, images.info(path, ImageOptions.READ_ONLY).dirty());
    }
}

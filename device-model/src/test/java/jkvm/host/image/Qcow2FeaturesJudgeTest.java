package jkvm.host.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.qcow2.RandomRequests;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Zstd;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images with the newer features of qcow2 go from us to qemu-img and from qemu-img to us. */
class Qcow2FeaturesJudgeTest {
    private static final int SIZE = 3 << 20;
    private static final ImageOptions UNMAP = ImageOptions.WRITABLE.withUnmap(true);

    @TempDir
    private Path folder;
    private final DiskImages images = new DiskImages(new FfmSyscalls());

    @BeforeAll
    static void needsQemuImg() {
        QemuImg.assumePresent();
        assumeTrue(Zstd.ofHost().isPresent(), "this host has no libzstd");
    }

    private Path raw(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private byte[] contentOf(Path path) throws IOException {
        try (DiskImage image = images.open(path, ImageOptions.READ_ONLY)) {
            return TestDisks.readAll(image);
        }
    }

    /** Options with the data file, if there is one, in the test's folder. */
    private String placed(String options) {
        return options.replace("data_file=", "data_file=" + folder + "/");
    }

    private byte[] writtenByUs(Path image, byte[] content) throws IOException {
        try (DiskImage ours = images.open(image, UNMAP)) {
            RandomRequests requests = new RandomRequests(ours, content, 1, 100_000);
            for (int i = 0; i < 100; i++) {
                requests.step();
            }
            return requests.twin();
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("we read and write what qemu-img has made, and qemu-img finds that well")
    @ValueSource(strings = {"extended_l2=on", "extended_l2=on,cluster_size=16k,preallocation=metadata",
        "compression_type=zstd", "extended_l2=on,compression_type=zstd,cluster_size=2M", "data_file=d.raw",
        "data_file=d.raw,data_file_raw=on,extended_l2=on", "preallocation=full,cluster_size=4k"})
    void shouldGoOnWithImagesOfQemuImg(String options) throws IOException {
        byte[] content = TestDisks.randomBytes(1, SIZE);
        Arrays.fill(content, 100_000, 1_500_000, (byte) 0);
        Path image = folder.resolve("a.qcow2");
        QemuImg.img("create", "-f", "qcow2", "-o", placed(options), image, SIZE);
        QemuImg.img("convert", "-n", "-f", "raw", "-O", "qcow2", raw("a.raw", content), image);
        QemuImg.io(image, "write -z 200000 7000", "write -P 3 300000 5000", "discard 1700000 300000");
        Arrays.fill(content, 200_000, 207_000, (byte) 0);
        Arrays.fill(content, 300_000, 305_000, (byte) 3);
        byte[] now = contentOf(image);
        // What was discarded reads as zeros or as before.
        System.arraycopy(now, 1_700_000, content, 1_700_000, 300_000);
        assertArrayEquals(content, now);

        content = writtenByUs(image, content);

        QemuImg.assertClean(image);
        QemuImg.assertSame(image, raw("b.raw", content));
        if (options.contains("data_file_raw=on")) {
            assertArrayEquals(content, Files.readAllBytes(folder.resolve("d.raw")), "the raw file shows the disk too");
        }
    }

    @Test
    @DisplayName("we read zstd clusters that qemu-img has compressed")
    void shouldReadClustersThatQemuImgCompressed() throws IOException {
        byte[] content = TestDisks.randomBytes(1, SIZE);
        for (int i = 0; i < SIZE; i += 3) {
            content[i] = (byte) (i >> 16);
        }
        Path image = folder.resolve("a.qcow2");
        QemuImg.img("convert", "-c", "-f", "raw", "-O", "qcow2", "-o", "compression_type=zstd,extended_l2=on",
                raw("a.raw", content), image);

        assertArrayEquals(content, contentOf(image));
        assertArrayEquals(content = writtenByUs(image, content), contentOf(image));
        QemuImg.assertClean(image);
        QemuImg.assertSame(image, raw("b.raw", content));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("qemu-img reads, checks and writes what we have made")
    @ValueSource(strings = {"extended_l2=on", "extended_l2=on,cluster_size=16k,preallocation=metadata",
        "compression_type=zstd", "extended_l2=on,compression_type=zstd,cluster_size=2M", "data_file=d.raw",
        "data_file=d.raw,data_file_raw=on,extended_l2=on", "preallocation=full,cluster_size=4k",
        "preallocation=falloc", "data_file=d.raw,preallocation=full"})
    void shouldMakeImagesThatQemuImgGoesOnWith(String options) throws IOException {
        Path image = folder.resolve("a.qcow2");
        CreateValues values = TestDisks.options(SIZE, placed(options));
        images.create(image, ImageFormat.QCOW2, values);
        QemuImg.assertClean(image);
        byte[] content = writtenByUs(image, new byte[SIZE]);
        QemuImg.assertClean(image);
        QemuImg.assertSame(image, raw("a.raw", content));

        QemuImg.io(image, "write -P 7 10000 300000", "write -z 500000 20000");

        Arrays.fill(content, 10_000, 310_000, (byte) 7);
        Arrays.fill(content, 500_000, 520_000, (byte) 0);
        assertArrayEquals(content, contentOf(image));
        QemuImg.assertClean(image);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("a new image takes as much room as qemu-img's, and says the same of itself")
    @ValueSource(strings = {"preallocation=metadata", "preallocation=falloc", "preallocation=full",
        "preallocation=metadata,extended_l2=on", "preallocation=full,cluster_size=2M", "compression_type=zstd",
        "data_file=d.raw", "data_file=d.raw,data_file_raw=on", "data_file=d.raw,preallocation=falloc"})
    void shouldTakeTheRoomThatQemuImgTakes(String options) throws IOException {
        Path theirs = folder.resolve("q/a.qcow2");
        Path ours = folder.resolve("j/a.qcow2");
        Files.createDirectory(theirs.getParent());
        Files.createDirectory(ours.getParent());
        QemuImg.img("create", "-f", "qcow2", "-o", placed(options), theirs, 20 << 20);
        String map = QemuImg.img("map", "--output=json", theirs);
        long allocated = images.info(theirs, ImageOptions.READ_ONLY).allocatedSize();
        long data = options.contains("data_file") ? allocatedBy(folder.resolve("d.raw")) : 0;

        images.create(ours, ImageFormat.QCOW2, TestDisks.options(20 << 20, placed(options)));

        assertEquals(map, QemuImg.img("map", "--output=json", ours));
        assertEquals(allocated, images.info(ours, ImageOptions.READ_ONLY).allocatedSize(), 64 << 10);
        // QEMU writes the first block of a new raw file.
        assertEquals(data, options.contains("data_file") ? allocatedBy(folder.resolve("d.raw")) : 0, 4096);
    }

    private long allocatedBy(Path raw) {
        return images.info(raw, ImageOptions.READ_ONLY.withFormat(ImageFormat.RAW)).allocatedSize();
    }

    @Test
    @DisplayName("only subclusters that are written take room over a backing file")
    void shouldKeepTheBackingImageInSubclusters() throws IOException {
        byte[] base = TestDisks.randomBytes(1, SIZE);
        Path image = folder.resolve("a.qcow2");
        images.create(image, ImageFormat.QCOW2, TestDisks.options(SIZE, "extended_l2=on")
                .withBacking(raw("base.raw", base).toString(), ImageFormat.RAW));
        try (DiskImage ours = images.open(image, UNMAP)) {
            ours.write(70_000, MemorySegment.ofArray(new byte[] {1, 2, 3}));
            ours.writeZeroes(1 << 20, 4096, true);
        }
        System.arraycopy(new byte[] {1, 2, 3}, 0, base, 70_000, 3);
        Arrays.fill(base, 1 << 20, (1 << 20) + 4096, (byte) 0);

        QemuImg.assertClean(image);
        QemuImg.assertSame(image, raw("b.raw", base));
        String map = QemuImg.img("map", "--output=json", image);
        assertEquals(true, map.contains("\"start\": 69632, \"length\": 2048, \"depth\": 0"), map);
        assertEquals(true, map.contains("\"start\": 1048576, \"length\": 4096, \"depth\": 0"), map);
    }
}

package jkvm.host.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.Repair;
import jkvm.host.disk.SnapshotChoice;
import jkvm.host.disk.qcow2.RandomRequests;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images go from us to qemu-img and from qemu-img to us. */
class QemuImgJudgeTest {
    private static final int SIZE = 3 << 20;
    private static final ImageOptions UNMAP = ImageOptions.WRITABLE.withUnmap(true);

    @TempDir
    private Path folder;
    private final DiskImages images = new DiskImages(new FfmSyscalls());

    @BeforeAll
    static void needsQemuImg() {
        QemuImg.assumePresent();
    }

    private Path raw(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private byte[] contentOf(Path path) throws IOException {
        try (DiskImage image = images.open(path, ImageOptions.READ_ONLY)) {
            return TestDisks.readAll(image);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"cluster_size=512", "cluster_size=2M,lazy_refcounts=on", "compat=0.10",
            "cluster_size=4k,refcount_bits=1", "preallocation=metadata", "preallocation=falloc,refcount_bits=64"})
    void shouldReadAndGoOnWithImagesOfQemuImg(String options) throws IOException {
        byte[] content = TestDisks.randomBytes(1, SIZE);
        Arrays.fill(content, 100_000, 1_500_000, (byte) 0);
        Path image = folder.resolve("a.qcow2");
        QemuImg.img("convert", "-f", "raw", "-O", "qcow2", "-o", options, raw("a.raw", content), image);

        assertArrayEquals(content, contentOf(image));

        try (DiskImage ours = images.open(image, UNMAP)) {
            RandomRequests requests = new RandomRequests(ours, content, 1, 100_000);
            for (int i = 0; i < 100; i++) {
                requests.step();
            }
            content = requests.twin();
        }
        QemuImg.assertClean(image);
        QemuImg.assertSame(image, raw("b.raw", content));
    }

    @ParameterizedTest(name = "cluster size {0}, version {1}, lazy refcounts {2}, cache {3}")
    @CsvSource({"512,3,false,WRITEBACK", "65536,3,true,WRITETHROUGH", "65536,2,false,UNSAFE",
            "2097152,3,false,WRITEBACK", "4096,3,false,NONE"})
    void shouldMakeImagesThatQemuImgReadsAndGoesOnWith(int clusterSize, int version, boolean lazy, CacheMode cache)
            throws IOException {
        Path image = folder.resolve("a.qcow2");
        images.create(image, ImageFormat.QCOW2, TestDisks.options(SIZE, clusterSize, version, lazy));
        QemuImg.assertClean(image);
        byte[] content;
        assumeCache(image, cache);
        try (DiskImage ours = images.open(image, UNMAP.withCache(cache))) {
            RandomRequests requests = new RandomRequests(ours, new byte[SIZE], 1, 100_000);
            for (int i = 0; i < 60; i++) {
                requests.step();
            }
            content = requests.twin();
        }
        QemuImg.assertClean(image);
        QemuImg.assertSame(image, raw("a.raw", content));

        QemuImg.io(image, "write -P 7 10000 300000", "discard 1048576 524288", "write -z 0 65536");
        Arrays.fill(content, 10_000, 310_000, (byte) 7);
        Arrays.fill(content, 0, 65_536, (byte) 0);
        byte[] now = contentOf(image);
        assertArrayEquals(Arrays.copyOf(content, 1 << 20), Arrays.copyOf(now, 1 << 20));
    }

    private void assumeCache(Path image, CacheMode cache) throws IOException {
        try (DiskImage ours = images.open(image, UNMAP.withCache(cache))) {
            assertEquals(SIZE, ours.capacity());
        } catch (DiskException e) {
            assumeFalse(e.kind() == DiskException.Kind.NO_DIRECT_ACCESS, e.getMessage());
            throw e;
        }
    }

    @Test
    void shouldReadCompressedClustersAndWriteOverThem() throws IOException {
        byte[] content = TestDisks.randomBytes(1, SIZE);
        for (int i = 0; i < SIZE; i += 3) {
            content[i] = (byte) (i >> 16);
        }
        Path image = folder.resolve("a.qcow2");
        QemuImg.img("convert", "-c", "-f", "raw", "-O", "qcow2", raw("a.raw", content), image);
        assertArrayEquals(content, contentOf(image));

        try (DiskImage ours = images.open(image, UNMAP)) {
            TestDisks.write(ours, 100_000, TestDisks.randomBytes(2, 150_000));
            ours.discard(1 << 20, 1 << 18);
            content = TestDisks.readAll(ours);
        }

        QemuImg.assertClean(image);
        QemuImg.assertSame(image, raw("b.raw", content));
    }

    @ParameterizedTest(name = "cluster size {0}, version {1}, refcounts of {2} bits")
    @DisplayName("qemu-img reads what we compress: matches far back, clusters that do not shrink, a last one in part")
    @CsvSource({"65536,3,16", "512,3,16", "4096,3,1", "2097152,2,16"})
    void shouldWriteCompressedClustersThatQemuImgReads(int clusterSize, int version, int bits) throws IOException {
        int size = SIZE - 1024;
        byte[] content = TestDisks.randomBytes(1, size);
        for (int i = 1 << 20; i < size; i++) {
            // Repeats 30,000 bytes, more than QEMU's window of 4096.
            content[i] = i % 65_536 < 30_000 ? content[i] : content[i - 30_000];
        }
        Path image = folder.resolve("a.qcow2");
        images.create(image, ImageFormat.QCOW2, TestDisks.options(size, clusterSize, version, bits, false));
        try (DiskImage ours = images.open(image, UNMAP)) {
            assertTrue(ours.canCompress());
            ours.writeCompressed(0, MemorySegment.ofArray(content));
            // Over old ones, compressed or not.
            ours.writeCompressed(0, MemorySegment.ofArray(content));
        }

        QemuImg.assertClean(image);
        QemuImg.assertSame(image, raw("a.raw", content));
        assertArrayEquals(content, contentOf(image));
        if (clusterSize == 65_536) {
            QemuImg.io(image, "write -P 7 1100000 100000");
            Arrays.fill(content, 1_100_000, 1_200_000, (byte) 7);
            QemuImg.assertClean(image);
            assertArrayEquals(content, contentOf(image));
            assertTrue(images.check(image, ImageOptions.READ_ONLY, Repair.NOTHING, line -> { }).orElseThrow()
                    .compressedClusters() > 10);
        }
    }

    @Test
    void shouldReadThroughChainsOfBackingFiles() throws IOException {
        byte[] content = TestDisks.randomBytes(1, SIZE);
        raw("base.raw", content);
        QemuImg.img("create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", folder.resolve("middle.qcow2"), "4M");
        QemuImg.io(folder.resolve("middle.qcow2"), "write -P 1 65536 65536", "write -z 131072 65536",
                "write -P 3 3145728 4096");
        Path top = folder.resolve("top.qcow2");
        images.create(top, ImageFormat.QCOW2, CreateValues.ofSize(5 << 20).withBacking("middle.qcow2",
                ImageFormat.QCOW2));
        try (DiskImage ours = images.open(top, UNMAP)) {
            TestDisks.write(ours, 60_000, TestDisks.randomBytes(2, 10_000));
            ours.writeZeroes(200_000, 200_000, true);
            content = TestDisks.readAll(ours);
        }

        QemuImg.assertClean(top);
        QemuImg.assertSame(top, raw("all.raw", content));
        assertArrayEquals(content, contentOf(top));
    }

    @Test
    void shouldListAndReadSnapshotsAndKeepThemWhileTheDiskIsWritten() throws IOException {
        byte[] before = TestDisks.randomBytes(1, SIZE);
        Path image = folder.resolve("a.qcow2");
        QemuImg.img("convert", "-f", "raw", "-O", "qcow2", raw("a.raw", before), image);
        QemuImg.img("snapshot", "-c", "first", image);
        byte[] after;
        try (DiskImage ours = images.open(image, UNMAP)) {
            RandomRequests requests = new RandomRequests(ours, before, 1, 200_000);
            for (int i = 0; i < 60; i++) {
                requests.step();
            }
            after = requests.twin();
        }

        QemuImg.assertClean(image);
        List<InternalSnapshot> snapshots = images.info(image, ImageOptions.READ_ONLY).snapshots();
        assertEquals(List.of("first"), snapshots.stream().map(InternalSnapshot::name).toList());
        try (DiskImage snapshot = images.open(image,
                ImageOptions.READ_ONLY.withSnapshot(SnapshotChoice.idOrName("first")))) {
            assertArrayEquals(before, TestDisks.readAll(snapshot));
        }
        QemuImg.assertSame(image, raw("b.raw", after));
        QemuImg.img("snapshot", "-a", "first", image);
        QemuImg.assertClean(image);
        assertArrayEquals(before, contentOf(image));
    }

    @Test
    void shouldGiveSpaceBackThatIsDiscarded() throws IOException {
        Path image = folder.resolve("a.qcow2");
        images.create(image, ImageFormat.QCOW2, CreateValues.ofSize(SIZE));
        try (DiskImage ours = images.open(image, UNMAP)) {
            TestDisks.write(ours, 0, TestDisks.randomBytes(1, SIZE));
            ours.flush();
            long full = images.info(image, ImageOptions.READ_ONLY.withLocked(false)).allocatedSize();
            ours.discard(0, SIZE);
            ours.flush();
            long left = images.info(image, ImageOptions.READ_ONLY.withLocked(false)).allocatedSize();
            assertTrue(full >= SIZE && left < SIZE / 4, full + " bytes became " + left);
        }
        QemuImg.assertClean(image);
    }

    @Test
    void shouldFindAndRepairWhatQemuImgFinds() throws IOException {
        Path image = folder.resolve("a.qcow2");
        images.create(image, ImageFormat.QCOW2, CreateValues.ofSize(SIZE));
        try (DiskImage ours = images.open(image, UNMAP)) {
            TestDisks.write(ours, 0, TestDisks.randomBytes(1, SIZE));
        }
        byte[] file = Files.readAllBytes(image);
        int block = 2 << 16;
        file[block + 2 * 20 + 1] = 0;
        file[block + 2 * 30 + 1] = 3;
        Files.write(image, file);
        QemuImg.Outcome theirs = QemuImg.run("qemu-img", "check", image.toString());

        List<String> lines = new ArrayList<>();
        CheckResult ours = images.check(image, ImageOptions.READ_ONLY, Repair.NOTHING, lines::add).orElseThrow();
        lines.forEach(line -> assertTrue(theirs.text().contains(line), line + " in " + theirs.text()));
        assertEquals(2, theirs.code());
        assertTrue(ours.corruptions() > 0 && ours.leaks() > 0, ours.toString());

        CheckResult repaired = images.check(image, ImageOptions.READ_ONLY, Repair.ALL, lines::add).orElseThrow();
        assertEquals(0, repaired.corruptions() + repaired.leaks(), repaired.toString());
        assertTrue(repaired.corruptionsFixed() > 0 && repaired.leaksFixed() > 0, repaired.toString());
        QemuImg.assertClean(image);
    }
}

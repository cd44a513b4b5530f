package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.QemuImg;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ends an image's life at any of its writes. */
class Qcow2CrashTest {
    private static final int SIZE = 1_600_000;
    private static final int REQUESTS = 60;
    private static final int CRASHES = 50;
    /** qemu-img, where it is installed, looks at one crash out of so many. */
    private static final int JUDGED = 13;

    @TempDir
    private Path folder;

    private static RecordedLife live(CreateValues options, byte[] base, long seed) throws IOException {
        MemoryFile file = TestDisks.create(options);
        // In every other life a first session leaves holes, so that clusters are used anew.
        try (DiskImage image = TestDisks.open(file, TestDisks.raw(base), false)) {
            RandomRequests requests = new RandomRequests(image, Arrays.copyOf(base, SIZE), seed + 1000, SIZE / 4);
            for (int i = 0; i < (seed % 2 == 0 ? 0 : REQUESTS); i++) {
                requests.step();
            }
        }
        MemoryFile second = new MemoryFile(file.content());
        DiskImage image = TestDisks.open(second, TestDisks.raw(base), false);
        return RecordedLife.random(second, image, REQUESTS, SIZE / 8, seed);
    }

    private static void assertSurvived(RecordedLife life, byte[] base, int cut, MemoryFile file, String how)
            throws IOException {
        if (!TestDisks.isDirty(file)) {
            TestDisks.assertNotCorrupt(file);
        }
        try (DiskImage image = TestDisks.open(file, TestDisks.raw(base), false)) {
            byte[] content = TestDisks.readAll(image);
            life.assertKept(cut, content, how);
            RandomRequests requests = new RandomRequests(image, content, cut, SIZE / 8);
            for (int i = 0; i < 1 + new Random(cut).nextInt(10); i++) {
                requests.step();
            }
            requests.verify();
        }
        TestDisks.assertNotCorrupt(file);
        assertFalse(TestDisks.isDirty(file), how);
    }

    @ParameterizedTest(name = "cluster size {0}, version {1}, refcounts of {2} bits, lazy {3}, backing of {4} bytes")
    @DisplayName("a kill at any write or a power loss at any barrier loses no flushed byte")
    @CsvSource({"512,3,16,false,200000", "512,3,16,true,0", "4096,3,16,false,0", "4096,2,16,false,300000",
            "65536,3,16,false,300000", "65536,3,16,true,300000", "512,3,64,false,0", "512,3,64,true,300000"})
    void shouldSurviveAnEndAtAnyWrite(int clusterSize, int version, int bits, boolean lazy, int backingSize)
            throws IOException {
        assertSurvivesAnEndAtAnyWrite(TestDisks.options(SIZE, clusterSize, version, bits, lazy), backingSize);
    }

    private void assertSurvivesAnEndAtAnyWrite(CreateValues options, int backingSize) throws IOException {
        byte[] base = TestDisks.randomBytes(7, backingSize);
        boolean judged = QemuImg.isPresent();
        int lives = Math.max(2, Integer.getInteger("jkvm.kills", 0) / CRASHES);
        for (int seed = 0; seed < lives; seed++) {
            RecordedLife life = live(options, base, seed);
            int[] ends = {0};
            life.end(CRASHES, seed, (cut, left, how) -> {
                if (judged && ends[0]++ % JUDGED == 0 && !TestDisks.isDirty(left)) {
                    QemuImg.assertNotCorrupt(Files.write(folder.resolve("a.qcow2"), left.content()));
                }
                assertSurvived(life, base, cut, left, how);
            });
        }
    }

    @ParameterizedTest(name = "{0}, backing of {1} bytes")
    @DisplayName("an image with subclusters, or with all clusters placed, loses no flushed byte either")
    @CsvSource(delimiter = '|', value = {"extended_l2=on,cluster_size=16k | 300000",
        "extended_l2=on,cluster_size=64k,lazy_refcounts=on | 300000", "preallocation=metadata,cluster_size=4k | 0"})
    void shouldSurviveAnEndAtAnyWriteWithNewerFeatures(String options, int backingSize) throws IOException {
        assertSurvivesAnEndAtAnyWrite(TestDisks.options(SIZE, options), backingSize);
    }

    @Test
    @DisplayName("a power loss at any barrier while the refcount table moves loses no flushed byte")
    void shouldSurviveAnEndWhileTheRefcountTableMoves() throws IOException {
        int size = 3 << 20;
        int part = 1 << 16;
        // 4096 clusters of 512 bytes fit into the first table.
        MemoryFile file = TestDisks.create(TestDisks.options(size, 512, 3, 64, false));
        byte[] content = TestDisks.randomBytes(1, size);
        DiskImage image = TestDisks.open(file);
        RecordedLife life = new RecordedLife(new byte[0], file, new byte[size]);
        for (int offset = 0; offset < size; offset += part) {
            int at = offset;
            life.write(at, part, () -> image.write(at, MemorySegment.ofArray(content).asSlice(at, part)));
            life.flush(image::flush, Arrays.copyOf(Arrays.copyOf(content, at + part), size));
        }
        int moved = IntStream.range(10, file.log().size())
                .filter(i -> file.log().get(i).position() == Qcow2Header.REFCOUNT_TABLE_FIELD)
                .findFirst().orElseThrow();
        Random random = new Random(1);
        for (int cut = moved - 12; cut < moved + 6; cut++) {
            for (int i = 0; i < 6; i++) {
                assertSurvived(life, new byte[0], cut, life.crash(cut, true, random), "power lost at " + cut);
            }
        }
    }
}

package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
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

/**
 * Ends an image's life at any of its writes. A process that is killed leaves the writes so far; a loss of power leaves
 * all that was flushed and any part of the rest, sector by sector.
 */
class Qcow2CrashTest {
    private static final int SIZE = 1_600_000;
    private static final int REQUESTS = 60;
    private static final int CRASHES = 50;
    /** qemu-img, where it is installed, looks at one crash out of so many. */
    private static final int JUDGED = 13;

    @TempDir
    private Path folder;

    /** A guest's request, or a flush if its length is zero, and how long the log was before and after. */
    private record Step(int logBefore, int logAfter, int offset, int length, byte[] flushed) {
    }

    private record Life(byte[] start, byte[] base, List<MemoryFile.Change> log, List<Step> steps) {
    }

    private static Life live(CreateValues options, byte[] base, long seed) throws IOException {
        MemoryFile file = TestDisks.create(options);
        byte[] content = Arrays.copyOf(base, SIZE);
        // In every other life a first session leaves holes, so that clusters are used anew.
        try (DiskImage image = TestDisks.open(file, TestDisks.raw(base), false)) {
            RandomRequests requests = new RandomRequests(image, content, seed + 1000, SIZE / 4);
            for (int i = 0; i < (seed % 2 == 0 ? 0 : REQUESTS); i++) {
                requests.step();
            }
            content = requests.twin();
        }
        byte[] start = file.content();
        MemoryFile second = new MemoryFile(start);
        List<Step> steps = new ArrayList<>();
        steps.add(new Step(0, 0, 0, 0, content.clone()));
        DiskImage image = TestDisks.open(second, TestDisks.raw(base), false);
        RandomRequests requests = new RandomRequests(image, content, seed, SIZE / 8);
        Random random = new Random(seed);
        for (int i = 0; i < REQUESTS; i++) {
            int before = second.log().size();
            requests.step();
            steps.add(new Step(before, second.log().size(), requests.lastOffset(), requests.lastLength(), null));
            if (random.nextInt(4) == 0) {
                before = second.log().size();
                image.flush();
                steps.add(new Step(before, second.log().size(), 0, 0, requests.twin().clone()));
            }
        }
        int before = second.log().size();
        image.close();
        steps.add(new Step(before, second.log().size(), 0, 0, requests.twin().clone()));
        return new Life(start, base, second.log(), steps);
    }

    /** The file after {@code cut} changes; those after the last flush are there in part if the power was lost. */
    private static MemoryFile crash(Life life, int cut, boolean power, Random random) {
        MemoryFile file = new MemoryFile(life.start);
        int durable = 0;
        for (int i = 0; i < cut; i++) {
            durable = life.log.get(i).kind() == MemoryFile.Kind.FLUSH ? i : durable;
        }
        int chance = random.nextInt(11);
        for (int i = 0; i < cut; i++) {
            boolean lossy = power && i > durable;
            file.apply(life.log.get(i), sector -> !lossy || random.nextInt(10) < chance);
        }
        return file;
    }

    private static void assertSurvived(Life life, int cut, MemoryFile file, String how) throws IOException {
        byte[] flushed = null;
        BitSet touched = new BitSet();
        for (Step step : life.steps) {
            if (step.flushed != null && step.logAfter <= cut) {
                flushed = step.flushed;
                touched.clear();
            } else if (step.flushed == null && step.logBefore <= cut) {
                touched.set(step.offset, step.offset + step.length);
            }
        }
        boolean dirty = TestDisks.isDirty(file);
        if (!dirty) {
            TestDisks.assertNotCorrupt(file);
        }
        Random random = new Random(cut);
        byte[] content;
        try (DiskImage image = TestDisks.open(file, TestDisks.raw(life.base), false)) {
            content = TestDisks.readAll(image);
            for (int from = touched.nextClearBit(0); from < flushed.length; ) {
                int set = touched.nextSetBit(from);
                int to = set < 0 ? flushed.length : set;
                int lost = Arrays.mismatch(content, from, to, flushed, from, to);
                assertEquals(-1, lost, how + ": a flushed byte is lost, " + lost + " after " + from);
                from = touched.nextClearBit(to);
            }
            RandomRequests requests = new RandomRequests(image, content, cut, SIZE / 8);
            for (int i = 0; i < 1 + random.nextInt(10); i++) {
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
            Life life = live(options, base, seed);
            assertTrue(life.log.size() > CRASHES, "the log is too short to be cut");
            Random random = new Random(seed);
            int[] barriers = IntStream.range(0, life.log.size())
                    .filter(i -> life.log.get(i).kind() == MemoryFile.Kind.FLUSH).toArray();
            for (int i = 0; i < CRASHES; i++) {
                boolean power = i % 5 != 0;
                // Just before a barrier the most is open.
                int cut = power ? barriers[random.nextInt(barriers.length)] : random.nextInt(life.log.size() + 1);
                String how = (power ? "power lost" : "killed") + " after write " + cut + " of life " + seed;
                MemoryFile left = crash(life, cut, power, random);
                if (judged && i % JUDGED == 0 && !TestDisks.isDirty(left)) {
                    QemuImg.assertNotCorrupt(Files.write(folder.resolve("a.qcow2"), left.content()));
                }
                assertSurvived(life, cut, left, how);
            }
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
        List<Step> steps = new ArrayList<>(List.of(new Step(0, 0, 0, 0, new byte[size])));
        for (int offset = 0; offset < size; offset += part) {
            int before = file.log().size();
            image.write(offset, MemorySegment.ofArray(content).asSlice(offset, part));
            steps.add(new Step(before, file.log().size(), offset, part, null));
            image.flush();
            byte[] flushed = Arrays.copyOf(Arrays.copyOf(content, offset + part), size);
            steps.add(new Step(before, file.log().size(), 0, 0, flushed));
        }
        Life life = new Life(new byte[0], new byte[0], file.log(), steps);
        int moved = IntStream.range(10, file.log().size())
                .filter(i -> file.log().get(i).position() == Qcow2Header.REFCOUNT_TABLE_FIELD)
                .findFirst().orElseThrow();
        Random random = new Random(1);
        for (int cut = moved - 12; cut < moved + 6; cut++) {
            for (int i = 0; i < 6; i++) {
                assertSurvived(life, cut, crash(life, cut, true, random), "power lost at " + cut);
            }
        }
    }
}

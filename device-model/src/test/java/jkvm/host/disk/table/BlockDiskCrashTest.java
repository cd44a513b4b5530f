package jkvm.host.disk.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.qcow2.MemoryFile;
import jkvm.host.disk.qcow2.RandomRequests;
import jkvm.host.disk.qcow2.TestDisks;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ends an image's life at any of its writes. A process that is killed leaves the writes so far; a loss of power leaves
 * all that was flushed and any part of the rest, sector by sector.
 */
class BlockDiskCrashTest {
    private static final int REQUESTS = 40, LARGEST = 400_000;
    private static final int CRASHES = Math.max(16, Integer.getInteger("jkvm.kills", 0));

    /** A guest's request, or a flush with what the disk held then; and how long the log was before and after. */
    private record Step(int logBefore, int logAfter, int offset, int length, byte[] flushed) {
    }

    private record Life(byte[] start, List<MemoryFile.Change> log, List<Step> steps) {
    }

    private static Life live(String format, int seed) throws IOException {
        byte[] start = NewDisks.create(format).content();
        MemoryFile file = new MemoryFile(start);
        Random random = new Random(seed);
        List<Step> steps = new ArrayList<>();
        try (DiskImage image = NewDisks.open(format, file, false)) {
            RandomRequests requests = new RandomRequests(image, TestDisks.readAll(image), seed, LARGEST);
            steps.add(new Step(0, 0, 0, 0, requests.twin().clone()));
            for (int i = 0; i < REQUESTS; i++) {
                int before = file.log().size();
                requests.step();
                steps.add(new Step(before, file.log().size(), requests.lastOffset(), requests.lastLength(), null));
                if (random.nextInt(4) == 0) {
                    before = file.log().size();
                    image.flush();
                    steps.add(new Step(before, file.log().size(), 0, 0, requests.twin().clone()));
                }
            }
        }
        return new Life(start, List.copyOf(file.log()), steps);
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
        return new MemoryFile(file.content());
    }

    private static void assertSurvived(String format, Life life, int cut, MemoryFile file, String how)
            throws IOException {
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
        byte[] content;
        try (DiskImage image = NewDisks.open(format, file, false)) {
            content = TestDisks.readAll(image);
            for (int from = touched.nextClearBit(0); from < flushed.length; ) {
                int set = touched.nextSetBit(from);
                int to = set < 0 ? flushed.length : set;
                int lost = Arrays.mismatch(content, from, to, flushed, from, to);
                assertEquals(-1, lost, how + ": a flushed byte is lost, " + lost + " after " + from);
                from = touched.nextClearBit(to);
            }
            RandomRequests requests = new RandomRequests(image, content, cut, LARGEST);
            for (int i = 0; i < 8; i++) {
                requests.step();
            }
            requests.verify();
            content = requests.twin();
        }
        try (DiskImage image = NewDisks.open(format, new MemoryFile(file.content()), true)) {
            assertArrayEquals(content, TestDisks.readAll(image), how);
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("a kill at any write or a power loss at any barrier loses no flushed byte")
    @ValueSource(strings = {"vdi", "vpc", "vmdk", "vhdx", "qcow", NewDisks.OVER_BASE})
    void shouldSurviveAnEndAtAnyWrite(String format) throws IOException {
        Life life = live(format, 1);
        Random random = new Random(1);
        List<Integer> barriers = new ArrayList<>();
        for (int i = 0; i < life.log.size(); i++) {
            if (life.log.get(i).kind() == MemoryFile.Kind.FLUSH) {
                barriers.add(i);
            }
        }
        for (int i = 0; i < CRASHES; i++) {
            boolean power = i % 4 != 0;
            // Just before a barrier the most is open.
            int cut = power ? barriers.get(random.nextInt(barriers.size())) : random.nextInt(life.log.size() + 1);
            String how = format + (power ? ": power lost" : ": killed") + " after write " + cut;
            assertSurvived(format, life, cut, crash(life, cut, power, random), how);
        }
    }
}

package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import jkvm.host.disk.DiskImage;

/**
 * An image's life in a file, which can be ended at any of its writes. A process that is killed leaves the writes so
 * far; a loss of power leaves all that was flushed and any part of the rest, sector by sector.
 */
public final class RecordedLife {
    private final byte[] start;
    private final List<MemoryFile.Change> log;
    private final List<Step> steps = new ArrayList<>();

    /** A request, or a flush with what the disk held then; and how long the log was before and after. */
    private record Step(int logBefore, int logAfter, int offset, int length, byte[] flushed) {
    }

    /** A file in which the life has ended. */
    public interface End {
        void check(int cut, MemoryFile left, String how) throws IOException;
    }

    /** A request. */
    interface Request {
        void run() throws IOException;
    }

    /**
     * @param start   the file's content when the life begins
     * @param file    which keeps the log from then on
     * @param content what the disk holds then
     */
    RecordedLife(byte[] start, MemoryFile file, byte[] content) {
        this.start = start;
        this.log = file.log();
        steps.add(new Step(0, 0, 0, 0, content.clone()));
    }

    /**
     * A life of random requests. Closes the image.
     *
     * @param file   under the image, with an empty log
     * @param largest of the requests, in bytes
     */
    public static RecordedLife random(MemoryFile file, DiskImage image, int requests, int largest, long seed)
            throws IOException {
        byte[] content = TestDisks.readAll(image);
        RecordedLife life = new RecordedLife(file.content(), file, content);
        RandomRequests guest = new RandomRequests(image, content, seed, largest);
        Random random = new Random(seed);
        for (int i = 0; i < requests; i++) {
            int before = life.log.size();
            guest.step();
            life.steps.add(new Step(before, life.log.size(), guest.lastOffset(), guest.lastLength(), null));
            if (random.nextInt(4) == 0) {
                life.flush(image::flush, guest.twin());
            }
        }
        life.flush(image::close, guest.twin());
        return life;
    }

    void write(int offset, int length, Request request) throws IOException {
        int before = log.size();
        request.run();
        steps.add(new Step(before, log.size(), offset, length, null));
    }

    /** @param content what the disk holds, and keeps from now on */
    void flush(Request request, byte[] content) throws IOException {
        int before = log.size();
        request.run();
        steps.add(new Step(before, log.size(), 0, 0, content.clone()));
    }

    /** Ends the life {@code count} times: by a kill anywhere, more often by a loss of power where most is open. */
    public void end(int count, long seed, End end) throws IOException {
        assertTrue(log.size() > count, "the log is too short to be cut");
        Random random = new Random(seed);
        int[] barriers = IntStream.range(0, log.size())
                .filter(i -> log.get(i).kind() == MemoryFile.Kind.FLUSH).toArray();
        for (int i = 0; i < count; i++) {
            boolean power = i % 4 != 0;
            // Just before a barrier the most is open.
            int cut = power ? barriers[random.nextInt(barriers.length)] : random.nextInt(log.size() + 1);
            String how = (power ? "power lost" : "killed") + " after write " + cut + " of life " + seed;
            end.check(cut, crash(cut, power, random), how);
        }
    }

    /** The file after {@code cut} changes; those after the last flush are there in part if the power was lost. */
    MemoryFile crash(int cut, boolean power, Random random) {
        MemoryFile file = new MemoryFile(start);
        int durable = 0;
        for (int i = 0; i < cut; i++) {
            durable = log.get(i).kind() == MemoryFile.Kind.FLUSH ? i : durable;
        }
        int chance = random.nextInt(11);
        for (int i = 0; i < cut; i++) {
            boolean lossy = power && i > durable;
            file.apply(log.get(i), sector -> !lossy || random.nextInt(10) < chance);
        }
        return new MemoryFile(file.content());
    }

    /** Each byte that was flushed before the end, and not written again, is there. */
    public void assertKept(int cut, byte[] content, String how) {
        byte[] flushed = null;
        BitSet touched = new BitSet();
        for (Step step : steps) {
            if (step.flushed != null && step.logAfter <= cut) {
                flushed = step.flushed;
                touched.clear();
            } else if (step.flushed == null && step.logBefore <= cut) {
                touched.set(step.offset, step.offset + step.length);
            }
        }
        for (int from = touched.nextClearBit(0); from < flushed.length; ) {
            int set = touched.nextSetBit(from);
            int to = set < 0 ? flushed.length : set;
            int lost = Arrays.mismatch(content, from, to, flushed, from, to);
            assertEquals(-1, lost, how + ": a flushed byte is lost, " + lost + " after " + from);
            from = touched.nextClearBit(to);
        }
    }
}

package jkvm.control.block;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import jkvm.control.job.Job;
import jkvm.control.job.JobSpec;
import jkvm.control.job.JobType;
import jkvm.control.job.Jobs;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DiskRoot;
import jkvm.host.image.DriveSpec;
import jkvm.linux.FfmSyscalls;

/**
 * A process that puts overlays over a disk and commits them back without end, and writes meanwhile. It prints a letter
 * when something is done: an overlay is there, a piece is written and flushed, the disk is on its base again.
 */
public final class DiskJobScript {
    static final int SIZE = 1 << 20;
    static final int PIECE = 4096;
    static final char OVERLAY = 'o', FLUSHED = 'f', COMMITTED = 'c';

    private final Path folder;
    private final BlockGraph graph = new BlockGraph(new DiskImages(new FfmSyscalls()));
    private final PrintStream out = System.out;
    private final Pieces pieces;
    private DiskRoot disk;
    private int round;

    /** What is written, in its order. */
    static final class Pieces {
        private final Random random;
        private int offset;
        private byte fill;

        Pieces(long seed) {
            random = new Random(seed);
        }

        void next() {
            offset = random.nextInt(SIZE / PIECE) * PIECE;
            fill = (byte) random.nextInt();
        }

        int offset() {
            return offset;
        }

        byte fill() {
            return fill;
        }
    }

    private DiskJobScript(Path folder, long seed) {
        this.folder = folder;
        pieces = new Pieces(seed);
    }

    /** @param arguments the folder with the image {@code base}, and a seed */
    public static void main(String[] arguments) throws Exception {
        new DiskJobScript(Path.of(arguments[0]), Long.parseLong(arguments[1])).run();
    }

    private void tell(char done) {
        out.print(done);
        out.flush();
    }

    private void write() throws IOException {
        pieces.next();
        byte[] piece = new byte[PIECE];
        Arrays.fill(piece, pieces.fill());
        disk.write(pieces.offset(), MemorySegment.ofArray(piece));
        disk.flush();
        tell(FLUSHED);
    }

    private void run() throws Exception {
        BlockNode base = graph.open(DriveSpec.ofPath("base", folder.resolve("base"), ImageOptions.WRITABLE), true,
                _ -> null);
        disk = graph.attach(base, "d0");
        Jobs jobs = new Jobs();
        while (true) {
            String name = "top" + round++;
            GraphChange.all(graph, List.of(new NewOverlayChange(graph, disk.node(), new NewOverlayChange.Overlay(
                    folder.resolve(name).toString(), Optional.of(name), ImageFormat.QCOW2, false))));
            tell(OVERLAY);
            for (int i = 0; i < 5; i++) {
                write();
            }
            Job job = jobs.start(new JobSpec(name, JobType.COMMIT, true, true, 0),
                    new MirrorTask(graph, disk.node(), base, 1, ErrorPolicy.REPORT, "commit"));
            while (!job.facts().isReady()) {
                write();
            }
            job.complete();
            job.awaitEnd();
            tell(COMMITTED);
            write();
        }
    }
}

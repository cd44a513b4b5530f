package jkvm.control.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import jkvm.control.job.Job;
import jkvm.control.job.JobException;
import jkvm.control.job.JobSpec;
import jkvm.control.job.JobStatus;
import jkvm.control.job.JobTask;
import jkvm.control.job.JobType;
import jkvm.control.job.Jobs;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Preallocation;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DiskRoot;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.NodeException;
import jkvm.host.image.QemuImg;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;
import jkvm.linux.FfmSyscalls;
import jkvm.work.Threads;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on a disk whose user goes on writing: it shows the same as without them, and so does the chain that is left. */
@Timeout(60)
class DiskJobsTest {
    private static final int SIZE = 2 << 20;
    private static final int PIECE = 4096;
    /** The system call pwrite64. */
    private static final long PWRITE = 18;
    private static final int RUNS = Boolean.getBoolean("jkvm.long") ? 1000 : 5;

    @TempDir
    private Path folder;
    private final FaultySyscalls kernel = FaultySyscalls.over(new FfmSyscalls());
    private final Jobs jobs = new Jobs();
    private BlockGraph graph;
    private DiskRoot disk;
    private BlockNode base;
    private Writer writer;

    /** A guest's disk driver: writes pieces and remembers them. */
    private static final class Writer implements AutoCloseable {
        private final DiskRoot disk;
        private final byte[] content = new byte[SIZE];
        private final Random random;
        private final Thread thread = Thread.ofPlatform().unstarted(this::loop);
        private volatile boolean isEnding;
        private volatile IOException failure;

        Writer(DiskRoot disk, long seed) {
            this.disk = disk;
            random = new Random(seed);
        }

        void start() {
            thread.start();
        }

        private void loop() {
            try {
                while (!isEnding) {
                    write(random.nextInt(SIZE / PIECE) * PIECE);
                    Thread.yield();
                }
            } catch (IOException e) {
                failure = e;
            }
        }

        void write(int offset) throws IOException {
            byte[] piece = new byte[PIECE];
            random.nextBytes(piece);
            disk.write(offset, MemorySegment.ofArray(piece));
            System.arraycopy(piece, 0, content, offset, PIECE);
        }

        byte[] stop() {
            close();
            assertNull(failure);
            return content;
        }

        @Override
        public void close() {
            isEnding = true;
            Threads.join(thread);
        }
    }

    @BeforeEach
    void open() throws Exception {
        graph = new BlockGraph(new DiskImages(kernel));
        graph.images().create(folder.resolve("base"), ImageFormat.QCOW2, CreateValues.ofSize(SIZE));
        base = graph.open(DriveSpec.ofPath("base", folder.resolve("base"), ImageOptions.WRITABLE), true, _ -> null);
        disk = graph.attach(base, "d0");
        writer = new Writer(disk, 1);
        for (int i = 0; i < SIZE / PIECE; i += 3) {
            writer.write(i * PIECE);
        }
    }

    @AfterEach
    void close() throws Exception {
        writer.close();
        jobs.close();
        graph.close();
    }

    private BlockNode node(String name) {
        return graph.find(name).orElseThrow();
    }

    /** Puts an overlay over the disk's image. */
    private void overlay(String name) throws IOException {
        GraphChange.all(graph, List.of(new NewOverlayChange(graph, disk.node(), new NewOverlayChange.Overlay(
                folder.resolve(name).toString(), Optional.of(name), ImageFormat.QCOW2, false))));
    }

    /** Makes a task. */
    private interface Maker {
        JobTask make() throws IOException;
    }

    private Job start(String id, JobType type, Maker maker) throws IOException {
        return jobs.start(JobSpec.of(id, type), maker.make());
    }

    private static void awaitReady(Job job) throws InterruptedException {
        while (!job.facts().isReady()) {
            assertFalse(job.facts().status() == JobStatus.CONCLUDED, () -> job.facts().toString());
            Thread.sleep(1);
        }
    }

    private static void assertWell(Job job) {
        job.awaitEnd();
        assertEquals(Optional.empty(), job.facts().error());
    }

    /** The disk shows what was written, and so does the file when all is closed. */
    private void assertShows(byte[] content, String file) throws Exception {
        byte[] shown = new byte[SIZE];
        disk.read(0, MemorySegment.ofArray(shown));
        assertArrayEquals(content, shown);
        disk.flush();
        graph.close();
        try (DiskImage image = graph.images().open(folder.resolve(file), ImageOptions.READ_ONLY)) {
            assertArrayEquals(content, TestDisks.readAll(image));
        }
        if (QemuImg.isPresent()) {
            QemuImg.assertClean(folder.resolve(file));
        }
    }

    @Test
    void shouldCommitTheTopmostImageWhileItsUserWrites() throws Exception {
        writer.start();
        overlay("top");
        assertFalse(base.isWritable());
        assertSame(base, disk.node().backing());

        Job job = start("j", JobType.COMMIT, () -> new MirrorTask(graph, node("top"), base, 1, ErrorPolicy.REPORT,
                "commit"));
        assertEquals("Node 'top' is busy: block device is in use by block job: commit",
                assertThrows(NodeException.class, () -> node("top").requireFree()).getMessage());
        awaitReady(job);
        job.complete();
        assertWell(job);
        assertSame(base, disk.node());
        assertTrue(base.isWritable());
        assertFalse(graph.find("top").isPresent());
        assertShows(writer.stop(), "base");
    }

    @Test
    void shouldCommitFromTheMiddleAndLeaveAChainWithoutIt() throws Exception {
        overlay("middle");
        writer.start();
        Thread.sleep(20);
        overlay("top");
        Job job = start("j", JobType.COMMIT, () -> new CommitTask(graph, node("middle"), base, Optional.empty(),
                ErrorPolicy.REPORT));
        assertWell(job);
        assertSame(base, node("top").backing());
        assertFalse(base.isWritable());
        assertFalse(graph.find("middle").isPresent());
        assertShows(writer.stop(), "top");
        assertEquals(folder.resolve("base").toString(),
                graph.images().info(folder.resolve("top"), ImageOptions.READ_ONLY).backingFile());
    }

    @Test
    void shouldLeaveAnImageAloneThatAnotherMachineHas() throws Exception {
        overlay("top");
        BlockNode top = node("top");
        graph.handover().giveUp();
        byte[] content = Files.readAllBytes(folder.resolve("top"));

        String refusal = "Node 'top' is with another machine";
        assertEquals(refusal, assertThrows(NodeException.class, () -> overlay("next")).getMessage());
        assertEquals(refusal, assertThrows(NodeException.class, () -> new MirrorTask(graph, top, base, 1,
                ErrorPolicy.REPORT, "commit")).getMessage());
        assertEquals(refusal, assertThrows(NodeException.class, () -> graph.edit(top, editor ->
                editor.resize(2 * SIZE, Preallocation.OFF))).getMessage());
        assertEquals(refusal, assertThrows(NodeException.class, () -> GraphChange.all(graph, List.of(
                new InternalSnapshotChange("d0", top, "s")))).getMessage());
        assertArrayEquals(content, Files.readAllBytes(folder.resolve("top")));

        graph.handover().takeBack();
        writer.write(0);
        assertShows(writer.stop(), "top");
    }

    @Test
    void shouldStreamUntilNothingIsBelow() throws Exception {
        overlay("middle");
        writer.start();
        overlay("top");
        Job job = start("j", JobType.STREAM, () -> new StreamTask(graph, node("top"), null, Optional.empty(),
                ErrorPolicy.REPORT));
        assertWell(job);
        assertNull(node("top").backing());
        assertShows(writer.stop(), "top");
        assertNull(graph.images().info(folder.resolve("top"), ImageOptions.READ_ONLY).backingFile());
    }

    @Test
    void shouldMirrorToAnotherImageAndSwitchToIt() throws Exception {
        overlay("top");
        writer.start();
        graph.images().create(folder.resolve("copy"), ImageFormat.QCOW2, CreateValues.ofSize(SIZE));
        BlockNode copy = graph.open(DriveSpec.ofPath("copy", folder.resolve("copy"), ImageOptions.WRITABLE), true,
                _ -> null);
        Job job = start("j", JobType.MIRROR, () -> new MirrorTask(graph, node("top"), copy, Integer.MAX_VALUE,
                ErrorPolicy.REPORT, "mirror"));
        awaitReady(job);
        job.complete();
        assertWell(job);
        assertSame(copy, disk.node());
        assertShows(writer.stop(), "copy");
    }

    @Test
    void shouldLeaveAValidChainWhereverAJobIsCancelled() throws Exception {
        overlay("middle");
        overlay("top");
        writer.start();
        for (int run = 0; run < RUNS; run++) {
            Random random = new Random(run);
            boolean isActive = random.nextBoolean();
            Job job = start("j" + run, JobType.COMMIT, () -> isActive
                    ? new MirrorTask(graph, node("top"), base, 2, ErrorPolicy.REPORT, "commit")
                    : new CommitTask(graph, node("middle"), base, Optional.empty(), ErrorPolicy.REPORT));
            Thread.sleep(0, random.nextInt(900_000));
            try {
                job.cancel(true);
            } catch (JobException e) {
                assertTrue(e.getMessage().contains("cannot accept"), e.getMessage());
            }
            job.awaitEnd();
            if (graph.find("middle").isEmpty()) {
                overlay("again" + run);
                assertWell(job);
                break;
            }
            assertSame(node("top"), disk.node());
            assertFalse(base.isWritable());
        }
        assertShows(writer.stop(), Path.of(disk.node().fileName()).getFileName().toString());
    }

    @Test
    void shouldMakeAllChangesOrNone() throws Exception {
        GraphChange first = new NewOverlayChange(graph, base, new NewOverlayChange.Overlay(
                folder.resolve("top").toString(), Optional.of("top"), ImageFormat.QCOW2, false));
        assertEquals("Transaction aborted using Abort action", assertThrows(NodeException.class, () ->
                GraphChange.all(graph, List.of(first, new InternalSnapshotChange("d0", base, "s"), new AbortChange())))
                .getMessage());
        assertSame(base, disk.node());
        assertTrue(base.isWritable());
        assertFalse(folder.resolve("top").toFile().exists());
        assertEquals(List.of(), graph.info(base).snapshots());
        assertEquals(2, graph.nodes().size());
    }

    @Test
    void shouldRefuseAnOverlayThatIsNone() throws Exception {
        overlay("top");
        BlockNode top = node("top");
        assertEquals("Node 'base' is busy: node is used as backing hd of 'top'", assertThrows(NodeException.class,
                () -> GraphChange.all(graph, List.of(new OverlayChange(graph, base, top)))).getMessage());
        graph.images().create(folder.resolve("raw"), ImageFormat.RAW, CreateValues.ofSize(SIZE));
        BlockNode raw = graph.open(DriveSpec.ofPath("raw", folder.resolve("raw"),
                ImageOptions.WRITABLE.withFormat(ImageFormat.RAW)), true, _ -> null);
        assertEquals("The overlay does not support backing images", assertThrows(NodeException.class, () ->
                GraphChange.all(graph, List.of(new OverlayChange(graph, top, raw)))).getMessage());
        assertSame(top, disk.node());
    }

    @Test
    void shouldEndWithAnErrorWhereTheHostIsFullAndLetTheDiskGoOn() throws Exception {
        overlay("top");
        writer.write(0);
        kernel.failNext(PWRITE, Errno.ENOSPC);
        Job job = start("j", JobType.COMMIT, () -> new MirrorTask(graph, node("top"), base, 1, ErrorPolicy.REPORT,
                "commit"));
        job.awaitEnd();
        assertEquals(Optional.of("No space left on device"), job.facts().error());
        assertSame(node("top"), disk.node());
        assertFalse(base.isWritable());
        writer.write(PIECE);

        kernel.failNext(PWRITE, Errno.ENOSPC);
        Job patient = start("k", JobType.COMMIT, () -> new MirrorTask(graph, node("top"), base, 1,
                ErrorPolicy.ENOSPC, "commit"));
        while (patient.facts().status() != JobStatus.PAUSED) {
            Thread.sleep(1);
        }
        patient.resume();
        awaitReady(patient);
        patient.complete();
        assertWell(patient);
        assertShows(writer.content, "base");
    }
}

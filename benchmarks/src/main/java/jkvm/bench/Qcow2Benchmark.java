package jkvm.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Requests of 4 KiB to a qcow2 image that the host has in its page cache, at a place that jumps about: of clusters that
 * are there, and writes that each need a new cluster of 64 KiB.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Qcow2Benchmark {
    private static final int REQUEST = 4096;
    private static final int CLUSTER = 65536;
    private static final int CLUSTERS = 1024;
    private static final long SIZE = (long) CLUSTER * CLUSTERS;

    /** An image in a folder of its own. */
    private static final class Disk {
        private final Path folder;
        private final DiskImage image;

        Disk() throws IOException {
            folder = Files.createTempDirectory("qcow2-benchmark");
            DiskImages images = new DiskImages(new FfmSyscalls());
            Path path = folder.resolve("disk.qcow2");
            images.create(path, ImageFormat.QCOW2, CreateValues.ofSize(SIZE));
            image = images.open(path, ImageOptions.WRITABLE);
        }

        void delete() throws IOException {
            image.close();
            Files.delete(folder.resolve("disk.qcow2"));
            Files.delete(folder);
        }
    }

    /** An image whose clusters are all there. */
    @State(Scope.Thread)
    public static class Full {
        private Disk disk;

        @Setup(Level.Trial)
        public void fill() throws IOException {
            disk = new Disk();
            MemorySegment cluster = Arena.ofAuto().allocate(CLUSTER);
            for (long at = 0; at < SIZE; at += CLUSTER) {
                disk.image.write(at, cluster);
            }
            disk.image.flush();
        }

        @TearDown(Level.Trial)
        public void delete() throws IOException {
            disk.delete();
        }
    }

    /** An image without clusters, anew for each iteration. */
    @State(Scope.Thread)
    public static class Empty {
        private Disk disk;

        @Setup(Level.Iteration)
        public void create() throws IOException {
            disk = new Disk();
        }

        @TearDown(Level.Iteration)
        public void delete() throws IOException {
            disk.delete();
        }
    }

    private final MemorySegment data = Arena.ofAuto().allocate(REQUEST);
    private long place;

    private long next() {
        place = (place + 7919L * REQUEST) % SIZE;
        return place;
    }

    @Benchmark
    public void read(Full full) throws IOException {
        full.disk.image.read(next(), data);
    }

    @Benchmark
    public void write(Full full) throws IOException {
        full.disk.image.write(next(), data);
    }

    @Benchmark
    @BenchmarkMode(Mode.SingleShotTime)
    @OperationsPerInvocation(CLUSTERS)
    public void allocate(Empty empty) throws IOException {
        for (int i = 0; i < CLUSTERS; i++) {
            empty.disk.image.write((long) i * CLUSTER, data);
        }
    }
}

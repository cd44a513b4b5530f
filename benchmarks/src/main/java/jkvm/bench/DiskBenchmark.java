package jkvm.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.device.virtio.block.BlockSettings;
import jkvm.device.virtio.block.VirtioBlock;
import jkvm.device.virtio.queue.QueueLayout;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A disk request's path from the driver's offer to its completion: queue, virtio-blk, image format, pread or pwrite of
 * a file that the host has in its page cache. The data lies in pages, a descriptor each, at a place of the disk that
 * jumps about. {@code -prof gc} shows that it allocates nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DiskBenchmark {
    private static final int QUEUE_SIZE = 256;
    private static final QueueLayout LAYOUT = new QueueLayout(QUEUE_SIZE, 0x1000, 0x3000, 0x4000);
    private static final long BUFFERS = 0x10000;
    private static final int PAGE = 4096;
    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int SECTOR_OFFSET = 8;
    private static final long DISK_SIZE = 64 << 20;

    @Param({"raw", "qcow2"})
    public String format;

    /** Bytes of a request. */
    @Param({"4096", "65536"})
    public int size;

    private final GuestMemory memory =
            new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(1 << 20, PAGE))));
    private Path folder;
    private DiskImage image;
    private VirtioBlock device;
    private VirtQueue queue;
    private final CountingQueueEvents events = new CountingQueueEvents();
    private long place;
    private int offered;

    @Setup
    public void setUp() throws IOException {
        folder = Files.createTempDirectory("disk-benchmark");
        DiskImages images = new DiskImages(new FfmSyscalls());
        Path path = folder.resolve("disk." + format);
        if (format.equals("raw")) {
            images.create(path, ImageFormat.RAW, CreateValues.ofSize(DISK_SIZE));
        } else {
            images.create(path, ImageFormat.QCOW2, CreateValues.ofSize(DISK_SIZE));
        }
        image = images.open(path, ImageOptions.WRITABLE);
        for (long at = 0; at < DISK_SIZE; at += 1 << 19) {
            image.write(at, memory.slice(1 << 19, 1 << 19));
        }
        image.flush();
        device = new VirtioBlock("disk", image, BlockSettings.DEFAULT);
        // The driver negotiates FLUSH: writes need not be saved one by one.
        device.start(1 << 9, null);
        queue = new VirtQueue(memory, LAYOUT, QUEUE_SIZE, true, true, events);
    }

    @TearDown
    public void tearDown() throws IOException {
        image.close();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Benchmark
    public long read() {
        return request(0, WRITE);
    }

    @Benchmark
    public long write() {
        return request(1, 0);
    }

    private long request(int type, int dataFlags) {
        int pages = size / PAGE;
        memory.writeInt(BUFFERS, type);
        place = (place + 7919 * 16) % (DISK_SIZE / PAGE - pages);
        memory.writeLong(BUFFERS + SECTOR_OFFSET, place * (PAGE / BlockSettings.SECTOR_SIZE));
        descriptor(0, 16, NEXT);
        for (int i = 1; i <= pages; i++) {
            descriptor(i, PAGE, NEXT | dataFlags);
        }
        descriptor(pages + 1, 1, WRITE);
        memory.writeShort(LAYOUT.driver() + 4 + 2L * (offered % QUEUE_SIZE), (short) 0);
        offered++;
        memory.writeShort(LAYOUT.driver() + 4 + 2L * QUEUE_SIZE, (short) (offered - 1));
        memory.writeShortRelease(LAYOUT.driver() + 2, (short) offered);
        device.serve(0, queue);
        int status = memory.readByte(BUFFERS + (long) (pages + 1) * PAGE);
        if (status != 0) {
            throw new IllegalStateException("status " + status);
        }
        return events.interrupts;
    }

    private void descriptor(int index, int length, int flags) {
        long at = LAYOUT.descriptors() + 16L * index;
        memory.writeLong(at, BUFFERS + (long) index * PAGE);
        memory.writeInt(at + 8, length);
        memory.writeShort(at + 12, (short) flags);
        memory.writeShort(at + 14, (short) (index + 1));
    }
}

package jkvm.bench;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.QueueLayout;
import jkvm.device.virtio.queue.VirtQueue;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * A request's path through a virtqueue, from the driver's offer to its completion, without what the device does with
 * it: a header of 16 bytes, pages of data, a status byte. {@code -prof gc} shows that it allocates nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class VirtQueueBenchmark {
    private static final int SIZE = 256;
    private static final QueueLayout LAYOUT = new QueueLayout(SIZE, 0x1000, 0x3000, 0x4000);
    private static final long BUFFERS = 0x10000;
    private static final int PAGE = 4096;
    private static final int NEXT = 1;
    private static final int WRITE = 2;

    /** Pages of data in a request. */
    @Param({"1", "32"})
    public int pages;

    @Param({"true", "false"})
    public boolean eventIndex;

    private final GuestMemory memory =
            new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(1 << 20, PAGE))));
    private VirtQueue queue;
    private final CountingQueueEvents events = new CountingQueueEvents();
    private int offered;

    @Setup
    public void setUp() {
        queue = new VirtQueue(memory, LAYOUT, SIZE, eventIndex, true, events);
        descriptor(0, 16, NEXT);
        for (int i = 1; i <= pages; i++) {
            descriptor(i, PAGE, NEXT | WRITE);
        }
        descriptor(pages + 1, 1, WRITE);
    }

    private void descriptor(int index, int length, int flags) {
        long at = LAYOUT.descriptors() + 16L * index;
        memory.writeLong(at, BUFFERS + (long) index * PAGE);
        memory.writeInt(at + 8, length);
        memory.writeShort(at + 12, (short) flags);
        memory.writeShort(at + 14, (short) (index + 1));
    }

    @Benchmark
    public long request() {
        memory.writeShort(LAYOUT.driver() + 4 + 2L * (offered % SIZE), (short) 0);
        offered++;
        memory.writeShort(LAYOUT.driver() + 4 + 2L * SIZE, (short) (offered - 1));
        memory.writeShortRelease(LAYOUT.driver() + 2, (short) offered);
        DescriptorChain chain = queue.pop();
        long type = chain.readNumber(0, Integer.BYTES);
        chain.writeByte(chain.writableBytes() - 1, 0);
        queue.push(chain, chain.writableBytes());
        queue.flush();
        return type + events.interrupts;
    }
}

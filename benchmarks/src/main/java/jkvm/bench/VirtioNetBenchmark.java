package jkvm.bench;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.device.virtio.DeviceLink;
import jkvm.device.virtio.QueueWork;
import jkvm.device.virtio.net.NetSettings;
import jkvm.device.virtio.net.VirtioNet;
import jkvm.device.virtio.queue.QueueLayout;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.net.NetFrame;
import jkvm.host.net.VnetHeader;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Frames a second through the virtio network card and its rings in memory, one thread, without transport and host: a
 * frame's path from the driver's offer to the backend and to the used ring, and from the backend into merged buffers of
 * a page each. Frames of 64 KiB are TCP segments that are still to be segmented. {@code -prof gc} shows that nothing is
 * allocated.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class VirtioNetBenchmark {
    /** Frames that the driver offers before it notifies. */
    private static final int BATCH = 32;
    private static final int SIZE = NetSettings.MIN_QUEUE_SIZE;
    private static final QueueLayout RECEIVE = new QueueLayout(SIZE, 0x1000, 0x3000, 0x4000);
    private static final QueueLayout TRANSMIT = new QueueLayout(SIZE, 0x6000, 0x8000, 0x9000);
    private static final int TRANSMIT_QUEUE = 1;
    private static final long HEADER = 0xF000;
    private static final long FRAME = 0x10000;
    private static final long BUFFERS = 0x100000;
    private static final int PAGE = 4096;
    private static final int HEADER_SIZE = 12;
    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int STANDARD = 1514;
    private static final int TCP = 34;
    private static final int MSS = 1448;

    /** Bytes of a frame. */
    @Param({"64", "1500", "65536"})
    public int length;

    private final GuestMemory memory =
            new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(4 << 20, PAGE))));
    private final CountingWire backend = new CountingWire();
    private final VirtioNet nic = new VirtioNet("net", 0x525400123456L, NetSettings.DEFAULT, backend);
    private final NetFrame frame = new NetFrame();
    private VirtQueue receiveQueue;
    private VirtQueue transmitQueue;
    private int transmitted;
    private int offered;
    private int buffers;
    private final CountingQueueEvents events = new CountingQueueEvents();

    private final class BenchmarkLink implements DeviceLink {
        @Override
        public void wake(int queue) {
            // There is one thread.
        }

        @Override
        public void configChanged() {
            // Nobody looks.
        }

        @Override
        public boolean serve(int queue, QueueWork work) {
            work.run(receiveQueue);
            return true;
        }
    }

    private VirtQueue queue(QueueLayout layout) {
        return new VirtQueue(memory, layout, SIZE, true, true, events);
    }

    @Setup
    public void setUp() {
        receiveQueue = queue(RECEIVE);
        transmitQueue = queue(TRANSMIT);
        nic.start(nic.features(), new BenchmarkLink());
        writeFrame();
        VnetHeader.write(frame, frame.memoryWithHeadroom(), 0);
        memory.write(HEADER, frame.memoryWithHeadroom(), 0, VnetHeader.SIZE);
        memory.write(FRAME, frame.memory(), 0, length);
        int pages = (length + PAGE - 1) / PAGE;
        descriptor(TRANSMIT, 0, HEADER, HEADER_SIZE, NEXT);
        for (int i = 0; i < pages; i++) {
            int bytes = Math.min(PAGE, length - i * PAGE);
            descriptor(TRANSMIT, i + 1, FRAME + (long) i * PAGE, bytes, i + 1 < pages ? NEXT : 0);
        }
        for (int i = 0; i < SIZE; i++) {
            descriptor(RECEIVE, i, BUFFERS + (long) i * PAGE, PAGE, WRITE);
        }
        buffers = (HEADER_SIZE + length + PAGE - 1) / PAGE;
    }

    private void writeFrame() {
        ByteBuffer data = frame.data();
        frame.setLength(length);
        data.putInt(0, 0x52540012).putShort(4, (short) 0x3456).putShort(12, (short) 0x0800);
        data.put(14, (byte) 0x45).putShort(16, (short) (length - 14)).put(23, (byte) 6);
        data.put(TCP + 12, (byte) 0x50);
        frame.setChecksum(TCP, 16);
        if (length > STANDARD) {
            frame.setGso(NetFrame.GSO_TCPV4, MSS, TCP + 20);
        }
    }

    private void descriptor(QueueLayout layout, int index, long address, int bytes, int flags) {
        long at = layout.descriptors() + 16L * index;
        memory.writeLong(at, address);
        memory.writeInt(at + 8, bytes);
        memory.writeShort(at + 12, (short) flags);
        memory.writeShort(at + 14, (short) (index + 1));
    }

    private void offer(QueueLayout layout, int index, int head) {
        memory.writeShort(layout.driver() + 4 + 2L * (index % SIZE), (short) head);
        memory.writeShort(layout.driver() + 4 + 2L * SIZE, (short) index);
        memory.writeShortRelease(layout.driver() + 2, (short) (index + 1));
    }

    /** Frames of the guest. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long transmit() {
        for (int i = 0; i < BATCH; i++) {
            offer(TRANSMIT, transmitted++, 0);
        }
        nic.serve(TRANSMIT_QUEUE, transmitQueue);
        return backend.bytes + events.interrupts;
    }

    /** Frames for the guest. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long receive() {
        for (int frames = 0; frames < BATCH; frames++) {
            for (int i = 0; i < buffers; i++) {
                offer(RECEIVE, offered, offered++ % SIZE);
            }
            if (!backend.device.receive(frame)) {
                throw new IllegalStateException("no room");
            }
        }
        return events.interrupts;
    }
}

package jkvm.device.virtio.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.queue.QueueEvents;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockAllocationTest {
    private static final int SIZE = 1 << 20;
    private static final int PIECE = 4096;
    private static final int REQUESTS = 20_000;
    /** Steady is what the compiler has seen enough of. */
    private static final int ROUNDS = 100;
    private static final int DATA = 0x40000;

    @TempDir
    private Path folder;
    private final GuestMemory memory = QueueDriver.newMemory();
    private final QueueDriver driver = new QueueDriver(memory, 8, 0x10000);

    private final Kernel kernel = new Kernel();

    /** Reads and writes move nothing once the image is made: what the JDK makes of a native call is not ours. */
    private static final class Kernel implements Syscalls {
        private final Syscalls real = new FfmSyscalls();
        private boolean pretends;

        @Override
        public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
            return pretends && (number == SyscallNumber.PREAD64 || number == SyscallNumber.PWRITE64) ? a2
                    : real.call(number, a0, a1, a2, a3, a4, a5);
        }

        @Override
        public long installInterruptingSignal(int signal) {
            return real.installInterruptingSignal(signal);
        }
    }

    private DiskImage image(ImageFormat format) throws IOException {
        DiskImages images = new DiskImages(kernel);
        Path path = folder.resolve("disk." + format.text());
        if (format == ImageFormat.RAW) {
            images.create(path, ImageFormat.RAW, CreateValues.ofSize(SIZE));
        } else {
            images.create(path, ImageFormat.QCOW2, CreateValues.ofSize(SIZE));
        }
        DiskImage image = images.open(path, ImageOptions.WRITABLE);
        image.write(0, memory.slice(0, SIZE));
        image.flush();
        kernel.pretends = true;
        return image;
    }

    /** A request whose data lies in two places, at one place of the disk after the other. */
    private void request(VirtioBlock disk, VirtQueue queue, int type, int number) {
        int flags = type == BlockRequests.IN ? QueueDriver.WRITE : 0;
        memory.writeInt(DATA, type);
        memory.writeLong(DATA + 8, (number * 31L * PIECE % (SIZE - 2 * PIECE)) / 512);
        driver.descriptor(0, DATA, 16, QueueDriver.NEXT, 1);
        driver.descriptor(1, DATA + PIECE, PIECE, QueueDriver.NEXT | flags, 2);
        driver.descriptor(2, DATA + 3 * PIECE, PIECE, QueueDriver.NEXT | flags, 3);
        driver.descriptor(3, DATA + 5 * PIECE, 1, QueueDriver.WRITE, 0);
        driver.offer(0);
        disk.serve(0, queue);
    }

    @ParameterizedTest
    @EnumSource(names = {"RAW", "QCOW2"})
    void shouldAllocateNothingForReadsAndWritesInASteadyState(ImageFormat format) throws IOException {
        try (DiskImage image = image(format)) {
            VirtioBlock disk = new VirtioBlock("disk", image, BlockSettings.DEFAULT);
            disk.start(VirtioBlock.FLUSH, null);
            VirtQueue queue = new VirtQueue(memory, driver.layout(), 256, false, true, new QueueEvents() {
                @Override
                public void interrupt() {
                    // Nobody waits.
                }

                @Override
                public void failed(String reason) {
                    throw new AssertionError(reason);
                }
            });
            ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long allocated = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && allocated >= REQUESTS; round++) {
                long before = thread.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < REQUESTS; i++) {
                    request(disk, queue, i & 1, i);
                }
                allocated = thread.getCurrentThreadAllocatedBytes() - before;
                assertEquals(BlockRequests.OK, memory.readByte(DATA + 5 * PIECE));
            }
            assertTrue(allocated < REQUESTS, allocated + " bytes for " + REQUESTS + " requests");
            kernel.pretends = false;
        }
    }
}

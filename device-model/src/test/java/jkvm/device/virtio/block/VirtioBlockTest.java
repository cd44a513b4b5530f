package jkvm.device.virtio.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import jkvm.bus.FakeMsiSink;
import jkvm.device.board.PropertyException;
import jkvm.device.pci.PciFixture;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.transport.FakeWorkers;
import jkvm.device.virtio.transport.PciDriver;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.device.virtio.transport.VirtioDriver;
import jkvm.device.virtio.transport.VirtioPci;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.disk.MemoryDisk;
import jkvm.memory.GuestMemory;
import jkvm.memory.WriteWatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class VirtioBlockTest {
    private static final int SECTORS = 16;
    private static final int OK = BlockRequests.OK;
    private static final int IOERR = BlockRequests.IOERR;
    private static final int UNSUPP = BlockRequests.UNSUPP;

    private final GuestMemory memory = QueueDriver.newMemory();
    private final QueueDriver queue = VirtioDriver.queue(memory, 0, 64);
    private final MemoryDisk disk = new MemoryDisk(SECTORS);
    private final DiskStatistics statistics = new DiskStatistics();
    private PciDriver driver;

    private void start(BlockSettings settings, long features, QueueDriver... queues) {
        PciFixture pci = new PciFixture();
        pci.plug(new VirtioPci(new VirtioBlock("disk", disk, settings, statistics), 0x010000, memory, new FakeWorkers(),
                QueueDoorbells.NONE, new FakeMsiSink()));
        disk.calls.clear();
        driver = new PciDriver(pci);
        driver.start(features, queues);
    }

    private void start() {
        start(BlockSettings.DEFAULT, VirtioBlock.FLUSH | VirtioBlock.CONFIG_WCE, queue);
    }

    private static byte[] header(int type, long sector) {
        return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(type).putInt(0).putLong(sector).array();
    }

    private static byte[] range(long sector, int sectors, int flags) {
        return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(sector).putInt(sectors).putInt(flags)
                .array();
    }

    private static byte[] joined(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
        Arrays.stream(parts).forEach(all::put);
        return all.array();
    }

    /**
     * Sends buffers with a status byte after them.
     *
     * @return the status
     */
    private int send(QueueDriver.Buffer... buffers) {
        QueueDriver.Buffer[] all = Arrays.copyOf(buffers, buffers.length + 1);
        QueueDriver.Buffer status = queue.writable(1);
        memory.writeByte(status.address(), (byte) 0xFF);
        all[buffers.length] = status;
        queue.request(all);
        driver.notify(0);
        return queue.takeUsed() == null ? -1 : queue.content(status)[0];
    }

    private int send(int type, long sector, byte... data) {
        return data.length == 0 ? send(queue.readable(header(type, sector)))
                : send(queue.readable(header(type, sector)), queue.readable(data));
    }

    private int read(long sector, int length) {
        return send(queue.readable(header(BlockRequests.IN, sector)), queue.writable(length));
    }

    @Test
    void shouldWriteAndReadSectorsInPieces() {
        start();
        byte[] data = new byte[1024];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 7);
        }
        assertEquals(OK, send(queue.readable(header(BlockRequests.OUT, 3)), queue.readable(Arrays.copyOf(data, 100)),
                queue.readable(Arrays.copyOfRange(data, 100, 1024))));
        assertArrayEquals(data, Arrays.copyOfRange(disk.content, 3 * 512, 5 * 512));
        QueueDriver.Buffer first = queue.writable(1000);
        QueueDriver.Buffer second = queue.writable(24);
        WriteWatch watch = new WriteWatch(memory);
        assertEquals(OK, send(queue.readable(header(BlockRequests.IN, 3)), first, second));
        assertTrue(watch.check() > 0);
        assertArrayEquals(data, joined(queue.content(first), queue.content(second)));
        assertFalse(disk.calls.contains("flush"), "the write cache is on");
        assertEquals(OK, send(BlockRequests.FLUSH, 0));
        assertTrue(disk.calls.contains("flush"));
    }

    @Test
    void shouldCountRequests() {
        start(new BlockSettings("disk-1", 1, 512, 512, true, true), VirtioBlock.FLUSH | VirtioBlock.CONFIG_WCE, queue);
        assertEquals(OK, send(BlockRequests.OUT, 3, new byte[1024]));
        assertEquals(OK, send(BlockRequests.OUT, 0, new byte[512]));
        assertEquals(OK, read(3, 2048));
        assertEquals(IOERR, read(SECTORS, 512));
        assertEquals(OK, send(BlockRequests.FLUSH, 0));
        assertEquals(OK, send(queue.readable(header(BlockRequests.DISCARD, 0)), queue.readable(range(1, 1, 0))));
        DiskStatistics.Counts writes = statistics.counts(DiskStatistics.Kind.WRITE);
        assertEquals(2, writes.operations());
        assertEquals(1536, writes.bytes());
        assertTrue(writes.nanos() > 0);
        assertEquals(5 * 512, statistics.highestWrite());
        DiskStatistics.Counts reads = statistics.counts(DiskStatistics.Kind.READ);
        assertEquals(1, reads.operations());
        assertEquals(2048, reads.bytes());
        assertEquals(1, reads.invalid());
        assertEquals(1, statistics.counts(DiskStatistics.Kind.FLUSH).operations());
        assertEquals(1, statistics.counts(DiskStatistics.Kind.UNMAP).operations());
    }

    @Test
    void shouldDescribeItself() {
        start(new BlockSettings("disk-1", 2, 512, 4096, true, true), 0, queue, VirtioDriver.queue(memory, 1, 64));
        long blockFeatures = driver.offeredFeatures() & 0xFFFFFF;
        assertEquals(VirtioBlock.SEG_MAX | VirtioBlock.GEOMETRY | VirtioBlock.BLOCK_SIZE
                | VirtioBlock.FLUSH | VirtioBlock.TOPOLOGY | VirtioBlock.CONFIG_WCE | VirtioBlock.MULTI_QUEUE
                | VirtioBlock.DISCARD | VirtioBlock.WRITE_ZEROES,
                blockFeatures);
        assertEquals(SECTORS, driver.config(VirtioBlock.CAPACITY_OFFSET, 8));
        assertEquals(254, driver.config(VirtioBlock.SEG_MAX_OFFSET, 4));
        assertEquals(512, driver.config(VirtioBlock.BLOCK_SIZE_OFFSET, 4));
        assertEquals(2, driver.config(VirtioBlock.CYLINDERS_OFFSET, 2));
        assertEquals(16, driver.config(VirtioBlock.HEADS_OFFSET, 1));
        assertEquals(63, driver.config(VirtioBlock.SECTORS_OFFSET, 1));
        assertEquals(3, driver.config(VirtioBlock.PHYSICAL_EXPONENT_OFFSET, 1));
        assertEquals(2, driver.config(VirtioBlock.QUEUES_OFFSET, 2));
        assertEquals(1, driver.config(VirtioBlock.WRITEBACK_OFFSET, 1));
        QueueDriver.Buffer identity = queue.writable(20);
        assertEquals(OK, send(queue.readable(header(BlockRequests.GET_ID, 0)), identity));
        assertEquals("disk-1", new String(queue.content(identity), StandardCharsets.US_ASCII).trim().replace("\0", ""));
    }

    @Test
    void shouldSaveEachWriteWhenTheDriverTurnsTheCacheOffOrCannotFlush() {
        start();
        driver.config(VirtioBlock.WRITEBACK_OFFSET, 1, 0);
        assertEquals(OK, send(BlockRequests.OUT, 0, new byte[512]));
        assertEquals(List.of("write", "flush"), disk.calls);
        driver.config(VirtioBlock.WRITEBACK_OFFSET, 1, 1);
        assertEquals(OK, send(BlockRequests.OUT, 0, new byte[512]));
        assertEquals(List.of("write", "flush", "write"), disk.calls);
        driver.config(VirtioBlock.CAPACITY_OFFSET, 8, 1000);
        assertEquals(SECTORS, driver.config(VirtioBlock.CAPACITY_OFFSET, 8), "nothing else can be written");
        disk.calls.clear();
        start(BlockSettings.DEFAULT, 0, queue);
        assertEquals(OK, send(BlockRequests.OUT, 0, new byte[512]));
        assertEquals(List.of("write", "flush"), disk.calls);
    }

    @Test
    void shouldDiscardAndZeroRanges() {
        start();
        assertEquals(OK, send(BlockRequests.DISCARD, 0, joined(range(1, 2, 0), range(8, 8, 0))));
        assertEquals(OK, send(BlockRequests.WRITE_ZEROES, 0, joined(range(0, 1, 0), range(4, 1, 1))));
        assertEquals(List.of("discard 512+1024", "discard 4096+4096", "zero 0+512", "zero 2048+512 unmap"), disk.calls);
    }

    @Test
    @DisplayName("sectors past the end and sector numbers that overflow end with IOERR")
    void shouldRefuseSectorsOutsideTheDisk() {
        start();
        for (long sector : new long[] {SECTORS, SECTORS - 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 55, 1L << 54}) {
            assertEquals(IOERR, read(sector, 1024), "sector " + sector);
            assertEquals(IOERR, send(BlockRequests.OUT, sector, new byte[1024]), "sector " + sector);
        }
        assertEquals(OK, read(SECTORS - 2, 1024));
        assertEquals(List.of("read"), disk.calls);
    }

    @Test
    @DisplayName("data that is no whole number of sectors and a short header end with IOERR")
    void shouldRefuseOddLengths() {
        start();
        assertEquals(IOERR, read(0, 511));
        assertEquals(IOERR, send(BlockRequests.OUT, 0, new byte[513]));
        assertEquals(IOERR, send(queue.readable(new byte[15])));
        byte[] header = header(BlockRequests.OUT, 1);
        assertEquals(OK, send(queue.readable(Arrays.copyOf(header, 5)),
                queue.readable(Arrays.copyOfRange(header, 5, 16)), queue.readable(new byte[512])),
                "a header in two pieces is fine");
        assertEquals(List.of("write"), disk.calls);
    }

    @Test
    @DisplayName("a request without a status byte needs a reset")
    void shouldNeedAResetWithoutRoomForTheStatus() {
        start();
        queue.request(queue.readable(header(BlockRequests.FLUSH, 0)));
        driver.notify(0);
        assertTrue((driver.status() & VirtioDriver.NEEDS_RESET) != 0);
        assertTrue((driver.takeInterrupt() & 2) != 0);
        driver.start(VirtioBlock.FLUSH, queue);
        assertEquals(OK, read(0, 512));
    }

    @Test
    @DisplayName("unknown types end with UNSUPP")
    void shouldNotSupportUnknownTypes() {
        start();
        for (int type : new int[] {2, 3, 5, 7, 10, 12, 14, 0x80000000, -1}) {
            assertEquals(UNSUPP, send(type, 0), "type " + type);
        }
    }

    @Test
    @DisplayName("write, discard and write zeroes on a read-only disk end with IOERR")
    void shouldNotChangeAReadOnlyDisk() {
        disk.readOnly = true;
        start();
        assertEquals(VirtioBlock.READ_ONLY, driver.offeredFeatures()
                & (VirtioBlock.READ_ONLY | VirtioBlock.DISCARD | VirtioBlock.WRITE_ZEROES));
        assertEquals(IOERR, send(BlockRequests.OUT, 0, new byte[512]));
        assertEquals(IOERR, send(BlockRequests.DISCARD, 0, range(0, 1, 0)));
        assertEquals(IOERR, send(BlockRequests.WRITE_ZEROES, 0, range(0, 1, 0)));
        assertEquals(OK, read(0, 512));
        assertEquals(List.of("read"), disk.calls);
    }

    @Test
    @DisplayName("discards and zeroes with a bad number of ranges, bad flags or bad range touch nothing")
    void shouldRefuseBadRanges() {
        start();
        for (int type : new int[] {BlockRequests.DISCARD, BlockRequests.WRITE_ZEROES}) {
            assertEquals(IOERR, send(type, 0));
            assertEquals(IOERR, send(type, 0, new byte[15]));
            assertEquals(IOERR, send(type, 0, new byte[33 * 16]));
            assertEquals(IOERR, send(type, 0, range(SECTORS, 1, 0)));
            assertEquals(IOERR, send(type, 0, range(1, -1, 0)));
            assertEquals(IOERR, send(type, 0, range(-1, 1, 0)));
            assertEquals(UNSUPP, send(type, 0, range(0, 1, 2)));
            assertEquals(IOERR, send(type, 0, joined(range(0, 1, 0), range(SECTORS, 1, 0))));
        }
        assertEquals(UNSUPP, send(BlockRequests.DISCARD, 0, range(0, 1, 1)));
        assertEquals(List.of(), disk.calls);
    }

    @Test
    @DisplayName("a reset during a read is complete when the read has ended; nothing follows")
    void shouldEndARequestInFlightAtAReset() {
        start();
        int[] status = new int[1];
        disk.inRead = () -> {
            driver.status(0);
            status[0] = driver.status();
        };
        QueueDriver.Buffer first = queue.writable(512);
        queue.writable(16);
        // In two pieces, as there is a gap.
        queue.request(queue.readable(header(BlockRequests.IN, 0)), first, queue.writable(512), queue.writable(1));
        driver.notify(0);
        assertNotEquals(0, status[0]);
        assertEquals(0, driver.status());
        assertEquals(List.of("read"), disk.calls, "the second half is not read");
        assertNull(queue.takeUsed());
    }

    @Test
    @DisplayName("an error of the host ends the request with IOERR, and the next one works")
    void shouldReportErrorsOfTheHost() {
        start();
        disk.failing = true;
        assertEquals(IOERR, send(BlockRequests.OUT, 0, new byte[512]));
        assertEquals(IOERR, read(0, 512));
        assertEquals(IOERR, send(BlockRequests.FLUSH, 0));
        assertEquals(IOERR, send(BlockRequests.DISCARD, 0, range(0, 1, 0)));
        disk.failing = false;
        assertEquals(OK, read(0, 512));
    }

    @Test
    void shouldServeEachOfItsQueues() {
        QueueDriver second = VirtioDriver.queue(memory, 1, 64);
        start(new BlockSettings("", 2, 512, 512, true, true), VirtioBlock.MULTI_QUEUE, queue, second);
        assertEquals(OK, read(0, 512));
        QueueDriver.Buffer status = second.writable(1);
        second.request(second.readable(header(BlockRequests.IN, 0)), second.writable(512), status);
        driver.notify(1);
        assertEquals(513, second.takeUsed().length());
    }

    @Test
    void shouldRefuseSettingsThatAreNone() {
        assertThrows(PropertyException.class, () -> new BlockSettings("x".repeat(21), 1, 512, 512, true, true));
        assertThrows(PropertyException.class, () -> new BlockSettings("", 0, 512, 512, true, true));
        assertThrows(PropertyException.class, () -> new BlockSettings("", 1, 1000, 4096, true, true));
        assertThrows(PropertyException.class, () -> new BlockSettings("", 1, 4096, 512, true, true));
    }
}

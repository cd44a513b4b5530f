package jkvm.device.virtio.scsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import jkvm.bus.FakeMsiSink;
import jkvm.bus.StateRoundTrip;
import jkvm.device.board.Properties;
import jkvm.device.board.PropertyException;
import jkvm.device.pci.PciFixture;
import jkvm.device.scsi.CdRom;
import jkvm.device.scsi.ScsiDisk;
import jkvm.device.scsi.ScsiDiskSettings;
import jkvm.device.scsi.ScsiIdentity;
import jkvm.device.scsi.ScsiTarget;
import jkvm.device.scsi.ScsiUnit;
import jkvm.device.scsi.ScsiUnitType;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.queue.QueueDriver.Buffer;
import jkvm.device.virtio.transport.FakeWorkers;
import jkvm.device.virtio.transport.PciDriver;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.device.virtio.transport.VirtioDriver;
import jkvm.device.virtio.transport.VirtioPci;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.disk.MemoryDisk;
import jkvm.host.image.MediumSlot;
import jkvm.memory.GuestMemory;
import jkvm.memory.WriteWatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A driver of virtio-scsi with a disk at target 0 and a CD-ROM drive at target 1, unit 2. */
class VirtioScsiTest {
    private static final int REQUESTS = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 20_000;
    private static final int SECTORS = 64;
    private static final int SENSE = VirtioScsi.DEFAULT_SENSE_SIZE;
    private static final int RESPONSE = ScsiRequests.SENSE_OFFSET + SENSE;

    private final GuestMemory memory = QueueDriver.newMemory();
    private final QueueDriver control = VirtioDriver.queue(memory, 0, 16);
    private final QueueDriver events = VirtioDriver.queue(memory, 1, 16);
    private final QueueDriver queue = VirtioDriver.queue(memory, 2, 64);
    private final MemoryDisk disk = new MemoryDisk(SECTORS);
    private final VirtioScsi scsi = new VirtioScsi("scsi", 1, VirtioScsi.MAX_SECTORS, 128);
    private PciDriver driver;

    private ScsiUnit newDisk() {
        return new ScsiUnit("disk", new ScsiDisk(disk, new ScsiIdentity("QEMU", "QEMU HARDDISK", "2.5+", "42", "42",
                false), ScsiDiskSettings.DEFAULT, new DiskStatistics()));
    }

    @BeforeEach
    void start() {
        scsi.plug(0, newDisk());
        scsi.plug(ScsiTarget.MAX_UNITS + 2, new ScsiUnit("cd", new CdRom(new MediumSlot("cd", Optional.empty(), true),
                new ScsiIdentity("QEMU", "QEMU CD-ROM", "2.5+", "", "", false))));
        PciFixture pci = new PciFixture();
        pci.plug(new VirtioPci(scsi, 0x010000, memory, new FakeWorkers(), QueueDoorbells.NONE, new FakeMsiSink()));
        driver = new PciDriver(pci);
        driver.start(0, control, events, queue);
    }

    private static byte[] header(int target, int unit, int... cdb) {
        byte[] header = new byte[ScsiRequests.CDB_OFFSET + VirtioScsi.DEFAULT_CDB_SIZE];
        header[0] = 1;
        header[1] = (byte) target;
        header[2] = (byte) (0x40 | unit >> 8);
        header[3] = (byte) unit;
        for (int i = 0; i < cdb.length; i++) {
            header[ScsiRequests.CDB_OFFSET + i] = (byte) cdb[i];
        }
        return header;
    }

    /** The response's bytes: length of sense data, residual, status, response; then key and code of the sense data. */
    private String send(byte[] header, byte[] out, Buffer in) {
        Buffer response = queue.writable(RESPONSE);
        Buffer[] buffers = out.length > 0 ? new Buffer[] {queue.readable(header), queue.readable(out), response}
                : in != null ? new Buffer[] {queue.readable(header), response, in}
                : new Buffer[] {queue.readable(header), response};
        queue.request(buffers);
        driver.notify(2);
        if (queue.takeUsed() == null) {
            return "none";
        }
        byte[] content = queue.content(response);
        String text = "resid %d status %d response %d".formatted(memory.readInt(response.address() + 4), content[10],
                content[11]);
        return content[0] == 0 ? text : text + " sense %x %02x%02x".formatted(content[12 + 2], content[12 + 12],
                content[12 + 13]);
    }

    private byte[] read(int target, int unit, int length, int... cdb) {
        Buffer in = queue.writable(length);
        assertEquals("resid 0 status 0 response 0", send(header(target, unit, cdb), new byte[0], in));
        return queue.content(in);
    }

    private void hearOfReset() {
        assertEquals("resid 0 status 2 response 0 sense 6 2900", send(header(0, 0, 0), new byte[0], null));
        assertEquals("resid 0 status 0 response 0", send(header(0, 0, 0), new byte[0], null));
    }

    @Test
    void shouldReadAndWriteBlocks() {
        hearOfReset();
        byte[] data = new byte[1024];
        new Random(1).nextBytes(data);
        assertEquals("resid 0 status 0 response 0",
                send(header(0, 0, 0x2A, 0, 0, 0, 0, 5, 0, 0, 2, 0), data, null));
        assertArrayEquals(data, Arrays.copyOfRange(disk.content, 5 * 512, 7 * 512));
        assertArrayEquals(data, read(0, 0, 1024, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 2));
        assertEquals("resid 1024 status 2 response 0 sense 5 2100",
                send(header(0, 0, 0x28, 0, 0, 0, 0, SECTORS - 1, 0, 0, 2, 0), new byte[0], queue.writable(1024)));
        assertEquals("resid 0 status 0 response 0", send(header(0, 0, 0x35), new byte[0], null));
        assertEquals("flush", disk.calls.getLast());
    }

    @Test
    void shouldTellWhatADiskIs() {
        hearOfReset();
        byte[] inquiry = read(0, 0, 36, 0x12, 0, 0, 0, 36);
        assertEquals("QEMU    QEMU HARDDISK   2.5+", new String(inquiry, 8, 28, StandardCharsets.US_ASCII));
        assertArrayEquals(new byte[] {0, 0, 5, 0x12, 31, 0, 0, 0x12}, Arrays.copyOf(inquiry, 8));
        assertArrayEquals(new byte[] {0, 0, 0, SECTORS - 1, 0, 0, 2, 0}, read(0, 0, 8, 0x25));
        assertArrayEquals(new byte[] {0, 0, 0, 6, 0, (byte) 0x80, (byte) 0x83, (byte) 0xB0, (byte) 0xB1, (byte) 0xB2},
                read(0, 0, 10, 0x12, 1, 0, 0, 10));
        assertEquals(SECTORS - 1, read(0, 0, 32, 0x9E, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32)[7]);
        assertEquals("resid 20 status 2 response 0 sense 5 2000",
                send(header(0, 0, 0xFF), new byte[0], queue.writable(20)));
    }

    @Test
    void shouldUnmapAndWriteOneBlockToMany() {
        hearOfReset();
        byte[] list = new byte[24];
        list[3] = 16;
        list[15] = 3;
        list[19] = 4;
        assertEquals("resid 0 status 0 response 0", send(header(0, 0, 0x42, 0, 0, 0, 0, 0, 0, 0, 24), list, null));
        assertEquals("discard 1536+2048", disk.calls.getLast());
        byte[] block = new byte[512];
        Arrays.fill(block, (byte) 7);
        assertEquals("resid 0 status 0 response 0",
                send(header(0, 0, 0x41, 0, 0, 0, 0, 9, 0, 0, 3, 0), block, null));
        assertEquals(7, disk.content[12 * 512 - 1]);
        assertEquals(0, disk.content[12 * 512]);
    }

    @Test
    void shouldFindUnitsAndTellOfThoseThatAreNotThere() {
        byte[] units = read(1, 0, 24, 0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 24);
        assertArrayEquals(new byte[] {0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0}, units);
        assertEquals(0x7F, read(1, 0, 36, 0x12, 0, 0, 0, 36)[0]);
        assertEquals(5, read(1, 2, 36, 0x12, 0, 0, 0, 36)[0]);
        assertEquals("resid 0 status 2 response 0 sense 5 2500", send(header(1, 3, 0), new byte[0], null));
        assertEquals("resid 0 status 0 response 3", send(header(9, 0, 0), new byte[0], null));
    }

    @Test
    void shouldRefuseCommandsWithLessRoomThanData() {
        hearOfReset();
        assertEquals("resid 100 status 0 response 1",
                send(header(0, 0, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0), new byte[0], queue.writable(100)));
        queue.request(queue.readable(new byte[10]), queue.writable(RESPONSE));
        driver.notify(2);
        assertNull(queue.takeUsed(), "a short header: the device needs a reset");
    }

    @Test
    void shouldResetAUnitAndFindNothingToAbort() {
        hearOfReset();
        byte[] function = new byte[24];
        function[4] = 5;
        function[8] = 1;
        Buffer answer = control.writable(1);
        control.request(control.readable(function), answer);
        driver.notify(0);
        assertEquals(0, control.content(answer)[0]);
        hearOfReset();
        function[4] = 0;
        function[9] = 7;
        Buffer other = control.writable(1);
        control.request(control.readable(function), other);
        driver.notify(0);
        assertEquals(3, control.content(other)[0], "no such target");
    }

    @Test
    void shouldFindPlacesForUnitsAsQemu() {
        assertEquals(ScsiTarget.MAX_UNITS, scsi.placeOf(Properties.NONE));
        assertEquals(1, scsi.placeOf(Properties.NONE.with(ScsiUnitType.TARGET, 0)));
        assertThrows(PropertyException.class, () -> scsi.placeOf(Properties.NONE.with(ScsiUnitType.TARGET, 256)));
        assertThrows(PropertyException.class, () -> scsi.placeOf(Properties.NONE.with(ScsiUnitType.CHANNEL, 1)));
        assertThrows(PropertyException.class, () -> scsi.placeOf(Properties.NONE.with(ScsiUnitType.TARGET, 0)
                .with(ScsiUnitType.UNIT, 0)));
    }

    @Test
    void shouldKeepAUnitsState() {
        hearOfReset();
        ScsiUnit other = newDisk();
        StateRoundTrip.copy(newDisk(), other);
    }

    private void restart() {
        control.clear();
        events.clear();
        queue.clear();
        driver.start(0, control, events, queue);
    }

    /** Threats 71 to 73: any block, any length; the disk works afterwards. */
    @Test
    void shouldAnswerAnyCommand() {
        Random random = new Random(4711);
        WriteWatch watch = new WriteWatch(memory);
        for (int i = 0; i < REQUESTS; i++) {
            if (i % 8 == 0) {
                restart();
                watch.check();
            }
            byte[] header = header(random.nextInt(3), random.nextInt(4));
            for (int at = ScsiRequests.CDB_OFFSET; at < header.length; at++) {
                header[at] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0);
            }
            boolean writes = random.nextBoolean();
            String answer = send(header, writes ? new byte[1 + random.nextInt(2000)] : new byte[0],
                    writes ? null : queue.writable(1 + random.nextInt(2000)));
            assertEquals("resid", answer.substring(0, 5), answer);
        }
    }
}

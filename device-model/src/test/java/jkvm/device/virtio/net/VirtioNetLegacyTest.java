package jkvm.device.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import jkvm.bus.FakeMsiSink;
import jkvm.device.pci.PciFixture;
import jkvm.device.virtio.VirtioInterfaces;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.transport.FakeWorkers;
import jkvm.device.virtio.transport.LegacyDriver;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.device.virtio.transport.VirtioPci;
import jkvm.device.virtio.transport.VirtioPciKind;
import jkvm.host.net.Frames;
import jkvm.host.net.RecordingBackend;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The card as a driver of virtio 0.9.5 sees it. */
class VirtioNetLegacyTest {
    private static final int CONFIG = 0x14;

    private final GuestMemory memory = QueueDriver.newMemory();
    private final QueueDriver receive = QueueDriver.legacy(memory, NetSettings.MIN_QUEUE_SIZE, 0x10000);
    private final QueueDriver transmit = QueueDriver.legacy(memory, NetSettings.MIN_QUEUE_SIZE, 0x20000);
    private final RecordingBackend backend = new RecordingBackend();
    private final PciFixture pci = new PciFixture();
    private final LegacyDriver driver = plug();

    private LegacyDriver plug() {
        VirtioNet nic = new VirtioNet("net", NetFixture.MAC, NetSettings.DEFAULT, backend);
        pci.plug(new VirtioPci(nic, new VirtioPciKind(0x020000, VirtioInterfaces.TRANSITIONAL), memory,
                new FakeWorkers(), QueueDoorbells.NONE, new FakeMsiSink()));
        return new LegacyDriver(pci);
    }

    @Test
    @DisplayName("without merged buffers a frame has a header of ten bytes in both directions")
    void shouldUseTheShortHeaderOfADriverThatDoesNotMergeBuffers() {
        // given
        driver.begin(NetFeature.MAC.bit(), receive, transmit);
        driver.ready();
        byte[] frame = Frames.toNic(100);

        // when
        transmit.request(transmit.readable(new byte[VirtioNet.SHORT_HEADER_SIZE]), transmit.readable(frame));
        driver.notify(VirtioNet.TRANSMIT_QUEUE);
        QueueDriver.Buffer header = receive.writable(VirtioNet.SHORT_HEADER_SIZE);
        QueueDriver.Buffer buffer = receive.writable(1514);
        receive.request(header, buffer);
        driver.notify(VirtioNet.RECEIVE_QUEUE);
        backend.offer(frame);

        // then
        assertArrayEquals(frame, backend.sent.getFirst());
        assertEquals(VirtioNet.SHORT_HEADER_SIZE + frame.length, receive.takeUsed().length());
        assertArrayEquals(frame, Arrays.copyOf(receive.content(buffer), frame.length));
    }

    @Test
    void shouldUseTheLongHeaderOfADriverThatMergesBuffers() {
        driver.begin(NetFeature.MAC.bit() | NetFeature.MRG_RXBUF.bit(), receive, transmit);
        driver.ready();
        QueueDriver.Buffer buffer = receive.writable(2000);
        receive.request(buffer);
        driver.notify(VirtioNet.RECEIVE_QUEUE);
        byte[] frame = Frames.toNic(100);
        backend.offer(frame);
        assertEquals(VirtioNet.HEADER_SIZE + frame.length, receive.takeUsed().length());
        assertEquals(1, receive.content(buffer)[10]);
    }

    @Test
    void shouldTakeAnAddressFromItsConfigurationWhereThereIsNoCommandForIt() {
        driver.begin(NetFeature.MAC.bit(), receive, transmit);
        driver.ready();
        driver.write(CONFIG + 5, 1, 0x99);
        assertEquals(0x99, driver.read(CONFIG + 5, 1));
        driver.begin(NetFeature.MAC.bit() | NetFeature.CTRL_VQ.bit() | NetFeature.CTRL_MAC_ADDR.bit());
        driver.ready();
        driver.write(CONFIG + 5, 1, 0x77);
        assertEquals(NetFixture.MAC & 0xFF, driver.read(CONFIG + 5, 1));
    }
}

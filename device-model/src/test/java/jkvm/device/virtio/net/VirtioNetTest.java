package jkvm.device.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.bus.FakeIrqLine;
import jkvm.device.board.PropertyException;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.transport.FakeWorkers;
import jkvm.device.virtio.transport.MmioDriver;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.device.virtio.transport.VirtioDriver;
import jkvm.device.virtio.transport.VirtioMmio;
import jkvm.host.net.Frames;
import jkvm.host.net.NetOffload;
import jkvm.host.net.RecordingBackend;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.Test;

class VirtioNetTest {
    private static final long OFFLOADS = NetFixture.features(NetFeature.CSUM, NetFeature.HOST_TSO4,
            NetFeature.HOST_TSO6, NetFeature.HOST_ECN);

    private static NetSettings withMtu(int mtu) {
        return new NetSettings(-1, mtu, NetSettings.MIN_QUEUE_SIZE, NetSettings.MIN_QUEUE_SIZE);
    }

    private static long offered(NetSettings settings) {
        return new VirtioNet("net", 0, settings, new RecordingBackend()).features();
    }

    @Test
    void shouldOfferAllItHasByQemusBitNumbers() {
        NetFixture machine = new NetFixture();
        assertEquals(0x9FBBA7, machine.driver.offeredFeatures() & 0xFFFFFF);
        assertEquals(0x9FBBAF, offered(withMtu(1500)));
    }

    @Test
    void shouldOfferNothingWithoutWhatItNeeds() {
        NetSettings all = NetSettings.DEFAULT;
        assertEquals(OFFLOADS, offered(all) & ~offered(all.without(NetFeature.CSUM)));
        assertEquals(NetFixture.features(NetFeature.HOST_TSO4, NetFeature.HOST_TSO6, NetFeature.HOST_ECN),
                offered(all) & ~offered(all.without(NetFeature.HOST_TSO4, NetFeature.HOST_TSO6)));
        assertEquals(NetFixture.features(NetFeature.GUEST_CSUM, NetFeature.GUEST_TSO4, NetFeature.GUEST_TSO6,
                NetFeature.GUEST_ECN), offered(all) & ~offered(all.without(NetFeature.GUEST_CSUM)));
        assertEquals(NetFixture.features(NetFeature.CTRL_VQ, NetFeature.CTRL_RX, NetFeature.CTRL_RX_EXTRA,
                NetFeature.CTRL_VLAN, NetFeature.CTRL_MAC_ADDR, NetFeature.CTRL_GUEST_OFFLOADS),
                offered(all) & ~offered(all.without(NetFeature.CTRL_VQ)));
        assertEquals(NetFixture.features(NetFeature.MAC), offered(new NetSettings(0, 1500, 256, 256)));
    }

    @Test
    void shouldOfferOnlyWhatTheBackendTakes() {
        RecordingBackend backend = new RecordingBackend();
        backend.offloads = 0;
        long none = new VirtioNet("net", 0, NetSettings.DEFAULT, backend).features();
        assertEquals(OFFLOADS, offered(NetSettings.DEFAULT) & ~none);
        backend.offloads = NetOffload.CHECKSUM | NetOffload.TSO6;
        long some = new VirtioNet("net", 0, NetSettings.DEFAULT, backend).features();
        assertEquals(NetFixture.features(NetFeature.HOST_TSO4, NetFeature.HOST_ECN),
                offered(NetSettings.DEFAULT) & ~some);
    }

    @Test
    void shouldShowItsConfigurationAndLetNobodyWriteIt() {
        NetFixture machine = new NetFixture();
        assertEquals(0x0001_5634_1200_5452L, machine.driver.config(0, 8));
        assertEquals(0xFFFFFFFFL, machine.driver.config(8, 4), "no more without an MTU");
        machine.start();
        machine.driver.config(0, 8, -1);
        assertEquals(0x0001_5634_1200_5452L, machine.driver.config(0, 8));
        assertEquals(9000, new NetFixture(withMtu(9000)).driver.config(VirtioNet.MTU_OFFSET, 2));
    }

    @Test
    void shouldHaveQueuesOfTheSizesThatWereAskedFor() {
        NetFixture machine = new NetFixture(new NetSettings(-1, 0, 1024, 512));
        assertEquals(1024, machine.driver.maxSize(0));
        assertEquals(512, machine.driver.maxSize(1));
        assertEquals(64, machine.driver.maxSize(2));
        assertEquals(0, machine.driver.maxSize(3));
    }

    @Test
    void shouldRefuseSettingsThatAreNone() {
        assertThrows(PropertyException.class, () -> withMtu(67));
        assertThrows(PropertyException.class, () -> withMtu(65536));
        assertThrows(PropertyException.class, () -> new NetSettings(-1, 0, 128, 256));
        assertThrows(PropertyException.class, () -> new NetSettings(-1, 0, 256, 2048));
        assertThrows(PropertyException.class, () -> new NetSettings(-1, 0, 256, 300));
    }

    @Test
    void shouldExchangeFramesOverMemoryMappedRegisters() {
        GuestMemory memory = QueueDriver.newMemory();
        QueueDriver receive = VirtioDriver.queue(memory, 0, 16);
        QueueDriver transmit = VirtioDriver.queue(memory, 1, 16);
        RecordingBackend backend = new RecordingBackend();
        VirtioNet nic = new VirtioNet("net", NetFixture.MAC, NetSettings.DEFAULT, backend);
        FakeIrqLine line = new FakeIrqLine();
        MmioDriver driver = new MmioDriver(new VirtioMmio(nic, 0xFEB00000L, line, memory, new FakeWorkers(),
                QueueDoorbells.NONE), line);
        driver.start(nic.features(), receive, transmit);
        byte[] frame = Frames.toNic(100);
        transmit.request(transmit.readable(NetFixture.plain()), transmit.readable(frame));
        driver.notify(1);
        assertArrayEquals(frame, backend.sent.getFirst());
        QueueDriver.Buffer header = receive.writable(NetFixture.HEADER);
        QueueDriver.Buffer content = receive.writable(1514);
        int head = receive.request(header, content);
        driver.notify(0);
        assertTrue(backend.offer(frame));
        assertEquals(new QueueDriver.Used(head, NetFixture.HEADER + 100), receive.takeUsed());
        assertEquals(1, driver.takeInterrupt());
    }

    @Test
    void shouldTakeFramesForNobodyBeforeADriverIsReadyAndAfterItHasGone() {
        NetFixture machine = new NetFixture();
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        machine.start();
        assertFalse(machine.backend.offer(Frames.toNic(60)), "no buffers");
        machine.driver.status(0);
        assertEquals(1, machine.backend.readyCalls, "the backend is told that it need not wait");
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        machine.backend.device().sendReady();
        machine.start();
        assertNull(machine.take());
    }

    @Test
    void shouldTellTheDriverThatTheCableWasPulledAndLoseFramesBothWays() {
        NetFixture machine = new NetFixture().start();
        machine.offer(1526);
        int generation = machine.driver.generation();
        machine.nic.setLink(false);
        assertTrue((machine.driver.takeInterrupt() & 2) != 0);
        assertNotEquals(generation, machine.driver.generation());
        assertEquals(0, machine.driver.config(VirtioNet.STATUS_OFFSET, 2));
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        machine.send(NetFixture.plain(), Frames.toNic(60));
        assertNull(machine.take());
        assertEquals(0, machine.backend.count);
        assertEquals(0, machine.transmit.takeUsed().length(), "given back all the same");
        machine.nic.setLink(true);
        assertEquals(1, machine.driver.config(VirtioNet.STATUS_OFFSET, 2));
        assertTrue((machine.driver.takeInterrupt() & 2) != 0);
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        assertEquals(60, machine.take().frame().length);
        assertEquals(0, machine.nic.droppedForGuest() + machine.nic.droppedFromGuest());
    }

    @Test
    void shouldLetNothingWaitWhileTheCableIsPulled() {
        NetFixture machine = new NetFixture().start();
        machine.backend.full = true;
        machine.send(NetFixture.plain(), Frames.toNic(60));
        assertFalse(machine.backend.offer(Frames.toNic(60)));
        machine.nic.setLink(false);
        assertEquals(1, machine.backend.readyCalls);
        assertEquals(0, machine.transmit.takeUsed().length());
        machine.driver.takeInterrupt();
        machine.start(NetFixture.features(NetFeature.MRG_RXBUF));
        machine.nic.setLink(true);
        assertEquals(0, machine.driver.takeInterrupt(), "a driver without STATUS is not told");
    }
}

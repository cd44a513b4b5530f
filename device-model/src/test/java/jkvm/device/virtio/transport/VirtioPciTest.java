package jkvm.device.virtio.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jkvm.bus.FakeMsiSink;
import jkvm.bus.StateRoundTrip;
import jkvm.device.pci.PciFixture;
import jkvm.device.pci.PciFunction;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class VirtioPciTest {
    private final GuestMemory memory = QueueDriver.newMemory();
    private final QueueDriver queue0 = VirtioDriver.queue(memory, 0, 8);
    private final QueueDriver queue1 = VirtioDriver.queue(memory, 1, 8);
    private final EchoDevice device = new EchoDevice();
    private final FakeWorkers workers = new FakeWorkers();
    private final FakeMsiSink sink = new FakeMsiSink();
    private final PciFixture pci = new PciFixture();
    private final VirtioPci function = pci.plug(new VirtioPci(device, 0xFF0000, memory, workers, workers, sink));
    private final PciDriver driver = new PciDriver(pci);

    @Test
    void shouldListItsStructuresAsQemuDoes() {
        assertEquals(0x106A1AF4, pci.read(0, 4));
        assertEquals(1, pci.read(8, 1));
        assertEquals(0x1, pci.read(0x3D, 1));
        StringBuilder list = new StringBuilder();
        for (long at = pci.read(0x34, 1); at != 0; at = pci.read((int) at + 1, 1)) {
            int offset = (int) at;
            list.append("%x:%x:%x:%x:%x ".formatted(at, pci.read(offset, 1), pci.read(offset + 3, 1),
                    pci.read(offset + 4, 1), pci.read(offset + 8, 4)));
        }
        assertEquals("98:11:0:1:801 84:9:5:0:0 70:9:2:4:3000 60:9:4:4:2000 50:9:3:4:1000 40:9:1:4:0 ", list.toString());
        assertEquals(4, pci.read(0x80, 4), "notify multiplier");
    }

    @Test
    void shouldSendMessagesInsteadOfTheLine() {
        driver.negotiate(VirtioDriver.VERSION_1);
        driver.useMessages(2);
        for (QueueDriver queue : List.of(queue0, queue1)) {
            int index = queue == queue0 ? 0 : 1;
            driver.place(index, queue.layout());
            driver.enable(index);
        }
        driver.ready();
        queue1.request(queue1.writable(1));
        driver.notify(1);
        queue0.request(queue0.writable(1));
        driver.notify(0);
        device.link.configChanged();
        assertEquals(List.of("fee00000:42", "fee00000:41", "fee00000:40"), sink.take());
        assertEquals(0, driver.takeInterrupt());
        driver.write(CommonConfig.QUEUE_VECTOR_OFFSET, 2, 3);
        assertEquals(0xFFFF, driver.read(CommonConfig.QUEUE_VECTOR_OFFSET, 2), "there is no vector 3");
    }

    @Test
    void shouldReachMemoryOnlyAsABusMaster() {
        driver.start(0, queue0, queue1);
        driver.useMessages(2);
        pci.write(PciFunction.COMMAND_OFFSET, 2, PciFunction.COMMAND_MEMORY_BIT);
        int head = queue0.request(queue0.readable((byte) 9), queue0.writable(1));
        driver.notify(0);
        device.link.configChanged();
        assertNull(queue0.takeUsed());
        assertEquals(List.of(), sink.take());
        pci.enable();
        assertEquals(new QueueDriver.Used(head, 1), queue0.takeUsed());
        assertEquals(2, sink.take().size(), "what has waited, and the request's");
        pci.write(PciFunction.COMMAND_OFFSET, 2, PciFunction.COMMAND_MEMORY_BIT);
        queue0.request(queue0.writable(1));
        driver.notify(0);
        assertNull(queue0.takeUsed());
        assertEquals(0xF, driver.status());
    }

    @Test
    void shouldListenWhereItsRegistersAre() {
        driver.start(0, queue0, queue1);
        assertEquals(List.of("feb13000/2", "feb13004/2"), workers.doorbells());
        pci.write(0x20, 4, 0xE0000000L);
        assertEquals(List.of("e0003000/2", "e0003004/2"), workers.doorbells());
        pci.write(4, 2, 0);
        assertEquals(List.of("", ""), workers.doorbells());
        pci.enable();
        assertEquals(List.of("e0003000/2", "e0003004/2"), workers.doorbells());
    }

    @Test
    @DisplayName("a request in flight ends in memory while its device's registers move or go")
    void shouldEndARequestWhileItsRegistersMove() {
        driver.start(0, queue0, queue1);
        device.inRequest = () -> {
            pci.write(0x20, 4, 0xE0000000L);
            pci.write(PciFunction.COMMAND_OFFSET, 2, PciFunction.COMMAND_MASTER_BIT);
        };
        QueueDriver.Buffer answer = queue0.writable(1);
        int head = queue0.request(queue0.readable((byte) 9), answer);
        driver.notify(0);
        assertEquals(new QueueDriver.Used(head, 1), queue0.takeUsed());
        assertArrayEquals(new byte[] {9}, queue0.content(answer));
        assertEquals(List.of("", ""), workers.doorbells());
        device.inRequest = () -> { };
        pci.enable();
        assertEquals(List.of("e0003000/2", "e0003004/2"), workers.doorbells());
        queue0.request(queue0.writable(1));
        pci.memory.dispatchWrite(0xE0000000L + VirtioPci.NOTIFY_OFFSET, 2, 0);
        assertEquals(2, device.served);
    }

    @Test
    void shouldBeReachableThroughConfigurationSpace() {
        pci.write(0x84 + 4, 1, 4);
        pci.write(0x84 + 8, 4, CommonConfig.STATUS_OFFSET);
        pci.write(0x84 + 12, 4, 1);
        pci.write(0x84 + 16, 4, 1);
        assertEquals(1, driver.status());
        assertEquals(1, pci.read(0x84 + 16, 1));
        pci.write(0x84 + 8, 4, VirtioPci.DEVICE_OFFSET);
        pci.write(0x84 + 12, 4, 4);
        assertEquals(0x04030201, pci.read(0x84 + 16, 4));
        for (int[] window : new int[][] {{4, 0x4000, 4}, {4, -4, 4}, {3, 0, 4}, {4, 2, 4}, {4, 0, 3}, {4, 0, 0}}) {
            pci.write(0x84 + 4, 1, window[0]);
            pci.write(0x84 + 8, 4, window[1]);
            pci.write(0x84 + 12, 4, window[2]);
            pci.write(0x84 + 16, 4, 0);
            assertEquals(0, pci.read(0x84 + 16, 4), "no such window");
        }
        assertEquals(1, driver.status());
    }

    @Test
    void shouldGoOnInAnotherMachine() {
        driver.start(0, queue0, queue1);
        queue0.request(queue0.writable(1));
        driver.notify(0);
        queue0.takeUsed();
        PciFixture other = new PciFixture();
        EchoDevice otherDevice = new EchoDevice();
        VirtioPci to = other.plug(new VirtioPci(otherDevice, 0xFF0000, memory, new FakeWorkers(),
                QueueDoorbells.NONE, sink));
        StateRoundTrip.copy(function, to);
        assertTrue(other.irqs[10].level(), "the interrupt still waits");
        QueueDriver.Buffer answer = queue0.writable(1);
        int head = queue0.request(queue0.readable((byte) 9), answer);
        other.memory.dispatchWrite(PciDriver.REGISTERS + VirtioPci.NOTIFY_OFFSET, 2, 0);
        assertEquals(new QueueDriver.Used(head, 1), queue0.takeUsed());
        assertArrayEquals(new byte[] {9}, queue0.content(answer));
        function.reset();
        assertEquals(0, workers.listening());
    }
}

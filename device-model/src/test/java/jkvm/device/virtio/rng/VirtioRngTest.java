package jkvm.device.virtio.rng;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import jkvm.bus.FakeMsiSink;
import jkvm.device.pci.PciFixture;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.transport.FakeWorkers;
import jkvm.device.virtio.transport.PciDriver;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.device.virtio.transport.VirtioDriver;
import jkvm.device.virtio.transport.VirtioPci;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.Test;

class VirtioRngTest {
    private final GuestMemory memory = QueueDriver.newMemory();
    private final QueueDriver queue = VirtioDriver.queue(memory, 0, 8);
    private final PciFixture pci = new PciFixture();
    private final VirtioRng device = new VirtioRng("rng", bytes -> Arrays.fill(bytes, (byte) 0x5A));
    private final VirtioPci function = pci.plug(new VirtioPci(device, 0x00FF00, memory, new FakeWorkers(),
            QueueDoorbells.NONE, new FakeMsiSink()));
    private final PciDriver driver = new PciDriver(pci);

    @Test
    void shouldFillWhatTheDriverOffersUpToItsLimit() {
        assertEquals("rng", function.name());
        assertEquals(0x1044, pci.read(2, 2));
        driver.start(0, queue);
        QueueDriver.Buffer small = queue.writable(3);
        queue.request(small, queue.writable(2));
        QueueDriver.Buffer large = queue.writable(VirtioRng.MAX_REQUEST + 100);
        queue.request(large);
        queue.request(queue.readable((byte) 1));
        driver.notify(0);
        assertEquals(5, queue.takeUsed().length());
        assertArrayEquals(new byte[] {0x5A, 0x5A, 0x5A}, queue.content(small));
        assertEquals(VirtioRng.MAX_REQUEST, queue.takeUsed().length());
        assertEquals(0, queue.content(large)[VirtioRng.MAX_REQUEST]);
        assertEquals(0, queue.takeUsed().length(), "nothing to fill");
    }
}

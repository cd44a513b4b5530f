package jkvm.device.virtio.rng;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

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
import jkvm.work.FakeClock;
import org.junit.jupiter.api.Test;

class VirtioRngTest {
    private final GuestMemory memory = QueueDriver.newMemory();
    private final QueueDriver queue = VirtioDriver.queue(memory, 0, 8);
    private final PciFixture pci = new PciFixture();
    private final FakeClock clock = new FakeClock();
    private int available = Integer.MAX_VALUE;
    private final VirtioRng device = rng(VirtioRng.Limit.NONE);
    private final VirtioPci function = plug(device);
    private final PciDriver driver = new PciDriver(pci);

    private VirtioRng rng(VirtioRng.Limit limit) {
        return new VirtioRng("rng", (bytes, length) -> {
            Arrays.fill(bytes, (byte) 0x5A);
            int count = Math.min(length, available);
            available -= count;
            return count;
        }, limit, clock);
    }

    private VirtioPci plug(VirtioRng rng) {
        return pci.plug(new VirtioPci(rng, 0x00FF00, memory, new FakeWorkers(), QueueDoorbells.NONE,
                new FakeMsiSink()));
    }

    @Test
    void shouldGiveNoMoreThanItsLimitInAPeriod() {
        PciFixture slot = new PciFixture();
        slot.plug(new VirtioPci(rng(new VirtioRng.Limit(10, 100)), 0x00FF00, memory, new FakeWorkers(),
                QueueDoorbells.NONE, new FakeMsiSink()));
        PciDriver limited = new PciDriver(slot);
        limited.start(0, queue);
        for (int i = 0; i < 3; i++) {
            queue.request(queue.writable(7));
        }
        limited.notify(0);
        assertEquals(7, queue.takeUsed().length());
        assertEquals(3, queue.takeUsed().length(), "the rest of the period");
        clock.advanceMillis(99);
        assertNull(queue.takeUsed(), "nothing before the period ends");
        clock.advanceMillis(1);
        assertEquals(7, queue.takeUsed().length());
    }

    @Test
    void shouldLetRequestsWaitWhileTheSourceHasNothing() {
        available = 3;
        driver.start(0, queue);
        queue.request(queue.writable(5));
        queue.request(queue.writable(2));
        driver.notify(0);
        assertEquals(3, queue.takeUsed().length(), "that which there was");
        assertNull(queue.takeUsed());

        available = 100;
        clock.advanceMillis(10);

        assertEquals(2, queue.takeUsed().length());
    }

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

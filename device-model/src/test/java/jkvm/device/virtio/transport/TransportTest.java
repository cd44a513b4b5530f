package jkvm.device.virtio.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.FakeMsiSink;
import jkvm.device.pci.PciFixture;
import jkvm.device.virtio.DeviceLink;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.queue.QueueLayout;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Behaviour that both transports share, for ordinary and for hostile drivers. */
class TransportTest {

    enum Transport { PCI, MMIO }

    private final GuestMemory memory = QueueDriver.newMemory();
    private final QueueDriver queue0 = VirtioDriver.queue(memory, 0, 8);
    private final QueueDriver queue1 = VirtioDriver.queue(memory, 1, 8);
    private final EchoDevice device = new EchoDevice();
    private final FakeWorkers workers = new FakeWorkers();

    private VirtioDriver driver(Transport transport) {
        if (transport == Transport.PCI) {
            PciFixture pci = new PciFixture();
            pci.plug(new VirtioPci(device, 0xFF0000, memory, workers, workers, new FakeMsiSink()));
            return new PciDriver(pci);
        }
        FakeIrqLine line = new FakeIrqLine();
        return new MmioDriver(new VirtioMmio(device, 0xFEB00000L, line, memory, workers, workers), line);
    }

    private void assertEchoes(VirtioDriver driver, QueueDriver queue, int index) {
        QueueDriver.Buffer answer = queue.writable(3);
        int head = queue.request(queue.readable((byte) 7, (byte) 8, (byte) 9), answer);
        driver.notify(index);
        assertEquals(new QueueDriver.Used(head, 3), queue.takeUsed());
        assertArrayEquals(new byte[] {7, 8, 9}, queue.content(answer));
        assertEquals(1, driver.takeInterrupt());
    }

    /** The driver resets the device and uses it again. */
    private void assertWorksAfterReset(VirtioDriver driver) {
        driver.status(0);
        assertEquals(0, driver.status());
        driver.start(0, queue0, queue1);
        assertEquals(0xF, driver.status());
        assertEchoes(driver, queue0, 0);
        assertEchoes(driver, queue1, 1);
    }

    private void assertNeedsReset(VirtioDriver driver) {
        assertTrue((driver.status() & VirtioDriver.NEEDS_RESET) != 0, "status " + driver.status());
        assertTrue((driver.takeInterrupt() & 2) != 0, "a configuration interrupt");
        int served = device.served;
        driver.notify(0);
        driver.notify(1);
        assertEquals(served, device.served, "no service");
        assertWorksAfterReset(driver);
    }

    @ParameterizedTest
    @EnumSource
    void shouldServeADriverThatFollowsTheRules(Transport transport) {
        VirtioDriver driver = driver(transport);
        assertEquals(EchoDevice.FEATURE | VirtioDriver.VERSION_1 | VirtioDriver.EVENT_IDX | VirtioDriver.INDIRECT_DESC
                | VirtioDriver.RING_RESET, driver.offeredFeatures());
        assertEquals(16, driver.maxSize(1));
        driver.start(EchoDevice.FEATURE | VirtioDriver.INDIRECT_DESC, queue0, queue1);
        assertEquals(EchoDevice.FEATURE | VirtioDriver.INDIRECT_DESC | VirtioDriver.VERSION_1, device.features);
        assertEchoes(driver, queue0, 0);
        assertEchoes(driver, queue1, 1);
        assertEquals(0, driver.takeInterrupt());
        driver.status(0);
        assertEquals(0, workers.listening());
        assertNull(device.link);
    }

    @ParameterizedTest
    @EnumSource
    void shouldAcceptOnlyFeaturesThatItOffersAndVersion1(Transport transport) {
        VirtioDriver driver = driver(transport);
        driver.negotiate(0);
        assertEquals(3, driver.status());
        driver.negotiate(VirtioDriver.VERSION_1 | 1);
        assertEquals(3, driver.status());
        driver.ready();
        assertEquals(3, driver.status(), "no DRIVER_OK without features");
        driver.negotiate(VirtioDriver.VERSION_1);
        assertEquals(0xB, driver.status());
        driver.acceptFeatures(-1);
        driver.ready();
        assertEquals(VirtioDriver.VERSION_1, device.features, "features are fixed by FEATURES_OK");
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowAndChangeConfiguration(Transport transport) {
        VirtioDriver driver = driver(transport);
        driver.start(0, queue0, queue1);
        assertEquals(0x04030201, driver.config(0, 4));
        driver.config(1, 2, 0x0908);
        assertEquals(0x04090801, driver.config(0, 4));
        assertEquals(0xFFFFFFFFL, driver.config(4, 4), "all ones past the end, as in QEMU");
        int generation = driver.generation();
        device.link.configChanged();
        assertNotEquals(generation, driver.generation());
        assertTrue((driver.takeInterrupt() & 2) != 0);
    }

    @ParameterizedTest
    @EnumSource
    void shouldResetOneQueueAndEnableItAnew(Transport transport) {
        VirtioDriver driver = driver(transport);
        driver.start(VirtioDriver.RING_RESET, queue0, queue1);
        assertEchoes(driver, queue0, 0);
        driver.resetQueue(0);
        assertFalse(driver.isEnabled(0));
        assertTrue(driver.isEnabled(1));
        assertEchoes(driver, queue1, 1);
        queue0.clear();
        driver.place(0, queue0.layout());
        driver.enable(0);
        assertEchoes(driver, queue0, 0);
        assertEquals(0xF, driver.status());
    }

    @ParameterizedTest
    @EnumSource
    void shouldLetTheDeviceWorkOnAQueueThatIsServed(Transport transport) {
        VirtioDriver driver = driver(transport);
        List<VirtQueue> worked = new ArrayList<>();
        driver.start(VirtioDriver.RING_RESET, queue0);
        DeviceLink link = device.link;
        assertTrue(link.serve(0, worked::add));
        assertFalse(link.serve(1, worked::add), "not enabled");
        driver.resetQueue(0);
        assertFalse(link.serve(0, worked::add), "reset");
        driver.place(0, queue0.layout());
        driver.enable(0);
        assertTrue(link.serve(0, worked::add));
        queue0.availableIndex(0x8000);
        driver.notify(0);
        assertFalse(link.serve(0, worked::add), "failed");
        driver.status(0);
        assertFalse(link.serve(0, worked::add), "the device is reset");
        assertEquals(2, worked.size());
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("resets of one queue and of the device while two are served complete once, with the last")
    void shouldCompleteOneResetForAllThatWereAskedFor(Transport transport) {
        VirtioDriver driver = driver(transport);
        driver.start(VirtioDriver.RING_RESET, queue0, queue1);
        DeviceLink link = device.link;
        int before = device.stops;
        assertTrue(link.serve(0, _ -> {
            assertTrue(link.serve(1, _ -> {
                driver.resetQueue(1);
                driver.status(0);
                driver.status(0);
            }));
            assertNotEquals(0, driver.status(), "queue 0 is still served");
            assertEquals(before, device.stops);
        }));
        assertEquals(0, driver.status());
        assertEquals(before + 1, device.stops);
        assertWorksAfterReset(driver);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a reset while the device works on a queue is complete when that has ended")
    void shouldFinishAResetWhenTheWorkHasEnded(Transport transport) {
        VirtioDriver driver = driver(transport);
        driver.start(0, queue0, queue1);
        int head = queue0.request(queue0.writable(1));
        assertTrue(device.link.serve(0, queue -> {
            DescriptorChain chain = queue.pop();
            driver.status(0);
            assertNotEquals(0, driver.status());
            queue.push(chain, 1);
        }));
        assertEquals(0, driver.status());
        assertNull(queue0.takeUsed(), "request " + head + " is not given back after the reset began");
        assertWorksAfterReset(driver);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("with queue 0xFFFF selected registers read zero and writes go nowhere")
    void shouldBearASelectedQueueThatDoesNotExist(Transport transport) {
        VirtioDriver driver = driver(transport);
        driver.start(0, queue0, queue1);
        for (int queue : new int[] {2, 0x7FFF, 0xFFFF}) {
            assertEquals(0, driver.maxSize(queue));
            driver.place(queue, queue0.layout());
            driver.enable(queue);
            driver.resetQueue(queue);
            assertFalse(driver.isEnabled(queue));
        }
        assertEquals(0xF, driver.status());
        assertEchoes(driver, queue0, 0);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a size of 0, no power of two, or over the maximum needs a reset")
    void shouldRefuseSizes(Transport transport) {
        VirtioDriver driver = driver(transport);
        for (int size : new int[] {0, 3, 32, 0xFFFF, 0x10000}) {
            driver.negotiate(VirtioDriver.VERSION_1);
            driver.place(0, new QueueLayout(size, 0x10000, 0x14000, 0x15000));
            driver.enable(0);
            driver.ready();
            assertNeedsReset(driver);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("size or addresses changed after DRIVER_OK need a reset")
    void shouldRefuseChangesOfAQueueInUse(Transport transport) {
        VirtioDriver driver = driver(transport);
        driver.start(0, queue0, queue1);
        driver.place(1, new QueueLayout(4, 0x40000, 0x50000, 0x60000));
        assertNeedsReset(driver);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("rings outside memory, misaligned or wrapping need a reset")
    void shouldRefuseRings(Transport transport) {
        VirtioDriver driver = driver(transport);
        for (long ring : new long[] {0xFEB10000L, -16, 0x10001, Long.MIN_VALUE}) {
            driver.negotiate(VirtioDriver.VERSION_1);
            driver.place(1, new QueueLayout(8, ring, 0x14000, 0x15000));
            driver.enable(1);
            driver.ready();
            assertNeedsReset(driver);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a runaway available index needs a reset")
    void shouldRefuseARunawayIndex(Transport transport) {
        VirtioDriver driver = driver(transport);
        driver.start(0, queue0, queue1);
        queue0.availableIndex(0x8000);
        driver.notify(0);
        assertNeedsReset(driver);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("loops, nested tables, empty buffers and buffers at registers need a reset")
    void shouldRefuseChains(Transport transport) {
        VirtioDriver driver = driver(transport);
        Object[][] chains = {{0x1000L, 1, QueueDriver.NEXT}, {0x10000L, 16, QueueDriver.INDIRECT}, {0x1000L, 0, 0},
            {0xFEB13000L, 2, QueueDriver.WRITE}};
        for (Object[] chain : chains) {
            driver.start(VirtioDriver.INDIRECT_DESC, queue0, queue1);
            queue0.descriptor(0, (long) chain[0], (int) chain[1], (int) chain[2], 0);
            queue0.offer(0);
            driver.notify(0);
            assertNeedsReset(driver);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("notifications before DRIVER_OK and after a reset do nothing")
    void shouldIgnoreNotificationsWhileNotInUse(Transport transport) {
        VirtioDriver driver = driver(transport);
        driver.notify(0);
        driver.negotiate(VirtioDriver.VERSION_1);
        driver.place(0, queue0.layout());
        driver.enable(0);
        queue0.request(queue0.writable(1));
        driver.notify(0);
        assertEquals(0, device.served);
        driver.start(0, queue0);
        driver.notify(1);
        assertEquals(0xF, driver.status());
        assertEchoes(driver, queue0, 0);
        driver.status(0);
        queue0.request(queue0.writable(1));
        driver.notify(0);
        assertEquals(1, device.served);
        assertEquals(0, driver.status());
        assertWorksAfterReset(driver);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a notification of a queue that does not exist needs a reset")
    void shouldRefuseNotificationsOfMissingQueues(Transport transport) {
        VirtioDriver driver = driver(transport);
        for (int missing : new int[] {2, 0x3FF}) {
            driver.start(0, queue0, queue1);
            driver.notify(missing);
            assertNeedsReset(driver);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNeedAResetWhenTheDeviceItselfFails(Transport transport) {
        VirtioDriver driver = driver(transport);
        driver.start(0, queue0, queue1);
        device.inRequest = () -> {
            throw new OutOfMemoryError("for a test");
        };
        queue0.request(queue0.readable((byte) 5), queue0.writable(1));
        driver.notify(0);
        device.inRequest = () -> { };
        assertNeedsReset(driver);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a reset while a request is in flight is complete only when nothing is written any more")
    void shouldFinishAResetWhenTheRequestInFlightHasEnded(Transport transport) {
        VirtioDriver driver = driver(transport);
        driver.start(0, queue0, queue1);
        int[] status = new int[1];
        device.inRequest = () -> {
            driver.status(0);
            status[0] = driver.status();
        };
        QueueDriver.Buffer answer = queue0.writable(1);
        queue0.request(queue0.readable((byte) 5), answer);
        queue0.request(queue0.readable((byte) 5), queue0.writable(1));
        driver.notify(0);
        assertNotEquals(0, status[0], "not complete in the middle of the request");
        assertEquals(0, driver.status());
        assertNull(queue0.takeUsed(), "nothing is given back after the reset began");
        assertEquals(1, device.served, "the next request is not begun");
        assertEquals(0, driver.takeInterrupt());
        device.inRequest = () -> { };
        assertWorksAfterReset(driver);
        assertNotNull(device.link);
    }
}

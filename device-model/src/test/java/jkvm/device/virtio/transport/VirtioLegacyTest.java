package jkvm.device.virtio.transport;

import static jkvm.device.virtio.transport.LegacyRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jkvm.bus.FakeMsiSink;
import jkvm.bus.StateRoundTrip;
import jkvm.device.pci.PciFixture;
import jkvm.device.pci.PciFunction;
import jkvm.device.virtio.VirtioInterfaces;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The interface of virtio 0.9.5, with values that QEMU 7.2 gives. */
class VirtioLegacyTest {
    private static final int BLOCK_TYPE = 2;
    private static final int IRQ = 10;

    private final GuestMemory memory = QueueDriver.newMemory();
    private final QueueDriver queue0 = QueueDriver.legacy(memory, 16, 0x10000);
    private final QueueDriver queue1 = QueueDriver.legacy(memory, 16, 0x20000);
    private final EchoDevice device = new EchoDevice(BLOCK_TYPE);
    private final FakeWorkers workers = new FakeWorkers();
    private final FakeMsiSink sink = new FakeMsiSink();
    private final PciFixture pci = new PciFixture();
    private final VirtioPci function = pci.plug(function(device, VirtioInterfaces.TRANSITIONAL));
    private final LegacyDriver driver = new LegacyDriver(pci);

    private VirtioPci function(EchoDevice echo, VirtioInterfaces interfaces) {
        return new VirtioPci(echo, new VirtioPciKind(0x010000, interfaces), memory, workers, workers, sink);
    }

    @ParameterizedTest
    @CsvSource({"1, 0x1000", "2, 0x1001", "3, 0x1003", "4, 0x1005"})
    void shouldHaveTheIdsOfATransitionalDevice(int type, int id) {
        PciFixture other = new PciFixture();
        other.plug(function(new EchoDevice(type), VirtioInterfaces.TRANSITIONAL));

        assertEquals(id, other.read(2, 2));
        assertEquals(0, other.read(8, 1), "revision");
        assertEquals(type, other.read(0x2E, 2), "subsystem");
        other.write(0x10, 4, -1);
        assertEquals(0xFFFFFFE1L, other.read(0x10, 4), "32 ports");
        assertEquals(0x98, other.read(0x34, 1), "and the modern structures");
    }

    @Test
    void shouldShowNoModernStructuresWhereTheModernInterfaceIsOff() {
        PciFixture other = new PciFixture();
        other.plug(function(device, VirtioInterfaces.LEGACY));

        assertEquals(0x10011AF4, other.read(0, 4));
        assertEquals(0x40, other.read(0x34, 1));
        assertEquals(0x11, other.read(0x40, 2), "MSI-X is the only capability");
        assertEquals(0, other.read(0x20, 4), "BAR 4");
    }

    @Test
    void shouldServeRequestsBeforeAndAfterTheDriverIsReady() {
        driver.begin(EchoDevice.FEATURE, queue0);
        int early = queue0.request(queue0.readable((byte) 9), queue0.writable(1));
        driver.notify(0);
        assertEquals(new QueueDriver.Used(early, 1), queue0.takeUsed());
        driver.ready();
        int head = queue0.request(queue0.readable((byte) 9), queue0.writable(1));
        driver.notify(0);

        assertEquals(new QueueDriver.Used(head, 1), queue0.takeUsed());
        assertEquals(7, driver.status());
        assertEquals(EchoDevice.FEATURE, device.features);
        assertTrue(pci.irqs[IRQ].level());
        assertEquals(1, driver.takeInterrupt());
        assertEquals(0, driver.takeInterrupt());
        assertFalse(pci.irqs[IRQ].level());
    }

    @Test
    void shouldShowQueuesAndForgetThemInAReset() {
        driver.begin(0, queue0, queue1);
        assertEquals(0x20, driver.read(QUEUE_PAGE_OFFSET, 4));
        assertEquals(16, driver.read(QUEUE_SIZE_OFFSET, 2));
        driver.select(2);
        assertEquals(0, driver.read(QUEUE_SIZE_OFFSET, 2));
        driver.ready();
        driver.select(1);
        driver.write(QUEUE_PAGE_OFFSET, 4, 0);

        assertEquals(0, driver.status());
        assertEquals(0, driver.read(QUEUE_SELECT_OFFSET, 2));
        assertEquals(0, driver.read(QUEUE_PAGE_OFFSET, 4));
        queue0.request(queue0.writable(1));
        driver.notify(0);
        assertNull(queue0.takeUsed());
    }

    @Test
    void shouldNegotiateWithoutVersion1() {
        assertEquals(0x79000000L | EchoDevice.FEATURE, driver.read(DEVICE_FEATURES_OFFSET, 4));
        driver.begin(0xFFL, queue0);
        assertEquals(EchoDevice.FEATURE, driver.read(DRIVER_FEATURES_OFFSET, 4), "what is not offered stays away");
        driver.write(DRIVER_FEATURES_OFFSET, 4, 0xFFFFFFFFL);
        assertEquals(0, driver.read(DRIVER_FEATURES_OFFSET, 4), "a driver that takes the bad feature");
    }

    @Test
    void shouldMoveTheConfigurationBehindTheVectorsWhereTheseAreInUse() {
        assertEquals(0x04030201, driver.read(0x14, 4));
        assertEquals(0xFF, driver.read(0x18, 1));
        pci.write(0x98 + 2, 2, 0x8000);
        assertEquals(0x04030201, driver.read(0x18, 4));
        assertEquals(0xFFFF, driver.read(CONFIG_VECTOR_OFFSET, 2));
        driver.write(CONFIG_VECTOR_OFFSET, 2, 2);
        driver.write(QUEUE_VECTOR_OFFSET, 2, 1);
        assertEquals(2, driver.read(CONFIG_VECTOR_OFFSET, 2));
        assertEquals(1, driver.read(QUEUE_VECTOR_OFFSET, 2));
        driver.write(QUEUE_VECTOR_OFFSET, 2, 3);
        assertEquals(0xFFFF, driver.read(QUEUE_VECTOR_OFFSET, 2), "there is no vector 3");
        driver.write(0x18, 1, 0x55);
        assertEquals(0x55, device.config[0]);
    }

    @Test
    @DisplayName("a driver that does not switch bus mastering on, as Linux before 2.6.34, is served")
    void shouldSwitchBusMasteringOnForADriverThatDoesNot() {
        pci.write(PciFunction.COMMAND_OFFSET, 2, PciFunction.COMMAND_IO_BIT);
        driver.begin(0, queue0);
        driver.ready();
        int head = queue0.request(queue0.writable(1));
        driver.notify(0);
        assertEquals(head, queue0.takeUsed().head());
        assertEquals(PciFunction.COMMAND_IO_BIT | PciFunction.COMMAND_MASTER_BIT,
                pci.read(PciFunction.COMMAND_OFFSET, 2));
    }

    @Test
    void shouldInterruptForAnEmptyQueueWhereThatIsNegotiated() {
        queue0.refuseInterrupts(true);
        driver.begin(0, queue0);
        driver.ready();
        queue0.request(queue0.writable(1));
        driver.notify(0);
        assertEquals(0, driver.takeInterrupt());
        driver.begin(TransportState.NOTIFY_ON_EMPTY, queue1);
        queue1.refuseInterrupts(true);
        driver.ready();
        queue1.request(queue1.writable(1));
        driver.notify(0);
        assertEquals(1, driver.takeInterrupt());
    }

    @Test
    @DisplayName("a queue outside of memory stops the device without a word of it in the status, until a reset")
    void shouldSurviveAQueueOutsideOfMemory() {
        driver.begin(0);
        driver.select(0);
        driver.write(QUEUE_PAGE_OFFSET, 4, 0xFFFFF);
        driver.ready();
        driver.notify(0);
        driver.notify(9);
        assertEquals(7, driver.status());
        driver.begin(0, queue0);
        driver.ready();
        int head = queue0.request(queue0.writable(1));
        driver.notify(0);
        assertEquals(head, queue0.takeUsed().head());
    }

    @Test
    void shouldCarryADriverIntoAnotherMachine() {
        driver.begin(EchoDevice.FEATURE, queue0);
        queue0.request(queue0.writable(1));
        driver.notify(0);
        queue0.takeUsed();
        PciFixture other = new PciFixture();
        EchoDevice otherDevice = new EchoDevice(BLOCK_TYPE);
        VirtioPci to = other.plug(function(otherDevice, VirtioInterfaces.TRANSITIONAL));

        StateRoundTrip.copy(function, to);

        int head = queue0.request(queue0.writable(1));
        other.ports.dispatchWrite(LegacyDriver.PORT + QUEUE_NOTIFY_OFFSET, 2, 0);
        assertEquals(head, queue0.takeUsed().head());
        assertEquals(3, other.ports.dispatchRead(LegacyDriver.PORT + STATUS_OFFSET, 1));
        assertEquals(EchoDevice.FEATURE, otherDevice.features);
    }

    @Test
    void shouldServeAModernDriverAfterALegacyOne() {
        driver.begin(0, queue0);
        driver.ready();
        PciDriver modern = new PciDriver(pci);
        QueueDriver queue = VirtioDriver.queue(memory, 1, 8);
        modern.start(0, queue);
        int head = queue.request(queue.writable(1));
        modern.notify(0);
        assertEquals(head, queue.takeUsed().head());
        assertEquals(List.of(), sink.take());
    }
}

package jkvm.device.virtio.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jkvm.bus.FakeMsiSink;
import jkvm.bus.StateRoundTrip;
import jkvm.device.pci.PciFixture;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.transport.FakeWorkers;
import jkvm.device.virtio.transport.PciDriver;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.device.virtio.transport.VirtioDriver;
import jkvm.device.virtio.transport.VirtioPci;
import jkvm.host.chardev.FakeChardev;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.Test;

class VirtioConsoleTest {
    private final GuestMemory memory = QueueDriver.newMemory();
    private final QueueDriver input = VirtioDriver.queue(memory, 0, 8);
    private final QueueDriver output = VirtioDriver.queue(memory, 1, 8);
    private final FakeChardev host = new FakeChardev();
    private final VirtioConsole console = new VirtioConsole("console", host);
    private final PciFixture pci = new PciFixture();
    private final VirtioPci function = pci.plug(function(console));
    private final PciDriver driver = new PciDriver(pci);

    private VirtioPci function(VirtioConsole device) {
        return new VirtioPci(device, 0x078000, memory, new FakeWorkers(), QueueDoorbells.NONE, new FakeMsiSink());
    }

    private void print(String text) {
        output.request(output.readable(text.getBytes(StandardCharsets.US_ASCII)));
        driver.notify(1);
    }

    private static String text(QueueDriver queue, QueueDriver.Buffer buffer, int length) {
        return new String(Arrays.copyOf(queue.content(buffer), length), StandardCharsets.US_ASCII);
    }

    @Test
    void shouldPassBytesBothWays() {
        driver.start(0, input, output);
        print("hello ");
        print("host");
        assertEquals("hello host", host.text());
        QueueDriver.Buffer buffer = input.writable(16);
        input.request(buffer);
        driver.notify(0);
        host.send("typed");
        assertEquals(5, input.takeUsed().length());
        assertEquals("typed", text(input, buffer, 5));
        assertEquals(1, driver.takeInterrupt());
    }

    @Test
    void shouldKeepInputUntilTheDriverHasABufferAndStopTheHostWhenItIsFull() {
        host.send("before the driver ");
        driver.start(0, input, output);
        assertEquals(VirtioConsole.INPUT_SIZE - 18, console.receivable());
        host.send(new byte[VirtioConsole.INPUT_SIZE]);
        assertEquals(0, console.receivable());
        assertEquals(0, host.inputWantedCount());
        QueueDriver.Buffer buffer = input.writable(18);
        input.request(buffer);
        driver.notify(0);
        assertEquals("before the driver ", text(input, buffer, 18));
        assertEquals(18, console.receivable());
        assertEquals(1, host.inputWantedCount());
    }

    @Test
    void shouldGiveOutputBackWhenTheHostHasTakenAllOfIt() {
        driver.start(0, input, output);
        host.setRoom(3);
        print("abcdef");
        print("ghi");
        assertEquals("abc", host.text());
        assertNull(output.takeUsed());
        host.makeRoom(1);
        assertEquals("abcd", host.text());
        assertNull(output.takeUsed());
        host.makeRoom(100);
        assertEquals("abcdefghi", host.text());
        assertEquals(0, output.takeUsed().head());
        assertEquals(1, output.takeUsed().head());
    }

    @Test
    void shouldBeginAnewAfterAResetInTheMiddleOfOutput() {
        driver.start(0, input, output);
        host.setRoom(3);
        print("abcdef");
        driver.status(0);
        host.makeRoom(100);
        assertEquals("abc", host.text());
        driver.start(0, input, output);
        print("xyz");
        assertEquals("abcxyz", host.text());
    }

    @Test
    void shouldTellTheDriverItsNewSize() {
        driver.start(VirtioConsole.SIZE, input, output);
        int generation = driver.generation();
        host.resizeWindow(132, 43);
        assertTrue((driver.takeInterrupt() & 2) != 0);
        assertNotEquals(generation, driver.generation());
        assertEquals(132, driver.config(VirtioConsole.COLUMNS_OFFSET, 2));
        assertEquals(43, driver.config(VirtioConsole.ROWS_OFFSET, 2));
    }

    @Test
    void shouldPrintEmergencyOutputBeforeTheDriverIsReady() {
        driver.config(VirtioConsole.EMERGENCY_OFFSET, 4, '!');
        assertEquals("!", host.text());
    }

    @Test
    void shouldGoOnInTheMiddleOfOutputAndWithItsInputInAnotherMachine() {
        driver.start(0, input, output);
        host.setRoom(2);
        print("abcd");
        host.send("waiting");
        FakeChardev otherHost = new FakeChardev();
        VirtioConsole other = new VirtioConsole("console", otherHost);
        otherHost.setRoom(0);
        PciFixture otherPci = new PciFixture();
        StateRoundTrip.copy(function, otherPci.plug(function(other)));
        otherHost.makeRoom(100);
        assertEquals("cd", otherHost.text());
        assertEquals(VirtioConsole.INPUT_SIZE - 7, other.receivable());
    }
}

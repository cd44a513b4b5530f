package jkvm.device.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.queue.QueueDriver.Buffer;
import jkvm.device.virtio.queue.QueueLayout;
import jkvm.device.virtio.transport.PciDriver;
import jkvm.device.virtio.transport.VirtioDriver;
import jkvm.host.net.Frames;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Attacks of a hostile driver on a network card's queues; all queues work again after a reset. */
class VirtioNetThreatTest {
    private final NetFixture machine = new NetFixture().start();

    private QueueDriver queue(int index) {
        return switch (index) {
            case VirtioNet.RECEIVE_QUEUE -> machine.receive;
            case VirtioNet.TRANSMIT_QUEUE -> machine.transmit;
            default -> machine.control;
        };
    }

    /** Makes the device look at the queue: by its thread, or for a frame. */
    private void serve(int index) {
        machine.driver.notify(index);
        if (index == VirtioNet.RECEIVE_QUEUE) {
            assertFalse(machine.backend.offer(Frames.toNic(60)));
        }
    }

    private void assertWorks() {
        machine.send(NetFixture.plain(), Frames.toNic(64));
        assertArrayEquals(Frames.toNic(64), machine.backend.sent.getLast());
        machine.offer(1526);
        assertTrue(machine.backend.offer(Frames.toNic(65)));
        assertArrayEquals(Frames.toNic(65), machine.take().frame());
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
    }

    private void assertNeedsReset() {
        assertTrue(machine.needsReset());
        assertTrue((machine.driver.takeInterrupt() & 2) != 0, "a configuration interrupt");
        int sent = machine.backend.count;
        machine.send(NetFixture.plain(), Frames.toNic(60));
        assertEquals(sent, machine.backend.count, "no service");
        assertFalse(machine.backend.offer(Frames.toNic(60)));
        int ready = machine.backend.readyCalls;
        machine.driver.status(0);
        assertEquals(ready + 1, machine.backend.readyCalls);
        machine.start();
        assertWorks();
    }

    @Test
    @DisplayName("rings of any size and at any address need a reset at most")
    void shouldBearRingsThatAreNone() {
        for (int index = 0; index < 3; index++) {
            for (QueueLayout layout : new QueueLayout[] {new QueueLayout(0, 0x10000, 0x14000, 0x15000),
                new QueueLayout(1024, 0x10000, 0x14000, 0x15000), new QueueLayout(16, -16, 0x14000, 0x15000),
                new QueueLayout(16, 0x10000, QueueDriver.MEMORY_SIZE - 4, 0x15000),
                new QueueLayout(16, 0x10000, 0x14000, PciDriver.REGISTERS)}) {
                machine.driver.negotiate(VirtioDriver.VERSION_1);
                machine.driver.place(index, layout);
                machine.driver.enable(index);
                machine.driver.ready();
                assertTrue(machine.needsReset());
                assertFalse(machine.backend.offer(Frames.toNic(60)));
                machine.driver.status(0);
                machine.start();
            }
        }
        assertWorks();
    }

    @Test
    @DisplayName("a queue moved while it is in use needs a reset")
    void shouldRefuseChangesOfAQueueInUse() {
        for (int index = 0; index < 3; index++) {
            machine.driver.place(index, new QueueLayout(8, 0x40000, 0x50000, 0x60000));
            assertNeedsReset();
        }
    }

    @Test
    @DisplayName("an available index that runs away needs a reset")
    void shouldRefuseARunawayIndex() {
        for (int index = 0; index < 3; index++) {
            queue(index).availableIndex(0x8000);
            serve(index);
            assertNeedsReset();
        }
    }

    @Test
    @DisplayName("loops, nested tables, empty buffers and buffers at registers need a reset")
    void shouldRefuseChains() {
        Object[][] chains = {{0x1000L, 1, QueueDriver.NEXT}, {0x1000L, 1, QueueDriver.NEXT | QueueDriver.WRITE},
            {0x40000L, 16, QueueDriver.INDIRECT}, {0x1000L, 0, QueueDriver.WRITE}, {0x1000L, -1, QueueDriver.WRITE},
            {PciDriver.REGISTERS + 0x3000, 12, QueueDriver.WRITE}, {PciDriver.REGISTERS, 64, 0}};
        machine.receive.descriptorAt(0x40000, 0x40000, 16, QueueDriver.INDIRECT, 0);
        for (int index = 0; index < 3; index++) {
            for (Object[] chain : chains) {
                queue(index).descriptor(0, (long) chain[0], (int) chain[1], (int) chain[2], 0);
                queue(index).offer(0);
                serve(index);
                assertNeedsReset();
            }
        }
    }

    @Test
    @DisplayName("buffers of many megabytes drop their frame, and readable ones after writable ones need a reset")
    void shouldBearLargeAndMixedBuffers() {
        Buffer whole = new Buffer(0, QueueDriver.MEMORY_SIZE, false);
        machine.transmit.request(whole);
        serve(VirtioNet.TRANSMIT_QUEUE);
        assertEquals(1, machine.nic.droppedFromGuest());
        machine.control.request(whole, new Buffer(0x50000, 1, true));
        serve(VirtioNet.CONTROL_QUEUE);
        assertFalse(machine.needsReset());
        Buffer[] many = new Buffer[NetFixture.QUEUE_SIZE];
        Arrays.fill(many, whole);
        machine.transmit.request(many);
        serve(VirtioNet.TRANSMIT_QUEUE);
        assertEquals(2, machine.nic.droppedFromGuest());
        machine.transmit.request(machine.writable(4), machine.readable((byte) 1));
        serve(VirtioNet.TRANSMIT_QUEUE);
        assertNeedsReset();
    }

    @Test
    @DisplayName("the same buffer offered without end is served or breaks the queue, and takes no memory")
    void shouldBearEndlessSubmission() {
        machine.backend.keeps = false;
        Buffer header = machine.readable(NetFixture.plain());
        Buffer frame = machine.readable(Frames.toNic(60));
        for (int i = 0; i < 70_000; i++) {
            machine.send(header, frame);
            machine.transmit.takeUsed();
        }
        assertEquals(70_000, machine.backend.count);
        machine.receive.descriptor(0, 0x50000, 1526, QueueDriver.WRITE, 0);
        for (int i = 0; i < 70_000; i++) {
            machine.receive.offer(0);
            assertTrue(machine.backend.offer(Frames.toNic(60)));
        }
        machine.receive.descriptor(0, 0x50000, 12, QueueDriver.WRITE, 0);
        for (int i = 0; i <= NetFixture.QUEUE_SIZE; i++) {
            machine.receive.offer(0);
        }
        assertFalse(machine.backend.offer(Frames.toNic(60)));
        machine.backend.keeps = true;
        assertNeedsReset();
    }

    @Test
    @DisplayName("notifications of missing queues, before DRIVER_OK and after a reset send nothing")
    void shouldSendNothingForNotificationsOfWhatIsNotThere() {
        machine.driver.notify(3);
        machine.driver.notify(0x3FF);
        machine.driver.status(0);
        machine.transmit.request(machine.readable(NetFixture.plain()), machine.readable(Frames.toNic(60)));
        for (int index = 0; index < 4; index++) {
            machine.driver.notify(index);
        }
        assertEquals(0, machine.backend.count);
        assertEquals(0, machine.driver.status());
        machine.start();
        assertWorks();
    }

    @Test
    @DisplayName("a header that another CPU rewrites while it is read is judged by the copy")
    void shouldJudgeTheCopyOfAHeader() throws InterruptedException {
        machine.backend.keeps = false;
        byte[] frame = Frames.ipv4(6, 2000, true);
        byte[] good = NetFixture.header(NetFixture.NEEDS_CSUM, 1, Frames.HEADER, 1448, Frames.TCP, 16);
        Buffer header = machine.readable(good);
        Buffer content = machine.readable(frame);
        Thread rewriter = Thread.ofPlatform().start(() -> {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                machine.memory.writeByte(header.address() + i % 12, (byte) (i % 5 == 0 ? i : good[i % 12]));
                machine.memory.writeByte(content.address() + Frames.TCP + 12, (byte) (i % 3 == 0 ? i : 0x50));
            }
        });
        for (int i = 0; i < 20_000; i++) {
            machine.send(header, content);
            assertEquals(0, machine.transmit.takeUsed().length());
        }
        rewriter.interrupt();
        rewriter.join();
        assertEquals(20_000, machine.backend.count + machine.nic.droppedFromGuest());
        assertFalse(machine.needsReset());
    }

    @Test
    @DisplayName("buffers that are the rings themselves break at most the queue")
    void shouldBearBuffersInItsOwnRings() {
        QueueLayout rings = machine.receive.layout();
        for (long address : new long[] {rings.descriptors(), rings.driver(), rings.device()}) {
            machine.receive.request(new Buffer(address, 2048, true));
            for (int i = 0; i < 3; i++) {
                machine.backend.offer(Frames.toNic(2000));
            }
            machine.driver.status(0);
            machine.start();
        }
        assertWorks();
    }

    @Test
    @DisplayName("a reset while a frame is being sent is complete when that has ended; none follows")
    void shouldFinishAResetWhenTheFrameInFlightHasEnded() {
        int[] status = new int[1];
        machine.backend.inSend = () -> {
            machine.driver.status(0);
            status[0] = machine.driver.status();
        };
        machine.workers.hold();
        machine.send(NetFixture.plain(), Frames.toNic(60));
        machine.send(NetFixture.plain(), Frames.toNic(61));
        machine.workers.run();
        assertNotEquals(0, status[0], "not complete in the middle of it");
        assertEquals(0, machine.driver.status());
        assertEquals(1, machine.backend.count);
        assertNull(machine.transmit.takeUsed());
    }
}

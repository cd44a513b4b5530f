package jkvm.device.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.queue.QueueLayout;
import jkvm.device.virtio.transport.VirtioDriver;
import jkvm.host.net.Frames;
import jkvm.host.net.NetFrame;
import jkvm.work.Workers;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several vCPUs and the wire at the same card at once, with the real threads of its queues. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VirtioNetThreadsTest {
    private static final int STEPS = 5_000;
    private static final int FRAMES = 1000;
    private static final int BUFFER = 2048;
    private static final int BUFFERS_START = 0x40000;

    private final NetFixture machine = new NetFixture(NetSettings.DEFAULT, QueueDriver.newMemory(),
            Workers.onThreads());
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean done = new AtomicBoolean();

    private Thread thread(Runnable step) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                while (!done.get()) {
                    step.run();
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        });
    }

    private void reset() {
        machine.driver.status(0);
        while (machine.driver.status() != 0) {
            Thread.yield();
        }
    }

    private void start() {
        machine.driver.negotiate(machine.nic.features() | VirtioDriver.VERSION_1);
        prepare(machine.receive, VirtioNet.RECEIVE_QUEUE, QueueDriver.WRITE);
        prepare(machine.transmit, VirtioNet.TRANSMIT_QUEUE, 0);
        machine.driver.ready();
    }

    private void prepare(QueueDriver queue, int index, int flags) {
        queue.clear();
        for (int i = 0; i < NetFixture.QUEUE_SIZE; i++) {
            queue.descriptor(i, BUFFERS_START + BUFFER * i, flags == 0 ? 100 + i : BUFFER, flags, 0);
        }
        machine.driver.place(index, queue.layout());
        machine.driver.enable(index);
    }

    /** Offers what is in the table, as far as the device is ready for it; a reset in between may make it more. */
    private void offer(QueueDriver queue, int index, int count) {
        QueueLayout layout = queue.layout();
        int at = machine.memory.readShort(layout.driver() + 2) & 0xFFFF;
        int used = machine.memory.readShort(layout.device() + 2) & 0xFFFF;
        if ((at + count - used & 0xFFFF) <= NetFixture.QUEUE_SIZE) {
            for (int i = 0; i < count; i++) {
                int slot = at + i & NetFixture.QUEUE_SIZE - 1;
                machine.memory.writeShort(layout.driver() + 4 + 2L * slot, (short) slot);
            }
            machine.memory.writeShortRelease(layout.driver() + 2, (short) (at + count));
        }
        machine.driver.notify(index);
    }

    private void assertWorks() {
        reset();
        machine.backend.full = false;
        machine.nic.setLink(true);
        machine.backend.keeps = true;
        machine.start();
        machine.send(NetFixture.plain(), Frames.toNic(64));
        while (machine.transmit.takeUsed() == null) {
            Thread.yield();
        }
        assertArrayEquals(Frames.toNic(64), machine.backend.sent.getLast());
        machine.offer(1526);
        assertTrue(machine.backend.offer(Frames.toNic(65)));
        assertArrayEquals(Frames.toNic(65), machine.take().frame());
        machine.function.reset();
    }

    @Test
    @DisplayName("five threads may change rings, reset, pull the cable and send frames both ways at once")
    void shouldBearSeveralThreadsAtOnce() throws InterruptedException {
        machine.backend.keeps = false;
        start();
        Random first = new Random(1);
        Random second = new Random(2);
        Random third = new Random(3);
        NetFrame frame = machine.backend.frame(Frames.ipv4(6, 1400, true));
        List<Thread> threads = new ArrayList<>();
        threads.add(thread(() -> offer(machine.transmit, VirtioNet.TRANSMIT_QUEUE, first.nextInt(3))));
        threads.add(thread(() -> offer(machine.receive, VirtioNet.RECEIVE_QUEUE, second.nextInt(3))));
        threads.add(thread(() -> {
            frame.setGso(NetFrame.GSO_TCPV4, 500, Frames.HEADER);
            frame.setChecksum(Frames.TCP, 16);
            machine.backend.device().receive(frame);
        }));
        threads.add(thread(() -> {
            machine.backend.full = third.nextInt(4) == 0;
            machine.backend.device().sendReady();
            machine.nic.setLink(third.nextInt(8) != 0);
        }));
        // The others may be slow to get going on a busy machine.
        for (int i = 0; (i < STEPS || machine.backend.count < FRAMES) && failure.get() == null; i++) {
            if (i % 64 == 0) {
                reset();
                start();
            }
            machine.driver.config(0, 4);
        }
        done.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertNull(failure.get());
        assertWorks();
    }

    @Test
    @DisplayName("when a reset is complete no frame is stored any more")
    void shouldStoreNothingAfterAReset() throws InterruptedException {
        NetFrame frame = machine.backend.frame(Frames.toNic(1500));
        Thread wire = thread(() -> machine.backend.device().receive(frame));
        int size = NetFixture.QUEUE_SIZE * BUFFER;
        byte[] untouched = new byte[size];
        byte[] found = new byte[size];
        for (int i = 0; i < 200; i++) {
            start();
            offer(machine.receive, VirtioNet.RECEIVE_QUEUE, NetFixture.QUEUE_SIZE);
            reset();
            machine.memory.fill(BUFFERS_START, size, (byte) 0);
            Thread.yield();
            machine.memory.read(BUFFERS_START, found, 0, size);
            assertArrayEquals(untouched, found);
        }
        done.set(true);
        wire.join();
        assertNull(failure.get());
        assertWorks();
    }

    @Test
    void shouldLoseNoFrameAndNoWakeUpUnderLoad() throws InterruptedException {
        machine.start();
        int count = 5_000;
        int[] given = new int[1];
        Thread wire = Thread.ofPlatform().daemon().start(() -> {
            for (int i = 0; i < count; i++) {
                NetFrame frame = machine.backend.frame(Frames.toNic(100 + i % 3));
                int ready = machine.backend.readyCalls;
                while (!machine.backend.device().receive(frame)) {
                    while (machine.backend.readyCalls == ready) {
                        Thread.yield();
                    }
                    ready = machine.backend.readyCalls;
                }
                given[0]++;
            }
        });
        int taken = 0;
        while (taken < count) {
            int inRing = 0;
            for (; inRing < 8; inRing++) {
                machine.offer(256);
            }
            for (int i = 0; i < inRing && taken < count; i++) {
                NetFixture.Received received = machine.take();
                while (received == null) {
                    received = machine.take();
                }
                assertEquals(100 + taken % 3, received.frame().length);
                taken++;
            }
            assertFalse(machine.needsReset());
        }
        wire.join();
        assertEquals(count, given[0]);
        machine.function.reset();
    }
}

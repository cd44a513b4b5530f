package jkvm.device.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import jkvm.bus.StateRoundTrip;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.queue.QueueLayout;
import jkvm.device.virtio.transport.VirtioDriver;
import jkvm.host.net.Frames;
import jkvm.host.net.NetFrame;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A guest that does anything: the card neither throws nor hangs nor grows, and serves the next driver. */
class VirtioNetRandomTest {
    private static final int INPUTS = 1_500_000;
    private static final int[] GSO_TYPES = {0, 0, 0, 1, 1, 4, 3, 0x81};

    private final NetFixture machine = new NetFixture();
    private final QueueDriver[] queues = {machine.receive, machine.transmit, machine.control};
    private final int[] available = new int[queues.length];
    private final Random random = new Random(5_1);
    private final byte[] noise = new byte[1 << 16];
    private final byte[][] frames = new byte[32][];
    private long received;
    private long answered;
    private int resets;

    private void setUp() {
        machine.backend.keeps = false;
        random.nextBytes(noise);
        for (int i = 0; i < frames.length; i++) {
            byte[] address = i % 3 == 0 ? Frames.mac(-1, -1, -1, -1, -1, -1) : Frames.MAC;
            frames[i] = Frames.to(address, i < 4 ? 14 + i : 1 << 5 + i / 3);
            if (i % 4 == 0 && i > 3) {
                frames[i] = Frames.tagged(frames[i], i);
            } else if (i % 4 == 1) {
                frames[i] = Frames.ipv4(i % 8 == 1 ? 6 : 17, 100 * i, true);
            }
        }
        restart(machine.nic.features());
    }

    @Test
    @DisplayName("1.5 million random inputs to rings, registers and the wire throw nothing")
    void shouldBearAnyGuest() {
        setUp();
        for (int i = 0; i < INPUTS; i++) {
            step();
        }
        assertTrue(machine.backend.count > 1000, () -> "sent " + machine.backend.count);
        assertTrue(received > 1000, () -> "received " + received);
        assertTrue(answered > 1000, () -> "commands " + answered);
        assertTrue(machine.nic.droppedFromGuest() > 1000, () -> "dropped " + machine.nic.droppedFromGuest());
        assertTrue(machine.nic.droppedForGuest() > 100, () -> "dropped " + machine.nic.droppedForGuest());
        assertTrue(resets > 1000, () -> "resets " + resets);
        machine.backend.full = false;
        machine.backend.keeps = true;
        machine.nic.setLink(true);
        machine.driver.status(0);
        machine.start();
        assertEquals(3, machine.workers.listening());
        assertEquals(3, machine.workers.doorbells().size(), "resets leave none behind");
        machine.send(NetFixture.plain(), Frames.toNic(77));
        assertArrayEquals(Frames.toNic(77), machine.backend.sent.getLast());
        machine.offer(1526);
        assertTrue(machine.backend.offer(Frames.toNic(66)));
        assertArrayEquals(Frames.toNic(66), machine.take().frame());
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        StateRoundTrip.copy(machine.function, new NetFixture(NetSettings.DEFAULT, machine.memory).function);
    }

    private void restart(long features) {
        resets++;
        machine.driver.negotiate(features | VirtioDriver.VERSION_1);
        for (int i = 0; i < queues.length; i++) {
            queues[i].clear();
            available[i] = 0;
            for (int index = 0; index < NetFixture.QUEUE_SIZE; index++) {
                queues[i].descriptor(index, address(), 1526, i == VirtioNet.TRANSMIT_QUEUE ? 0 : QueueDriver.WRITE, 0);
            }
            machine.driver.place(i, queues[i].layout());
            machine.driver.enable(i);
        }
        machine.driver.ready();
    }

    private void step() {
        boolean serves = (machine.driver.status() & (VirtioDriver.NEEDS_RESET | VirtioDriver.DRIVER_OK))
                == VirtioDriver.DRIVER_OK;
        if (!serves && random.nextInt(4) == 0) {
            restart(random.nextInt(3) == 0 ? machine.nic.features()
                    : random.nextLong() & machine.driver.offeredFeatures());
        }
        switch (random.nextInt(16)) {
            case 0, 1 -> offerBuffers();
            case 2, 3, 4 -> offerFrame();
            case 5 -> offerCommand();
            case 6, 7, 8, 9 -> arrive();
            case 10 -> machine.driver.notify(random.nextInt(64) == 0 ? 3 : random.nextInt(3));
            case 11 -> {
                if (random.nextInt(8) == 0) {
                    corrupt();
                }
            }
            case 12 -> registers();
            case 13 -> wire();
            default -> {
                int queue = random.nextInt(3);
                offer(queue, random.nextInt(256) == 0 ? random.nextInt() : random.nextInt(NetFixture.QUEUE_SIZE));
            }
        }
    }

    private void offer(int queue, int head) {
        QueueLayout layout = queues[queue].layout();
        machine.memory.writeShort(layout.driver() + 4 + 2L * (available[queue] & NetFixture.QUEUE_SIZE - 1),
                (short) head);
        available[queue] = available[queue] + 1 & 0xFFFF;
        machine.memory.writeShortRelease(layout.driver() + 2, (short) available[queue]);
        if (random.nextBoolean()) {
            machine.driver.notify(queue);
        }
    }

    private long address() {
        return 0x40000 + random.nextInt(QueueDriver.MEMORY_SIZE - 0x40000 - (1 << 16));
    }

    private void offerBuffers() {
        int index = random.nextInt(NetFixture.QUEUE_SIZE);
        int length = random.nextInt(4) == 0 ? 8 + random.nextInt(600) : 1526 + random.nextInt(5000);
        machine.receive.descriptor(index, address(), length, QueueDriver.WRITE, 0);
        offer(VirtioNet.RECEIVE_QUEUE, index);
    }

    private byte[] header() {
        boolean sane = random.nextInt(3) != 0;
        int type = GSO_TYPES[random.nextInt(GSO_TYPES.length)];
        return sane ? NetFixture.header(1, type, Frames.HEADER, type == 0 ? 0 : 536, Frames.TCP, 16)
                : NetFixture.header(random.nextInt(4), type, random.nextInt(70000), random.nextInt(4) * 700,
                        random.nextInt(100), random.nextInt(100));
    }

    /** A header and a frame in two descriptors that follow one another. */
    private void offerFrame() {
        int index = random.nextInt(NetFixture.QUEUE_SIZE - 1);
        byte[] frame = frames[random.nextInt(frames.length)];
        long at = address();
        machine.memory.write(at, header());
        machine.memory.write(at + 16, frame);
        boolean sane = random.nextInt(32) != 0;
        machine.transmit.descriptor(index, at, sane ? 12 : random.nextInt(30), QueueDriver.NEXT, index + 1);
        machine.transmit.descriptor(index + 1, at + 16, sane ? frame.length : random.nextInt(80_000), 0, 0);
        offer(VirtioNet.TRANSMIT_QUEUE, index);
    }

    private void offerCommand() {
        byte[] command = new byte[2 + random.nextInt(random.nextInt(4) == 0 ? 600 : 12)];
        random.nextBytes(command);
        command[0] = (byte) random.nextInt(6);
        command[1] = (byte) random.nextInt(6);
        if (command[0] == ControlQueue.MAC_CLASS && command.length > 6) {
            command[2] = (byte) random.nextInt(80);
            command[3] = 0;
            command[4] = 0;
            command[5] = 0;
        }
        int index = random.nextInt(NetFixture.QUEUE_SIZE - 1);
        long at = address();
        machine.memory.write(at, command);
        machine.memory.writeByte(at + 1000, (byte) 0xFF);
        machine.control.descriptor(index, at, command.length, QueueDriver.NEXT, index + 1);
        machine.control.descriptor(index + 1, at + 1000, 1, QueueDriver.WRITE, 0);
        offer(VirtioNet.CONTROL_QUEUE, index);
        machine.driver.notify(VirtioNet.CONTROL_QUEUE);
        answered += machine.memory.readByte(at + 1000) == ControlQueue.OK ? 1 : 0;
    }

    private void arrive() {
        NetFrame frame = machine.backend.frame(frames[random.nextInt(frames.length)]);
        if (random.nextInt(3) == 0) {
            frame.setGso(GSO_TYPES[random.nextInt(GSO_TYPES.length)] & 0x7F, random.nextInt(3) * 500, 0);
        }
        if (random.nextInt(3) == 0) {
            frame.setChecksum(random.nextInt(4) == 0 ? random.nextInt(70000) : Frames.TCP, 16);
        }
        received += machine.backend.device().receive(frame) ? 1 : 0;
    }

    /** Anything into a descriptor, a ring or the memory in general. */
    private void corrupt() {
        QueueDriver queue = queues[random.nextInt(queues.length)];
        QueueLayout layout = queue.layout();
        switch (random.nextInt(8)) {
            case 0 -> queue.descriptor(random.nextInt(NetFixture.QUEUE_SIZE), random.nextLong(), random.nextInt(),
                    random.nextInt(), random.nextInt());
            case 1 -> queue.descriptor(random.nextInt(NetFixture.QUEUE_SIZE), layout.descriptors()
                    + random.nextInt(0x6000), random.nextInt(1 << 16), random.nextInt(8), random.nextInt(16));
            case 2 -> machine.memory.writeShort(layout.driver() + random.nextInt(20) * 2, (short) random.nextInt());
            case 3 -> machine.memory.writeShort(layout.device() + random.nextInt(70) * 2, (short) random.nextInt());
            default -> queue.descriptor(random.nextInt(NetFixture.QUEUE_SIZE), address(), random.nextInt(1 << 14),
                    random.nextInt(4), random.nextInt(NetFixture.QUEUE_SIZE));
        }
    }

    private void registers() {
        machine.driver.config(random.nextInt(64), 1 << random.nextInt(4));
        machine.driver.config(random.nextInt(64), 1 << random.nextInt(4), random.nextLong());
        machine.driver.takeInterrupt();
        if (random.nextInt(32) == 0) {
            machine.driver.resetQueue(random.nextInt(4));
        }
        if (random.nextInt(64) == 0) {
            restart(random.nextLong() & machine.driver.offeredFeatures());
        }
        if (random.nextInt(64) == 0) {
            machine.driver.status(random.nextInt(256));
        }
    }

    private void wire() {
        machine.backend.full = random.nextInt(4) == 0;
        machine.backend.device().sendReady();
        if (random.nextInt(16) == 0) {
            machine.nic.setLink(random.nextInt(4) != 0);
        }
    }
}

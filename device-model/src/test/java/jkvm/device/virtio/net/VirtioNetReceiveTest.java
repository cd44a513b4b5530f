package jkvm.device.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import jkvm.bus.StateRoundTrip;
import jkvm.device.virtio.DeviceLink;
import jkvm.device.virtio.QueueWork;
import jkvm.device.virtio.queue.QueueEvents;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.net.Frames;
import jkvm.host.net.NetFrame;
import jkvm.host.net.NetOffload;
import jkvm.host.net.RecordingBackend;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class VirtioNetReceiveTest {
    private static final int BUFFER = 1526;
    private static final int TCP_SUM = 16;
    private static final long MERGES = NetFixture.features(NetFeature.MRG_RXBUF);
    private static final long OFFLOADS = NetFixture.features(NetFeature.GUEST_CSUM, NetFeature.GUEST_TSO4,
            NetFeature.GUEST_TSO6);

    private final NetFixture machine = new NetFixture();
    private final byte[] segment = Frames.ipv4(6, 4000, true);

    /** A frame to be segmented into three. */
    private NetFrame toCut() {
        NetFrame frame = machine.backend.frame(segment);
        frame.setGso(NetFrame.GSO_TCPV4, 1448, Frames.HEADER);
        frame.setChecksum(Frames.TCP, TCP_SUM);
        return frame;
    }

    private boolean receive(NetFrame frame) {
        return machine.backend.device().receive(frame);
    }

    private void assertReceives(byte[] frame) {
        assertTrue(machine.backend.offer(frame));
        assertArrayEquals(frame, machine.take().frame());
    }

    @Test
    void shouldStoreAFrameBehindItsHeaderInOneBuffer() {
        machine.start(0);
        machine.offer(BUFFER);
        byte[] frame = Frames.toNic(1514);
        assertTrue(machine.backend.offer(frame));
        assertEquals(1, machine.driver.takeInterrupt());
        NetFixture.Received received = machine.take();
        assertArrayEquals(frame, received.frame());
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}, received.header());
    }

    @Test
    void shouldStoreHeaderAndFrameInPiecesOfOneRequest() {
        machine.start(0);
        machine.offer(12, 60, 1500);
        assertReceives(Frames.toNic(1514));
        machine.offer(5, 6, 4, 1511);
        assertReceives(Frames.toNic(1514));
    }

    @Test
    void shouldStoreAFrameInAsManyBuffersAsItNeeds() {
        machine.start(MERGES);
        for (int i = 0; i < 4; i++) {
            machine.offer(BUFFER);
        }
        byte[] frame = Frames.toNic(2 * BUFFER - 12);
        assertTrue(machine.backend.offer(frame));
        NetFixture.Received received = machine.take();
        assertEquals(2, received.buffers());
        assertArrayEquals(frame, received.frame());
        assertReceives(Frames.toNic(60));
        machine.offer(12);
        machine.offer(12);
        assertTrue(machine.backend.offer(Frames.toNic(BUFFER + 1)));
        received = machine.take();
        assertEquals(3, received.buffers(), "1526, 12 and 1 bytes");
        assertArrayEquals(Frames.toNic(BUFFER + 1), received.frame());
    }

    @Test
    void shouldStoreTheLongestFrameInMergedBuffers() {
        machine.start(MERGES);
        for (int i = 0; i < NetFixture.QUEUE_SIZE; i++) {
            machine.offer(4608);
        }
        assertReceives(Frames.toNic(NetFrame.MAX_LENGTH));
    }

    @Test
    void shouldLeaveFramesWithTheBackendUntilThereAreBuffers() {
        machine.start(MERGES);
        byte[] frame = Frames.toNic(3000);
        assertFalse(machine.backend.offer(frame));
        machine.offer(BUFFER);
        assertEquals(1, machine.backend.readyCalls);
        assertFalse(machine.backend.offer(frame), "one buffer is not enough");
        assertNull(machine.take());
        machine.offer(BUFFER);
        assertEquals(2, machine.backend.readyCalls);
        assertReceives(frame);
        machine.offer(BUFFER);
        assertEquals(2, machine.backend.readyCalls, "nobody waits any more");
    }

    @Test
    void shouldPassOffloadsOnToADriverThatTakesThem() {
        machine.start(OFFLOADS | MERGES);
        assertEquals(NetOffload.CHECKSUM | NetOffload.TSO4 | NetOffload.TSO6, machine.backend.device().offloads());
        machine.offer(5000);
        assertTrue(receive(toCut()));
        NetFixture.Received received = machine.take();
        assertArrayEquals(segment, received.frame());
        assertArrayEquals(NetFixture.header(NetFixture.NEEDS_CSUM, NetFrame.GSO_TCPV4, Frames.HEADER, 1448, Frames.TCP,
                TCP_SUM), withoutCount(received.header()));
        machine.offer(BUFFER);
        NetFrame valid = machine.backend.frame(Frames.toNic(60));
        valid.setChecksumValid(true);
        assertTrue(receive(valid));
        assertEquals(NetFixture.DATA_VALID, machine.take().header()[0]);
    }

    private static byte[] withoutCount(byte[] header) {
        byte[] copy = header.clone();
        copy[10] = 0;
        return copy;
    }

    @Test
    void shouldSayNothingOfChecksumsToADriverThatDoesNotAsk() {
        machine.start(MERGES);
        assertEquals(0, machine.backend.device().offloads());
        machine.offer(BUFFER);
        NetFrame valid = machine.backend.frame(Frames.toNic(60));
        valid.setChecksumValid(true);
        assertTrue(receive(valid));
        assertEquals(0, machine.take().header()[0]);
    }

    @Test
    void shouldFinishFramesForADriverThatTakesFinishedOnesOnly() {
        machine.start(MERGES);
        for (int i = 0; i < 3; i++) {
            machine.offer(BUFFER);
        }
        assertTrue(receive(toCut()));
        int payload = 0;
        for (int i = 0; i < 3; i++) {
            NetFixture.Received received = machine.take();
            assertEquals(0, received.header()[0]);
            assertEquals(0, received.header()[1]);
            assertTrue(Frames.hasGoodIpChecksum(received.frame()));
            assertTrue(Frames.hasGoodTransportChecksum(received.frame()));
            payload += received.frame().length - Frames.HEADER;
        }
        assertEquals(4000, payload);
        machine.offer(BUFFER);
        NetFrame datagram = machine.backend.frame(Frames.ipv4(17, 100, true));
        datagram.setChecksum(Frames.TCP, 6);
        assertTrue(receive(datagram));
        assertTrue(Frames.hasGoodTransportChecksum(machine.take().frame()));
    }

    @Test
    void shouldCutForADriverThatTakesNoCongestionMarks() {
        segment[Frames.TCP + 13] |= (byte) 0x80;
        machine.start(OFFLOADS | MERGES);
        for (int i = 0; i < 3; i++) {
            machine.offer(BUFFER);
        }
        assertTrue(receive(toCut()));
        assertEquals(0x80, machine.take().frame()[Frames.TCP + 13] & 0x80);
        assertEquals(0, machine.take().frame()[Frames.TCP + 13] & 0x80);
        machine.start(OFFLOADS | MERGES | NetFixture.features(NetFeature.GUEST_ECN));
        machine.offer(5000);
        assertTrue(receive(toCut()));
        assertEquals((byte) (NetFrame.GSO_TCPV4 | 0x80), machine.take().header()[1]);
    }

    @Test
    void shouldHoldTheRestOfACutFrameUntilThereAreBuffers() {
        machine.start(MERGES);
        machine.offer(BUFFER);
        assertTrue(receive(toCut()), "taken, though not all of it is stored");
        assertFalse(machine.backend.offer(Frames.toNic(60)), "one after the other");
        machine.offer(BUFFER);
        assertEquals(0, machine.backend.readyCalls);
        machine.offer(BUFFER);
        assertEquals(1, machine.backend.readyCalls);
        machine.offer(BUFFER);
        for (int i = 0; i < 3; i++) {
            ByteBuffer data = ByteBuffer.wrap(machine.take().frame());
            assertEquals(0xFFFFFF00 + 1448 * i, data.getInt(Frames.TCP + 4), "in order");
        }
        assertReceives(Frames.toNic(60));
    }

    @Test
    void shouldStoreTheRestOfACutFrameBeforeTheNextOne() {
        machine.start(MERGES);
        assertTrue(receive(toCut()));
        machine.workers.hold();
        for (int i = 0; i < 4; i++) {
            machine.offer(BUFFER);
        }
        assertTrue(machine.backend.offer(Frames.toNic(60)), "before the queue's thread has seen the buffers");
        for (int i = 0; i < 3; i++) {
            assertEquals(0xFFFFFF00 + 1448 * i, ByteBuffer.wrap(machine.take().frame()).getInt(Frames.TCP + 4));
        }
        assertEquals(60, machine.take().frame().length);
    }

    @Test
    void shouldStoreTheRestOfACutFrameInAnotherMachine() {
        NetFixture next = new NetFixture(NetSettings.DEFAULT, machine.memory);
        machine.start(MERGES);
        machine.offer(BUFFER);
        assertTrue(receive(toCut()));
        assertEquals(0xFFFFFF00, ByteBuffer.wrap(machine.take().frame()).getInt(Frames.TCP + 4), "the first part");

        StateRoundTrip.copy(machine.function, next.function);
        machine.workers.hold();
        machine.offer(BUFFER);
        machine.offer(BUFFER);
        next.driver.notify(VirtioNet.RECEIVE_QUEUE);

        for (int i = 1; i < 3; i++) {
            assertEquals(0xFFFFFF00 + 1448 * i, ByteBuffer.wrap(machine.take().frame()).getInt(Frames.TCP + 4));
        }
    }

    @Test
    void shouldForgetTheRestOfACutFrameAtAResetAndWhenTheCableIsPulled() {
        machine.start(MERGES);
        assertTrue(receive(toCut()));
        machine.start(MERGES);
        machine.offer(BUFFER);
        assertReceives(Frames.toNic(60));
        assertTrue(receive(toCut()));
        machine.nic.setLink(false);
        machine.nic.setLink(true);
        machine.offer(BUFFER);
        assertReceives(Frames.toNic(61));
    }

    @Test
    void shouldNotMissBuffersThatComeWhileItRefusesAFrame() {
        RecordingBackend backend = new RecordingBackend();
        VirtioNet nic = new VirtioNet("net", NetFixture.MAC, NetSettings.DEFAULT, backend);
        VirtQueue queue = new VirtQueue(machine.memory, machine.receive.layout(), NetFixture.QUEUE_SIZE, false, false,
                new QueueEvents() {
                    @Override
                    public void interrupt() {
                        // The test looks into the ring.
                    }

                    @Override
                    public void failed(String reason) {
                        throw new AssertionError(reason);
                    }
                });
        LeaveHook hook = new LeaveHook(queue, () -> {
            machine.offer(BUFFER);
            nic.serve(VirtioNet.RECEIVE_QUEUE, queue);
        });
        nic.start(MERGES, hook);
        assertTrue(backend.offer(Frames.toNic(60)), "the driver's notification came before anybody waited");
        assertEquals(60, machine.take().frame().length);
        assertEquals(2, hook.services);
    }

    /** Does something when the first work on a queue from outside has ended. */
    private static final class LeaveHook implements DeviceLink {
        private final VirtQueue queue;
        private final Runnable whenLeft;
        private int services;

        LeaveHook(VirtQueue queue, Runnable whenLeft) {
            this.queue = queue;
            this.whenLeft = whenLeft;
        }

        @Override
        public void wake(int index) {
            // The test serves.
        }

        @Override
        public void configChanged() {
            // Nobody looks.
        }

        @Override
        public boolean serve(int index, QueueWork work) {
            work.run(queue);
            services++;
            if (services == 1) {
                whenLeft.run();
            }
            return true;
        }
    }

    @Test
    void shouldTakeWhatTheDriverSaysThatItTakes() {
        machine.start();
        assertEquals(NetOffload.ALL, machine.backend.device().offloads());
        int changes = machine.backend.offloadsChanges;
        assertEquals(ControlQueue.OK, machine.command(ControlQueue.GUEST_OFFLOADS_CLASS,
                ControlQueue.GUEST_OFFLOADS_SET, (byte) 2, (byte) 1, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0,
                (byte) 0));
        assertEquals(NetOffload.CHECKSUM | NetOffload.TSO6, machine.backend.device().offloads());
        assertEquals(changes + 1, machine.backend.offloadsChanges);
        machine.offer(5000);
        machine.offer(5000);
        machine.offer(5000);
        assertTrue(receive(toCut()));
        assertEquals(Frames.HEADER + 1448, machine.take().frame().length);
        machine.start();
        assertEquals(NetOffload.ALL, machine.backend.device().offloads(), "all of it after a reset");
    }

    @Test
    @DisplayName("frames that no buffer of a driver without merged buffers holds are dropped")
    void shouldDropFramesThatFitNoBuffer() {
        machine.start(0);
        machine.offer(100);
        assertTrue(machine.backend.offer(Frames.toNic(89)));
        assertEquals(1, machine.nic.droppedForGuest());
        assertReceives(Frames.toNic(88));
    }

    @Test
    @DisplayName("a frame that needs more buffers than the queue can have is dropped")
    void shouldDropFramesThatFitNoQueue() {
        machine.start(MERGES);
        for (int i = 0; i < NetFixture.QUEUE_SIZE; i++) {
            machine.offer(12);
        }
        assertTrue(machine.backend.offer(Frames.toNic(181)));
        assertEquals(1, machine.nic.droppedForGuest());
        assertReceives(Frames.toNic(180));
    }

    @Test
    @DisplayName("frames longer than the negotiated MTU are dropped, those still to be segmented are not")
    void shouldDropFramesLongerThanTheMtu() {
        NetFixture small = new NetFixture(new NetSettings(-1, 1500, 256, 256)).start();
        small.offer(9000);
        small.offer(9000);
        small.offer(9000);
        assertTrue(small.backend.offer(Frames.toNic(1515)));
        assertTrue(small.backend.offer(Frames.tagged(Frames.toNic(1515), 1)));
        assertEquals(2, small.nic.droppedForGuest());
        assertTrue(small.backend.offer(Frames.toNic(1514)));
        assertEquals(1514, small.take().frame().length);
        assertTrue(small.backend.offer(Frames.tagged(Frames.toNic(1514), 1)));
        assertEquals(1518, small.take().frame().length);
        assertTrue(small.backend.device().receive(toCut()));
        assertEquals(segment.length, small.take().frame().length);
    }

    @Test
    @DisplayName("frames without an Ethernet header and offloads that make no sense are dropped")
    void shouldDropFramesThatMakeNoSense() {
        machine.start(MERGES);
        machine.offer(BUFFER);
        assertTrue(machine.backend.offer(new byte[0]));
        assertTrue(machine.backend.offer(new byte[13]));
        NetFrame frame = toCut();
        frame.setGso(NetFrame.GSO_TCPV4, 0, 0);
        assertTrue(receive(frame));
        frame = toCut();
        frame.setGso(77, 100, 0);
        assertTrue(receive(frame));
        frame = machine.backend.frame(Frames.toNic(60));
        frame.setChecksum(60, 0);
        assertTrue(receive(frame));
        assertEquals(5, machine.nic.droppedForGuest());
        assertReceives(Frames.toNic(60));
    }

    @Test
    @DisplayName("a receive buffer without room for a header needs a reset")
    void shouldBreakAtABufferWithoutRoomForAHeader() {
        for (long features : new long[] {0, MERGES}) {
            machine.start(features);
            machine.offer(11);
            assertFalse(machine.backend.offer(Frames.toNic(60)));
            assertTrue(machine.needsReset());
            machine.start(features);
            machine.offer(BUFFER);
            assertReceives(Frames.toNic(60));
        }
        machine.start(MERGES);
        machine.receive.request(machine.readable((byte) 1));
        assertFalse(machine.backend.offer(Frames.toNic(60)));
        assertTrue(machine.needsReset());
    }

    @Test
    @DisplayName("a small buffer after good ones breaks the queue, and no part of the frame is given back")
    void shouldBreakAtASmallBufferInTheMiddleOfAFrame() {
        machine.start(MERGES);
        machine.offer(BUFFER);
        machine.receive.request(machine.writable(3));
        assertFalse(machine.backend.offer(Frames.toNic(3000)));
        assertTrue(machine.needsReset());
        assertNull(machine.take());
        machine.driver.status(0);
        assertEquals(1, machine.backend.readyCalls, "the backend may go on");
    }
}

package jkvm.device.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.host.net.Frames;
import jkvm.host.net.NetFrame;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class VirtioNetTransmitTest {
    private static final int TCP_SUM = 16;
    private static final int PAYLOAD = 4000;

    private final NetFixture machine = new NetFixture().start();
    private final byte[] segment = Frames.ipv4(6, PAYLOAD, true);

    private static byte[] checksum(int start, int offset) {
        return NetFixture.header(NetFixture.NEEDS_CSUM, 0, 0, 0, start, offset);
    }

    private static byte[] segments(int type, int headerLength, int size) {
        return NetFixture.header(NetFixture.NEEDS_CSUM, type, headerLength, size, Frames.TCP, TCP_SUM);
    }

    private void assertDropped(byte[] header, byte[] frame) {
        long dropped = machine.nic.droppedFromGuest();
        int sent = machine.backend.count;
        machine.send(header, frame);
        assertEquals(0, machine.transmit.takeUsed().length(), "given back");
        assertEquals(dropped + 1, machine.nic.droppedFromGuest());
        assertEquals(sent, machine.backend.count);
        assertFalse(machine.needsReset());
    }

    @Test
    void shouldSendAFrameInPieces() {
        byte[] frame = Frames.toNic(1514);
        byte[] whole = new byte[NetFixture.HEADER + frame.length];
        System.arraycopy(frame, 0, whole, NetFixture.HEADER, frame.length);
        machine.send(machine.readable(Arrays.copyOf(whole, 5)), machine.readable(Arrays.copyOfRange(whole, 5, 20)),
                machine.readable(Arrays.copyOfRange(whole, 20, whole.length)));
        assertArrayEquals(frame, machine.backend.sent.getFirst());
        assertFalse(machine.backend.lastSent.hasOffload());
        assertNotNull(machine.transmit.takeUsed());
        assertEquals(1, machine.driver.takeInterrupt());
        machine.transmit.indirectRequest(machine.readable(whole));
        machine.driver.notify(VirtioNet.TRANSMIT_QUEUE);
        assertArrayEquals(frame, machine.backend.sent.getLast());
    }

    @Test
    void shouldLeaveChecksumsAndCuttingToTheBackend() {
        machine.send(segments(NetFrame.GSO_TCPV4, Frames.HEADER, 1448), segment);
        NetFrame sent = machine.backend.lastSent;
        assertArrayEquals(segment, machine.backend.sent.getFirst());
        assertTrue(sent.needsChecksum());
        assertEquals(Frames.TCP, sent.checksumStart());
        assertEquals(TCP_SUM, sent.checksumOffset());
        assertEquals(NetFrame.GSO_TCPV4, sent.gsoType());
        assertEquals(1448, sent.gsoSize());
        assertEquals(Frames.HEADER, sent.headerLength());
        machine.send(checksum(Frames.TCP, 6), Frames.ipv4(17, 20, true));
        assertTrue(sent.needsChecksum());
        assertEquals(NetFrame.GSO_NONE, sent.gsoType());
    }

    @Test
    void shouldSendTheLongestFrame() {
        byte[] longest = Frames.toNic(NetFrame.MAX_LENGTH);
        machine.send(machine.readable(NetFixture.plain()), machine.readable(longest));
        assertArrayEquals(longest, machine.backend.sent.getFirst());
    }

    @Test
    void shouldNotBelieveTheDriverThatChecksumsAreValid() {
        machine.send(NetFixture.header(NetFixture.DATA_VALID, 0, 0, 0, 0, 0), Frames.toNic(60));
        assertFalse(machine.backend.lastSent.isChecksumValid());
    }

    @Test
    void shouldPassACongestionMarkOn() {
        segment[Frames.TCP + 13] |= (byte) 0x80;
        machine.send(segments(NetFrame.GSO_TCPV4 | 0x80, Frames.HEADER, 1448), segment);
        assertTrue(machine.backend.lastSent.isCongestionMarked());
        machine.start(NetFixture.features(NetFeature.CSUM, NetFeature.HOST_TSO4));
        machine.send(segments(NetFrame.GSO_TCPV4, Frames.HEADER, 1448), segment);
        assertEquals(2, machine.backend.count);
    }

    @Test
    void shouldKeepFramesInTheQueueWhileTheBackendHasNoRoom() {
        machine.backend.full = true;
        machine.send(NetFixture.plain(), Frames.toNic(60));
        machine.send(NetFixture.plain(), Frames.toNic(61));
        assertNull(machine.transmit.takeUsed());
        machine.backend.full = false;
        machine.backend.device().sendReady();
        assertEquals(2, machine.backend.count);
        assertEquals(61, machine.backend.sent.getLast().length);
        assertEquals(0, machine.transmit.takeUsed().head());
        assertEquals(2, machine.transmit.takeUsed().head());
        assertEquals(0, machine.nic.droppedFromGuest());
    }

    @Test
    void shouldForgetWhatWaitedWhenTheDriverResets() {
        machine.backend.full = true;
        machine.send(NetFixture.plain(), Frames.toNic(60));
        machine.driver.status(0);
        machine.backend.full = false;
        machine.backend.device().sendReady();
        assertEquals(0, machine.backend.count);
        machine.start();
        machine.send(NetFixture.plain(), Frames.toNic(77));
        assertEquals(77, machine.backend.sent.getFirst().length);
    }

    @Test
    @DisplayName("frames shorter than their headers, without content or longer than 64 KiB are dropped")
    void shouldDropFramesOfNoLength() {
        assertDropped(NetFixture.plain(), Frames.toNic(NetFrame.MAX_LENGTH + 1));
        assertDropped(NetFixture.plain(), new byte[13]);
        for (int length : new int[] {1, 11, 12, 25}) {
            machine.send(machine.readable(new byte[length]));
            assertEquals(0, machine.transmit.takeUsed().length());
        }
        QueueDriver.Buffer writable = machine.writable(100);
        machine.send(writable);
        assertEquals(0, machine.transmit.takeUsed().length());
        assertEquals((byte) 0xEE, machine.transmit.content(writable)[0]);
        assertEquals(7, machine.nic.droppedFromGuest());
        assertEquals(0, machine.backend.count);
    }

    @Test
    @DisplayName("checksums outside of the frame are dropped")
    void shouldDropChecksumsOutsideOfTheFrame() {
        byte[] frame = Frames.toNic(60);
        assertDropped(checksum(60, 0), frame);
        assertDropped(checksum(59, 0), frame);
        assertDropped(checksum(42, 17), frame);
        assertDropped(checksum(0xFFFF, 0xFFFF), frame);
        assertDropped(checksum(14, 0xFFFF), frame);
        assertDropped(checksum(0, 16), frame);
        machine.send(checksum(42, 16), frame);
        assertEquals(1, machine.backend.count);
    }

    @Test
    @DisplayName("segments of no length, of unknown types or with headers past the frame's end are dropped")
    void shouldDropSegmentsThatMakeNoSense() {
        assertDropped(segments(NetFrame.GSO_TCPV4, Frames.HEADER, 0), segment);
        for (int type : new int[] {2, 3, 5, 6, 0x7F, 0x83, 0xFF}) {
            assertDropped(segments(type, Frames.HEADER, 1448), segment);
        }
        assertDropped(NetFixture.header(0, NetFrame.GSO_TCPV4, Frames.HEADER, 1448, Frames.TCP, TCP_SUM), segment);
        assertDropped(NetFixture.header(NetFixture.NEEDS_CSUM, NetFrame.GSO_TCPV4, Frames.HEADER, 1448, Frames.TCP, 6),
                segment);
        assertDropped(segments(NetFrame.GSO_TCPV4, Frames.HEADER, 1448), Arrays.copyOf(segment, Frames.HEADER));
        assertDropped(segments(NetFrame.GSO_TCPV4, Frames.HEADER, 1448), Arrays.copyOf(segment, Frames.TCP + 18));
        segment[Frames.TCP + 12] = 0x40;
        assertDropped(segments(NetFrame.GSO_TCPV4, Frames.HEADER, 1448), segment);
        segment[Frames.TCP + 12] = (byte) 0xF0;
        assertDropped(segments(NetFrame.GSO_TCPV4, Frames.HEADER, 1448), Arrays.copyOf(segment, Frames.TCP + 60));
    }

    @Test
    @DisplayName("a wrong length of headers is corrected")
    void shouldPutTheLengthOfTheHeadersRight() {
        for (int length : new int[] {0, 1, 53, 55, 5000, 0xFFFF}) {
            machine.send(segments(NetFrame.GSO_TCPV4, length, 1448), segment);
            assertEquals(Frames.HEADER, machine.backend.lastSent.headerLength());
        }
        assertEquals(6, machine.backend.count);
    }

    @Test
    @DisplayName("offloads that were not negotiated are dropped")
    void shouldDropOffloadsThatWereNotNegotiated() {
        machine.start(0);
        assertDropped(checksum(Frames.TCP, TCP_SUM), segment);
        assertDropped(segments(NetFrame.GSO_TCPV4, Frames.HEADER, 1448), segment);
        machine.start(NetFixture.features(NetFeature.HOST_TSO4));
        assertDropped(segments(NetFrame.GSO_TCPV4, Frames.HEADER, 1448), segment);
        machine.start(NetFixture.features(NetFeature.CSUM, NetFeature.HOST_TSO4));
        assertDropped(segments(NetFrame.GSO_TCPV6, Frames.HEADER, 1448), segment);
        machine.send(segments(NetFrame.GSO_TCPV4, Frames.HEADER, 1448), segment);
        assertEquals(1, machine.backend.count);
    }
}

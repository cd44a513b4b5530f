package jkvm.host.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SegmentingBackendTest {
    private final FakeWire wire = new FakeWire();
    private final RecordingNic nic = new RecordingNic();
    private final SegmentingBackend backend = new SegmentingBackend(wire);

    private static NetFrame unfinished() {
        NetFrame frame = RecordingNic.frame(new byte[60]);
        frame.setChecksum(34, 16);
        return frame;
    }

    /** A frame to be segmented into three. */
    private static NetFrame toCut() {
        NetFrame frame = RecordingNic.frame(Frames.ipv4(6, 4000, true));
        frame.setChecksum(Frames.TCP, 16);
        frame.setGso(NetFrame.GSO_TCPV4, 1448, Frames.HEADER);
        return frame;
    }

    @Test
    void shouldFinishFramesAndHoldTheRestWhileThereIsNoRoom() {
        backend.attach(nic);
        wire.room = 1;
        assertTrue(Frames.offer(backend, toCut()), "taken, and two parts are held");
        assertFalse(Frames.offer(backend, unfinished()), "one frame at a time is held");
        assertEquals(1, wire.sent.size());
        wire.device.sendReady();
        assertEquals(0, nic.ready, "there is no room yet");
        wire.room = 3;
        wire.device.sendReady();
        assertEquals(3, wire.sent.size());
        assertEquals(1, nic.ready);
        assertTrue(Frames.offer(backend, unfinished()));
        assertEquals((byte) 0xff, wire.sent.getLast()[50], "the checksum of zeros");
        assertFalse(Frames.offer(backend, unfinished()), "full");
    }

    @Test
    void shouldDropAndCountWhatCannotBeFinished() {
        backend.attach(nic);
        NetFrame frame = RecordingNic.frame(new byte[60]);
        frame.setChecksum(59, 16);
        assertTrue(Frames.offer(backend, frame));
        assertEquals(1, backend.dropped());
        assertEquals(0, wire.sent.size());
    }
}

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

    @Test
    void shouldFinishFramesAndHoldThemWhileThereIsNoRoom() {
        backend.attach(nic);
        wire.room = 0;
        assertTrue(backend.send(unfinished()), "held");
        assertFalse(backend.send(unfinished()), "one only");
        assertEquals(0, wire.sent.size());
        wire.room = 5;
        wire.device.sendReady();
        assertEquals(1, wire.sent.size());
        assertEquals(1, nic.ready);
        assertEquals((byte) 0xff, wire.sent.getFirst()[50], "the checksum of zeros");
    }

    @Test
    void shouldDropAndCountWhatCannotBeFinished() {
        backend.attach(nic);
        NetFrame frame = RecordingNic.frame(new byte[60]);
        frame.setChecksum(59, 16);
        assertTrue(backend.send(frame));
        assertEquals(1, backend.dropped());
        assertEquals(0, wire.sent.size());
    }
}

package jkvm.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentingBackendTest {
    private final List<byte[]> sent = new ArrayList<>();
    private int room = 100;
    private NetDevice attached;
    private final RecordingNic nic = new RecordingNic();
    private final SegmentingBackend backend = new SegmentingBackend(new NetBackend() {
        @Override
        public void attach(NetDevice device) {
            attached = device;
        }

        @Override
        public int offloads() {
            return 0;
        }

        @Override
        public boolean send(NetFrame frame) {
            if (room == 0) {
                return false;
            }
            room--;
            sent.add(RecordingNic.bytes(frame));
            return true;
        }

        @Override
        public void receiveReady() {
            // Nothing arrives.
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    });

    private static NetFrame unfinished() {
        NetFrame frame = RecordingNic.frame(new byte[60]);
        frame.setChecksum(34, 16);
        return frame;
    }

    @Test
    void shouldFinishFramesAndHoldThemWhileThereIsNoRoom() {
        backend.attach(nic);
        room = 0;
        assertTrue(backend.send(unfinished()), "held");
        assertFalse(backend.send(unfinished()), "one only");
        assertEquals(0, sent.size());
        room = 5;
        attached.sendReady();
        assertEquals(1, sent.size());
        assertEquals(1, nic.ready);
        assertEquals((byte) 0xff, sent.getFirst()[50], "the checksum of zeros");
    }

    @Test
    void shouldDropAndCountWhatCannotBeFinished() {
        backend.attach(nic);
        NetFrame frame = RecordingNic.frame(new byte[60]);
        frame.setChecksum(59, 16);
        assertTrue(backend.send(frame));
        assertEquals(1, backend.dropped());
        assertEquals(0, sent.size());
    }
}

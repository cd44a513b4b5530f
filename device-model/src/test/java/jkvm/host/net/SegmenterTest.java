package jkvm.host.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmenterTest {
    private static final int FIN_PSH_ACK = 0x19;
    private final Segmenter segmenter = new Segmenter();

    /** A TCP frame of 5000 bytes of payload to be segmented at 1460. */
    private static NetFrame large(boolean v4, boolean tagged) {
        int ip = tagged ? 18 : 14;
        int tcp = ip + (v4 ? 20 : 40);
        NetFrame frame = new NetFrame();
        ByteBuffer data = frame.data();
        byte[] noise = new byte[5000];
        new Random(5).nextBytes(noise);
        data.put(tcp + 20, noise);
        if (tagged) {
            data.putInt(12, 0x8100_0005);
        }
        data.putShort(ip - 2, (short) (v4 ? 0x0800 : 0x86dd));
        if (v4) {
            data.putLong(ip, 0x4500_13b0_1234_4000L).putInt(ip + 8, 0x4006_0000).putInt(ip + 12, 0x0a00020f)
                    .putInt(ip + 16, 0x0a000202);
        } else {
            data.putLong(ip, 0x6000_0000_139c_0640L).putLong(ip + 8, 0xfec0L << 48).putLong(ip + 16, 0x15)
                    .putLong(ip + 24, 0xfec0L << 48).putLong(ip + 32, 2);
        }
        data.putInt(tcp, 0x9c40_0050).putInt(tcp + 4, -1000).putInt(tcp + 8, 7)
                .putShort(tcp + 12, (short) (0x5000 | FIN_PSH_ACK)).putShort(tcp + 14, (short) 500);
        frame.setLength(tcp + 20 + noise.length);
        frame.setGso(v4 ? NetFrame.GSO_TCPV4 : NetFrame.GSO_TCPV6, 1460, tcp + 20);
        frame.setChecksum(tcp, 16);
        return frame;
    }

    private List<byte[]> cut(NetFrame frame) {
        NetFrame part = new NetFrame();
        List<byte[]> parts = new ArrayList<>();
        assertTrue(segmenter.begin(frame));
        while (segmenter.next(part)) {
            assertFalse(part.hasOffload());
            parts.add(RecordingNic.bytes(part));
        }
        return parts;
    }

    private static int sum(ByteBuffer data, int from, int length, long start) {
        long sum = start;
        for (int i = 0; i < length; i++) {
            sum += (data.get(from + i) & 0xff) << (i % 2 == 0 ? 8 : 0);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) sum;
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "6", "4 tagged", "6 tagged"})
    void shouldCutTcpFramesSoThatEachIsWhole(String kind) {
        boolean v4 = kind.startsWith("4");
        boolean tagged = kind.endsWith("tagged");
        int ip = tagged ? 18 : 14;
        int tcp = ip + (v4 ? 20 : 40);
        List<byte[]> parts = cut(large(v4, tagged));
        assertEquals(4, parts.size());
        for (int i = 0; i < 4; i++) {
            ByteBuffer data = ByteBuffer.wrap(parts.get(i));
            int payload = data.capacity() - tcp - 20;
            assertEquals(i < 3 ? 1460 : 620, payload);
            assertEquals(-1000 + i * 1460, data.getInt(tcp + 4));
            assertEquals(i < 3 ? 0x10 : FIN_PSH_ACK, data.get(tcp + 13));
            if (v4) {
                assertEquals(40 + payload, data.getShort(ip + 2));
                assertEquals(0x1234 + i, data.getShort(ip + 4));
                assertEquals(0xffff, sum(data, ip, 20, 0));
            } else {
                assertEquals(20 + payload, data.getShort(ip + 4));
            }
            int addresses = v4 ? sum(data, ip + 12, 8, 0) : sum(data, ip + 8, 32, 0);
            assertEquals(0xffff, sum(data, tcp, 20 + payload, addresses + 6 + 20 + payload));
        }
    }

    @Test
    void shouldCompleteAChecksum() {
        NetFrame frame = RecordingNic.frame(new byte[60]);
        frame.data().putShort(34, (short) 0x1234);
        frame.setChecksum(34, 6);
        ByteBuffer whole = ByteBuffer.wrap(cut(frame).getFirst());
        assertEquals(0xffff, sum(whole, 34, 26, 0));
    }

    @Test
    void shouldRefuseOffloadFieldsThatDoNotFit() {
        NetFrame frame = RecordingNic.frame(new byte[60]);
        frame.setChecksum(50, 9);
        assertFalse(segmenter.begin(frame));
        frame.clearOffload();
        frame.setGso(NetFrame.GSO_TCPV4, 1460, 54);
        assertFalse(segmenter.begin(frame), "not IPv4");
        NetFrame never = large(true, false);
        never.setGso(NetFrame.GSO_TCPV4, 0, 54);
        assertFalse(segmenter.begin(never), "would never advance");
        never.setGso(77, 1460, 54);
        assertFalse(segmenter.begin(never), "unknown kind");
    }

    @Test
    void shouldSurviveRandomFrames() {
        Random random = new Random(9);
        NetFrame frame = large(true, false);
        NetFrame part = new NetFrame();
        int cut = 0;
        for (int i = 0; i < 300_000; i++) {
            int at = random.nextInt(60);
            byte old = frame.data().get(at);
            frame.data().put(at, (byte) random.nextInt());
            frame.setLength(random.nextInt(200));
            frame.clearOffload();
            frame.setGso(random.nextInt(6), random.nextInt(100), random.nextInt());
            if (random.nextBoolean()) {
                frame.setChecksum(random.nextInt(0x10000), random.nextInt(0x10000));
            }
            if (segmenter.begin(frame)) {
                while (segmenter.next(part)) {
                    cut++;
                }
            }
            frame.data().put(at, old);
        }
        assertTrue(cut > 10_000);
    }
}

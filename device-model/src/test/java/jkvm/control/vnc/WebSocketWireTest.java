package jkvm.control.vnc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebSocketWireTest {
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            + "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Version: 13\r\n";
    private static final byte[] MASK = {1, 2, 3, 4};

    private final ByteArrayOutputStream input = new ByteArrayOutputStream();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    /** The client's bytes, some at a time. */
    private final class Bytes implements Wire {
        private final Random random = new Random(5);
        private int next;

        @Override
        public int read(byte[] into, int offset, int length) {
            byte[] all = input.toByteArray();
            int count = Math.min(Math.min(length, all.length - next), 1 + random.nextInt(100));
            System.arraycopy(all, next, into, offset, Math.max(count, 0));
            next += count;
            return count == 0 ? -1 : count;
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            output.write(from, offset, length);
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private final WebSocketWire wire = new WebSocketWire(new Bytes());

    private void request(String more) {
        input.writeBytes((REQUEST + more + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private void frame(int first, byte[] content) {
        input.write(first);
        if (content.length < 126) {
            input.write(0x80 | content.length);
        } else {
            input.write(0x80 | 126);
            input.write(content.length >> 8);
            input.write(content.length);
        }
        input.writeBytes(MASK);
        for (int i = 0; i < content.length; i++) {
            input.write(content[i] ^ MASK[i % 4]);
        }
    }

    private byte[] readAll() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] some = new byte[50];
        for (int count = wire.read(some, 0, 50); count >= 0; count = wire.read(some, 0, 50)) {
            all.write(some, 0, count);
        }
        return all.toByteArray();
    }

    private String answer() {
        return output.toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void shouldServeClientsThatOfferNoSubprotocol() throws IOException {
        request("");
        wire.open();
        assertTrue(answer().startsWith("HTTP/1.1 101 "));
        // The key and its answer are the example of RFC 6455.
        assertTrue(answer().contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        assertFalse(answer().contains("Sec-WebSocket-Protocol"));
    }

    @Test
    void shouldTakeTheSubprotocolBinaryAmongOthers() throws IOException {
        request("Sec-WebSocket-Protocol: base64, binary\r\n");
        wire.open();
        assertTrue(answer().contains("Sec-WebSocket-Protocol: binary\r\n"));
    }

    @ParameterizedTest
    @CsvSource({"'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 8'", "websocket\r, h2c\r", "GET, POST",
            "'dGhlIHNhbXBsZSBub25jZQ==', short", "HTTP/1.1, HTTP/1.0",
            "'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: base64'"})
    void shouldAnswer400ToOtherRequests(String part, String other) {
        input.writeBytes((REQUEST + "\r\n").replace(part.strip(), other.strip()).getBytes(StandardCharsets.US_ASCII));
        assertThrows(RfbException.class, wire::open);
        assertTrue(answer().startsWith("HTTP/1.1 400 "));
    }

    @Test
    void shouldEndARequestWithoutEnd() {
        // threat 78
        input.writeBytes(new byte[1 << 20]);
        assertThrows(RfbException.class, wire::open);
        assertTrue(answer().startsWith("HTTP/1.1 431 "));
    }

    @Test
    void shouldReadMessagesInAnyDivisionIntoFramesAndAnswerPings() throws IOException {
        byte[] content = new byte[1000];
        new Random(1).nextBytes(content);
        frame(0x02, Arrays.copyOf(content, 3));
        frame(0x89, new byte[] {42});
        frame(0x00, new byte[0]);
        frame(0x8a, new byte[0]);
        frame(0x80, Arrays.copyOfRange(content, 3, 700));
        frame(0x82, Arrays.copyOfRange(content, 700, 1000));
        frame(0x88, new byte[] {3, (byte) 0xe8});
        assertArrayEquals(content, readAll());
        assertArrayEquals(new byte[] {(byte) 0x8a, 1, 42, (byte) 0x88, 2, 3, (byte) 0xe8}, output.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(ints = {0x81, 0x83, 0xc2, 0x80, 0x09, 0x8b})
    void shouldCloseOnTextAndOnFramesThatAreNone(int first) {
        frame(first, new byte[] {1});
        assertThrows(RfbException.class, this::readAll);
        assertEquals(0x88, output.toByteArray()[0] & 0xff);
    }

    @Test
    void shouldCloseOnFramesWithoutMaskOrOfNegativeLength() {
        input.writeBytes(new byte[] {(byte) 0x82, 1, 0});
        assertThrows(RfbException.class, this::readAll);
        input.reset();
        WebSocketWire other = new WebSocketWire(new Bytes());
        input.writeBytes(new byte[] {(byte) 0x82, -1, -1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4});
        assertThrows(RfbException.class, () -> other.read(new byte[1], 0, 1));
    }

    @Test
    void shouldWriteFramesOfAllLengths() throws IOException {
        for (int length : new int[] {1, 125, 126, 65535, 65536}) {
            output.reset();
            wire.write(new byte[length], 0, length);
            byte[] frame = output.toByteArray();
            int head = length < 126 ? 2 : length < 65536 ? 4 : 10;
            assertEquals(0x82, frame[0] & 0xff);
            assertEquals(length < 126 ? length : length < 65536 ? 126 : 127, frame[1]);
            assertEquals(head + length, frame.length);
        }
    }
}

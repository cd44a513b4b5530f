package jkvm.control.vnc;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A WebSocket of RFC 6455 on a socket, the server's side: binary messages in both directions, of any division into
 * frames. It keeps no message. Answers pings.
 */
final class WebSocketWire implements Wire {
    private static final int MAX_REQUEST = 8192;
    private static final int MAX_CONTROL = 125;
    private static final int MASK_BYTES = 4;
    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String SUBPROTOCOL = "binary";

    private static final int FINAL_BIT = 0x80;
    private static final int RESERVED_BITS = 0x70;
    private static final int OPCODE_MASK = 0x0f;
    private static final int MASKED_BIT = 0x80;
    private static final int LENGTH_MASK = 0x7f;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int CONTINUATION = 0;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int PROTOCOL_ERROR = 1002;
    private static final int UNSUPPORTED_DATA = 1003;

    private final Wire inner;
    private final WireReader reader;
    private final byte[] mask = new byte[MASK_BYTES];
    /** Bytes of the current frame that have not been read. */
    private long left;
    private int maskPlace;
    private boolean isInMessage;

    WebSocketWire(Wire inner) {
        this.inner = inner;
        reader = new WireReader(inner);
    }

    /**
     * Reads the HTTP request that opens the WebSocket and answers it.
     *
     * @throws RfbException if it is none, which the client is told
     */
    void open() throws IOException {
        String[] lines = request().split("\r\n", -1);
        Map<String, String> headers = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                headers.merge(lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).strip(), (a, b) -> a + "," + b);
            }
        }
        String key = headers.getOrDefault("sec-websocket-key", "");
        String protocols = headers.get("sec-websocket-protocol");
        if (!lines[0].matches("GET \\S+ HTTP/1\\.1") || !has(headers.get("upgrade"), "websocket")
                || !has(headers.get("connection"), "upgrade") || key.length() != 24
                || !headers.getOrDefault("sec-websocket-version", "").equals("13")
                || protocols != null && !has(protocols, SUBPROTOCOL)) {
            answer(String.join("\r\n", "HTTP/1.1 400 Bad Request", "Connection: close", "Sec-WebSocket-Version: 13",
                    "Content-Length: 0", "", ""));
            throw new RfbException("no request for a WebSocket");
        }
        answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + accept(key) + "\r\n"
                + (protocols == null ? "" : "Sec-WebSocket-Protocol: " + SUBPROTOCOL + "\r\n") + "\r\n");
    }

    private static boolean has(String list, String word) {
        return list != null && Arrays.stream(list.split(",")).anyMatch(item -> item.strip().equalsIgnoreCase(word));
    }

    private String request() throws IOException {
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith("\r\n\r\n")) {
            if (text.length() == MAX_REQUEST) {
                answer("HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n");
                throw new RfbException("an HTTP request without end");
            }
            text.append((char) reader.u8());
        }
        return text.toString();
    }

    private void answer(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        inner.write(bytes, 0, bytes.length);
    }

    static String accept(String key) {
        try {
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1")
                    .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (left == 0) {
            if (!nextFrame()) {
                return -1;
            }
        }
        // At least one byte is there, and no more is waited for than the frame has.
        int count = (int) Math.min(length, left);
        int read = reader.some(into, offset, count);
        for (int i = 0; i < read; i++) {
            into[offset + i] ^= mask[maskPlace++ % MASK_BYTES];
        }
        maskPlace %= MASK_BYTES;
        left -= read;
        return read;
    }

    /** @return false if the client closes */
    private boolean nextFrame() throws IOException {
        int first;
        try {
            first = reader.u8();
        } catch (EOFException _) {
            return false;
        }
        int second = reader.u8();
        long length = length(second & LENGTH_MASK);
        if ((first & RESERVED_BITS) != 0 || (second & MASKED_BIT) == 0 || length < 0) {
            throw refuse(PROTOCOL_ERROR, "a frame with reserved bits, without a mask, or too long");
        }
        System.arraycopy(reader.bytes(MASK_BYTES), 0, mask, 0, MASK_BYTES);
        maskPlace = 0;
        int opcode = first & OPCODE_MASK;
        boolean isFinal = (first & FINAL_BIT) != 0;
        if (opcode >= CLOSE) {
            return control(opcode, isFinal, length);
        }
        if (opcode != BINARY && opcode != CONTINUATION) {
            throw refuse(UNSUPPORTED_DATA, "a frame of text");
        }
        if (opcode == CONTINUATION != isInMessage) {
            throw refuse(PROTOCOL_ERROR, "a message in the middle of another one");
        }
        isInMessage = !isFinal;
        left = length;
        return true;
    }

    private long length(int field) throws IOException {
        return switch (field) {
            case LENGTH_16 -> reader.u16();
            case LENGTH_64 -> (long) reader.s32() << Integer.SIZE | reader.s32() & 0xffff_ffffL;
            default -> field;
        };
    }

    private boolean control(int opcode, boolean isFinal, long length) throws IOException {
        if (!isFinal || length > MAX_CONTROL) {
            throw refuse(PROTOCOL_ERROR, "a control frame in parts, or too long");
        }
        byte[] content = reader.bytes((int) length);
        for (int i = 0; i < content.length; i++) {
            content[i] ^= mask[i % MASK_BYTES];
        }
        switch (opcode) {
            case CLOSE -> {
                frame(CLOSE, content, 0, content.length);
                return false;
            }
            case PING -> frame(PONG, content, 0, content.length);
            case PONG -> {
                // An answer to nothing is allowed.
            }
            default -> throw refuse(PROTOCOL_ERROR, "an unknown frame");
        }
        return true;
    }

    private RfbException refuse(int status, String reason) throws IOException {
        frame(CLOSE, new byte[] {(byte) (status >> 8), (byte) status}, 0, 2);
        return new RfbException(reason);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        frame(BINARY, from, offset, length);
    }

    /** The reader's answers and the writer's frames come one after the other. */
    private synchronized void frame(int opcode, byte[] content, int offset, int length) throws IOException {
        ByteWriter frame = new ByteWriter();
        frame.u8(FINAL_BIT | opcode);
        if (length < LENGTH_16) {
            frame.u8(length);
        } else if (length < 1 << Short.SIZE) {
            frame.u8(LENGTH_16);
            frame.u16(length);
        } else {
            frame.u8(LENGTH_64);
            frame.u32(0);
            frame.u32(length);
        }
        frame.bytes(content, offset, length);
        inner.write(frame.array(), 0, frame.size());
    }

    @Override
    public void close() {
        inner.close();
    }
}

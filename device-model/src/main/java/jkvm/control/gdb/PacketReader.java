package jkvm.control.gdb;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Finds the packets in what a debugger sends (gdb manual, E.1): {@code $data#checksum}, acknowledgements, and the byte
 * that interrupts the guest. A packet that is too long is dropped as it comes, so that memory stays bounded.
 */
final class PacketReader {
    /** Longest packet, as told to the debugger. */
    static final int MAX_SIZE = 0x1000;
    private static final int INTERRUPT_BYTE = 3;
    private static final int ESCAPE = '}';
    private static final int ESCAPE_FLIP = 0x20;

    /** Takes what was found, in order. */
    interface Sink {
        /** A whole packet, its escapes undone. */
        void packet(byte[] data);

        /** A packet whose checksum is wrong. */
        void damaged();

        /** A packet of more than {@link #MAX_SIZE} bytes. */
        void tooLong();

        /** The debugger wants the last packet once more. */
        void resend();

        /** The debugger wants the guest to stop. */
        void interrupt();
    }

    private enum State { IDLE, DATA, ESCAPED, CHECKSUM_HIGH, CHECKSUM_LOW }

    private final Sink sink;
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private State state = State.IDLE;
    private int length;
    private int sum;
    private int checksum;

    PacketReader(Sink sink) {
        this.sink = sink;
    }

    /** Forgets a packet that has begun. */
    void reset() {
        state = State.IDLE;
    }

    void read(byte value) {
        int unsigned = value & 0xFF;
        switch (state) {
            case IDLE -> idle(unsigned);
            case DATA, ESCAPED -> data(unsigned);
            case CHECKSUM_HIGH -> {
                checksum = digit(unsigned) << 4;
                state = State.CHECKSUM_LOW;
            }
            case CHECKSUM_LOW -> {
                state = State.IDLE;
                end(checksum | digit(unsigned));
            }
        }
    }

    private void idle(int value) {
        switch (value) {
            case '$' -> {
                state = State.DATA;
                data.reset();
                length = 0;
                sum = 0;
            }
            case '-' -> sink.resend();
            case INTERRUPT_BYTE -> sink.interrupt();
            default -> {
                // An acknowledgement, or noise between packets.
            }
        }
    }

    private void data(int value) {
        if (value == '#') {
            state = State.CHECKSUM_HIGH;
            return;
        }
        sum += value;
        length++;
        if (state == State.DATA && value == ESCAPE) {
            state = State.ESCAPED;
        } else if (length <= MAX_SIZE) {
            data.write(state == State.ESCAPED ? value ^ ESCAPE_FLIP : value);
            state = State.DATA;
        } else {
            state = State.DATA;
        }
    }

    private static int digit(int value) {
        // 0x100 fits no checksum.
        return HexFormat.isHexDigit(value) ? HexFormat.fromHexDigit(value) : 0x100;
    }

    private void end(int wanted) {
        if (wanted != (sum & 0xFF)) {
            sink.damaged();
        } else if (length > MAX_SIZE) {
            sink.tooLong();
        } else {
            sink.packet(data.toByteArray());
        }
    }

    /** A packet as it goes over the wire. Only replies of text are sent, so that nothing needs an escape. */
    static byte[] frame(String text) {
        int sum = 0;
        for (int i = 0; i < text.length(); i++) {
            sum += text.charAt(i);
        }
        return ("$" + text + "#" + HexFormat.of().toHexDigits((byte) sum)).getBytes(StandardCharsets.ISO_8859_1);
    }
}

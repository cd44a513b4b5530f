package jkvm.bios.video;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What a monitor would tell of itself: 128 bytes of EDID 1.3, with 1024 by 768 pixels as its best mode. */
final class Edid {
    private static final int SIZE = 128;
    private static final long HEADER = 0x00FF_FFFF_FFFF_FF00L;
    /** Three letters of five bits: JKV. */
    private static final int MANUFACTURER = ('J' - '@') << 10 | ('K' - '@') << 5 | 'V' - '@';
    private static final int YEAR_2025 = 35;
    private static final int DIGITAL_OFFSET = 20;
    private static final int TIMINGS_OFFSET = 38;
    private static final int DETAILED_OFFSET = 54;
    private static final int NAME_OFFSET = 72;
    private static final int RANGE_OFFSET = 90;
    private static final int EMPTY_OFFSET = 108;

    private Edid() {
    }

    static byte[] block() {
        byte[] block = new byte[SIZE];
        ByteBuffer buffer = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(HEADER);
        buffer.order(ByteOrder.BIG_ENDIAN).putShort((short) MANUFACTURER);
        buffer.position(17).put((byte) YEAR_2025).put((byte) 1).put((byte) 3);
        // Analogue; 34 by 25 cm; gamma 2.2; RGB, the first detailed timing is preferred. Then the colours of sRGB.
        buffer.position(DIGITAL_OFFSET).put(new byte[] {0x08, 34, 25, 120, 0x0A});
        buffer.put(bytes(0xEE, 0x91, 0xA3, 0x54, 0x4C, 0x99, 0x26, 0x0F, 0x50, 0x54));
        // 640x480, 800x600 and 1024x768 at 60 Hz.
        buffer.put(bytes(0x21, 0x08, 0x00));
        buffer.position(TIMINGS_OFFSET);
        for (int i = 0; i < 8; i++) {
            buffer.putShort((short) 0x0101);
        }
        // 65 MHz; 1024 + 320; 768 + 38; syncs as VESA's timing has them.
        buffer.position(DETAILED_OFFSET);
        buffer.put(bytes(0x64, 0x19, 0x00, 0x40, 0x41, 0x00, 0x26, 0x30, 0x18, 0x88, 0x36, 0x00, 0x54, 0xFA, 0x10,
                0x00, 0x00, 0x18));
        text(buffer.position(NAME_OFFSET), 0xFC, "jkvm monitor");
        buffer.position(RANGE_OFFSET).put(bytes(0, 0, 0, 0xFD, 0, 50, 75, 30, 80, 25, 0, 0x0A)).put(blanks(6));
        buffer.position(EMPTY_OFFSET).put(bytes(0, 0, 0, 0x10, 0));
        int sum = 0;
        for (byte value : block) {
            sum += value;
        }
        block[SIZE - 1] = (byte) -sum;
        return block;
    }

    private static void text(ByteBuffer buffer, int tag, String text) {
        buffer.put(bytes(0, 0, 0, tag, 0)).put(text.getBytes(StandardCharsets.US_ASCII)).put((byte) '\n');
    }

    private static byte[] blanks(int count) {
        return " ".repeat(count).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}

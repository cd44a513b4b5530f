package jkvm.device.vga;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What a screen says about itself (VESA Enhanced EDID 1.4), with one preferred size. */
final class Edid {
    private static final int SIZE = 128;
    private static final int MANUFACTURER_JKV = ('J' - '@') << 10 | 'K' - '@' << 5 | 'V' - '@';
    private static final int YEAR_2026 = 2026 - 1990;
    private static final int DOTS_PER_INCH = 100;
    private static final int HERTZ = 75;
    /** 640x480, 800x600 and 1024x768 at 60 Hz. */
    private static final int ESTABLISHED = 0x2108;
    private static final int NAME_TAG = 0xFC;
    private static final int RANGE_TAG = 0xFD;
    private static final int TEXT_BYTES = 13;
    private static final int MILLIMETRES_PER_10_INCHES = 254;

    private static final byte[] PADDING = {0x20, 0x20, 0x20, 0x20, 0x20, 0x20};

    private Edid() {
    }

    /** A block for a screen of this size, 1 to 4095 pixels each. */
    static byte[] of(int width, int height) {
        ByteBuffer block = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        int across = width * MILLIMETRES_PER_10_INCHES / 10 / DOTS_PER_INCH;
        int down = height * MILLIMETRES_PER_10_INCHES / 10 / DOTS_PER_INCH;
        block.putLong(0x00FFFFFFFFFFFF00L).putShort(Short.reverseBytes((short) MANUFACTURER_JKV));
        block.putShort((short) 1).putInt(0).put((byte) 1).put((byte) YEAR_2026).put((byte) 1).put((byte) 4);
        // Digital, eight bits a colour; size in centimetres; gamma 2.2; sRGB, first timing is the preferred.
        block.put((byte) 0xA5).put((byte) Math.min(across / 10, 255)).put((byte) Math.min(down / 10, 255));
        block.put((byte) 120).put((byte) 0x06);
        block.put(new byte[] {(byte) 0xEE, (byte) 0x91, (byte) 0xA3, 0x54, 0x4C, (byte) 0x99, 0x26, 0x0F, 0x50, 0x54});
        block.putShort((short) ESTABLISHED).put((byte) 0);
        for (int i = 0; i < 8; i++) {
            block.putShort((short) 0x0101);
        }
        putTiming(block, width, height, across, down);
        block.put(new byte[] {0, 0, 0, (byte) RANGE_TAG, 0, 50, 125, 30, (byte) 160, (byte) 120, 1, 0x0A});
        block.put(PADDING);
        putText(block, "jkvm screen");
        block.put(new byte[] {0, 0, 0, 0x10}).put(new byte[14]);
        block.put((byte) 0);
        int sum = 0;
        for (int i = 0; i < SIZE - 1; i++) {
            sum += block.get(i);
        }
        return block.put(SIZE - 1, (byte) -sum).array();
    }

    private static void putTiming(ByteBuffer block, int width, int height, int across, int down) {
        int blankAcross = Math.max(width * 35 / 100, 80) & ~7;
        int blankDown = Math.max(height * 35 / 1000, 20);
        int front = Math.max(width * 25 / 100, 20) & ~7;
        int sync = Math.max(width * 3 / 100, 10) & ~7;
        int frontLines = Math.max(height * 5 / 1000, 1);
        int syncLines = Math.min(Math.max(height * 5 / 1000, 1), 15);
        long clock = Math.min((long) HERTZ * (width + blankAcross) * (height + blankDown) / 10_000, 0xFFFF);
        block.putShort((short) clock);
        block.put((byte) width).put((byte) blankAcross).put((byte) (width >> 8 << 4 | blankAcross >> 8));
        block.put((byte) height).put((byte) blankDown).put((byte) (height >> 8 << 4 | blankDown >> 8));
        block.put((byte) Math.min(front, blankAcross / 2)).put((byte) sync);
        block.put((byte) ((frontLines & 0xF) << 4 | syncLines)).put((byte) 0);
        block.put((byte) across).put((byte) down).put((byte) (across >> 8 << 4 | down >> 8));
        block.put((byte) 0).put((byte) 0).put((byte) 0x18);
    }

    private static void putText(ByteBuffer block, String text) {
        byte[] padded = "             ".getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, padded, 0, Math.min(bytes.length, TEXT_BYTES));
        block.put(new byte[] {0, 0, 0, (byte) NAME_TAG, 0}).put(padded);
    }
}

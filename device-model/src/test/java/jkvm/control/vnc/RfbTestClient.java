package jkvm.control.vnc;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A viewer of the tests: decodes what it gets, with code of its own. */
final class RfbTestClient implements AutoCloseable {
    static final int RAW = 0;
    static final int COPY_RECT = 1;
    static final int HEXTILE = 5;
    static final int ZLIB = 6;
    static final int TIGHT = 7;
    static final int ZRLE = 16;
    static final int DESKTOP_SIZE = -223;
    static final int EXTENDED_DESKTOP_SIZE = -308;
    private static final int TIMEOUT_MILLIS = 20_000;

    final Socket socket;
    final DataInputStream in;
    final DataOutputStream out;
    int width;
    int height;
    String name;
    /** Pixels as the server sends them: of its format at first. */
    int[] pixels;
    int bytes = 4;
    boolean bigEndian;
    /** What is known of pixels that are sent with three bytes: as in {@link #bytes}, without this byte. */
    int compactFrom;
    final List<Integer> encodings = new ArrayList<>();
    final Map<Integer, Inflater> streams = new HashMap<>();
    int lights = -1;
    int pointerKind = -1;
    boolean hasExtendedKeys;
    int[] colourMap;

    RfbTestClient(int port) throws IOException {
        socket = new Socket("localhost", port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    /** Connects without a password. */
    static RfbTestClient open(int port) throws IOException {
        RfbTestClient client = new RfbTestClient(port);
        client.version("RFB 003.008\n");
        client.expect(client.in.readUnsignedByte(), 1);
        client.expect(client.in.readUnsignedByte(), 1);
        client.out.writeByte(1);
        client.out.flush();
        client.expect(client.in.readInt(), 0);
        client.begin(true);
        return client;
    }

    String version(String ours) throws IOException {
        String theirs = new String(in.readNBytes(12), StandardCharsets.US_ASCII);
        out.writeBytes(ours);
        out.flush();
        return theirs;
    }

    void begin(boolean shared) throws IOException {
        out.writeByte(shared ? 1 : 0);
        out.flush();
        width = in.readUnsignedShort();
        height = in.readUnsignedShort();
        in.readNBytes(16);
        name = text();
        pixels = new int[width * height];
    }

    String text() throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private void expect(int found, int wanted) {
        if (found != wanted) {
            throw new AssertionError("expected " + wanted + ", got " + found);
        }
    }

    void setEncodings(int... numbers) throws IOException {
        out.writeByte(2);
        out.writeByte(0);
        out.writeShort(numbers.length);
        for (int number : numbers) {
            out.writeInt(number);
        }
        out.flush();
    }

    void setFormat(int bits, int depth, boolean big, int redMax, int greenMax, int blueMax, int redShift,
            int greenShift, int blueShift) throws IOException {
        out.writeInt(0);
        out.writeByte(bits);
        out.writeByte(depth);
        out.writeByte(big ? 1 : 0);
        out.writeByte(1);
        out.writeShort(redMax);
        out.writeShort(greenMax);
        out.writeShort(blueMax);
        out.writeByte(redShift);
        out.writeByte(greenShift);
        out.writeByte(blueShift);
        out.write(new byte[3]);
        out.flush();
        bytes = bits / 8;
        bigEndian = big;
    }

    void request(boolean incremental) throws IOException {
        out.writeByte(3);
        out.writeByte(incremental ? 1 : 0);
        out.writeInt(0);
        out.writeShort(width);
        out.writeShort(height);
        out.flush();
    }

    void key(int keysym, boolean isDown) throws IOException {
        out.writeByte(4);
        out.writeByte(isDown ? 1 : 0);
        out.writeShort(0);
        out.writeInt(keysym);
        out.flush();
    }

    void extendedKey(int number, boolean isDown) throws IOException {
        out.writeByte(255);
        out.writeByte(0);
        out.writeShort(isDown ? 1 : 0);
        out.writeInt(0);
        out.writeInt(number);
        out.flush();
    }

    void pointer(int buttons, int x, int y) throws IOException {
        out.writeByte(5);
        out.writeByte(buttons);
        out.writeShort(x);
        out.writeShort(y);
        out.flush();
    }

    /** Asks for updates until some have changed pixels. */
    void update(boolean incremental) throws IOException {
        request(incremental);
        while (!read()) {
            // It was about something else.
        }
    }

    /**
     * Reads a message.
     *
     * @return true if pixels have changed
     */
    boolean read() throws IOException {
        int type = in.readUnsignedByte();
        in.readUnsignedByte();
        if (type == 1) {
            int first = in.readUnsignedShort();
            colourMap = new int[in.readUnsignedShort()];
            expect(first, 0);
            for (int i = 0; i < colourMap.length; i++) {
                colourMap[i] = in.readUnsignedShort() >> 8 << 16 | in.readUnsignedShort() >> 8 << 8
                        | in.readUnsignedShort() >> 8;
            }
            return false;
        }
        expect(type, 0);
        int count = in.readUnsignedShort();
        boolean isPicture = false;
        for (int i = 0; i < count; i++) {
            isPicture |= rectangle();
        }
        return isPicture;
    }

    private boolean rectangle() throws IOException {
        int x = in.readUnsignedShort();
        int y = in.readUnsignedShort();
        int w = in.readUnsignedShort();
        int h = in.readUnsignedShort();
        int encoding = in.readInt();
        encodings.add(encoding);
        switch (encoding) {
            case RAW -> raw(in, x, y, w, h);
            case COPY_RECT -> copy(in.readUnsignedShort(), in.readUnsignedShort(), x, y, w, h);
            case HEXTILE -> hextile(x, y, w, h);
            case ZLIB -> raw(inflated(6, in.readInt(), w * h * bytes), x, y, w, h);
            case TIGHT -> tight(x, y, w, h);
            case ZRLE -> zrle(x, y, w, h);
            case DESKTOP_SIZE -> resize(w, h);
            case EXTENDED_DESKTOP_SIZE -> {
                int screens = in.readUnsignedByte();
                in.readNBytes(3 + 16 * screens);
                if (w != width || h != height) {
                    resize(w, h);
                }
            }
            case -257 -> pointerKind = x;
            case -258 -> hasExtendedKeys = true;
            case -261 -> lights = in.readUnsignedByte();
            default -> throw new AssertionError("encoding " + encoding);
        }
        return encoding >= 0;
    }

    private void resize(int w, int h) {
        width = w;
        height = h;
        pixels = new int[w * h];
    }

    private int pixel(DataInputStream from, int skipped) throws IOException {
        int value = 0;
        int used = bytes - (skipped < 0 ? 0 : 1);
        for (int i = 0; i < used; i++) {
            int place = bigEndian ? used - 1 - i : i;
            value |= from.readUnsignedByte() << 8 * place;
        }
        return value;
    }

    private int pixel(DataInputStream from) throws IOException {
        return pixel(from, -1);
    }

    /** Of three bytes where the pixel has four of which one is unused. */
    private int compact(DataInputStream from) throws IOException {
        return bytes == 4 ? pixel(from, 0) << 8 * compactFrom : pixel(from);
    }

    private void raw(DataInputStream from, int x, int y, int w, int h) throws IOException {
        for (int row = y; row < y + h; row++) {
            for (int column = x; column < x + w; column++) {
                pixels[row * width + column] = pixel(from);
            }
        }
    }

    private void copy(int fromX, int fromY, int x, int y, int w, int h) {
        int[] old = pixels.clone();
        for (int row = 0; row < h; row++) {
            System.arraycopy(old, (fromY + row) * width + fromX, pixels, (y + row) * width + x, w);
        }
    }

    private void fill(int x, int y, int w, int h, int value) {
        for (int row = y; row < y + h; row++) {
            Arrays.fill(pixels, row * width + x, row * width + x + w, value);
        }
    }

    private DataInputStream inflated(int stream, int length, int most) throws IOException {
        Inflater inflater = streams.computeIfAbsent(stream, _ -> new Inflater());
        inflater.setInput(in.readNBytes(length));
        byte[] plain = new byte[most + 65536];
        int size = 0;
        try {
            for (int count = -1; count != 0; size += count) {
                count = inflater.inflate(plain, size, plain.length - size);
            }
        } catch (DataFormatException e) {
            throw new IOException(e);
        }
        return new DataInputStream(new ByteArrayInputStream(plain, 0, size));
    }

    private void hextile(int x, int y, int w, int h) throws IOException {
        int background = 0;
        int foreground = 0;
        for (int top = y; top < y + h; top += 16) {
            for (int left = x; left < x + w; left += 16) {
                int tw = Math.min(16, x + w - left);
                int th = Math.min(16, y + h - top);
                int bits = in.readUnsignedByte();
                if ((bits & 1) != 0) {
                    raw(in, left, top, tw, th);
                    continue;
                }
                background = (bits & 2) != 0 ? pixel(in) : background;
                foreground = (bits & 4) != 0 ? pixel(in) : foreground;
                fill(left, top, tw, th, background);
                int count = (bits & 8) != 0 ? in.readUnsignedByte() : 0;
                for (int i = 0; i < count; i++) {
                    int colour = (bits & 16) != 0 ? pixel(in) : foreground;
                    int place = in.readUnsignedByte();
                    int size = in.readUnsignedByte();
                    fill(left + (place >> 4), top + (place & 15), (size >> 4) + 1, (size & 15) + 1, colour);
                }
            }
        }
    }

    private void zrle(int x, int y, int w, int h) throws IOException {
        DataInputStream plain = inflated(16, in.readInt(), w * h * 5 + 1024);
        for (int top = y; top < y + h; top += 64) {
            for (int left = x; left < x + w; left += 64) {
                zrleTile(plain, left, top, Math.min(64, x + w - left), Math.min(64, y + h - top));
            }
        }
        expect(plain.available(), 0);
    }

    private void zrleTile(DataInputStream plain, int x, int y, int w, int h) throws IOException {
        int kind = plain.readUnsignedByte();
        int[] palette = new int[kind & 127];
        for (int i = 0; i < palette.length; i++) {
            palette[i] = compact(plain);
        }
        if (kind == 1) {
            fill(x, y, w, h, palette[0]);
        } else if (kind == 0) {
            for (int i = 0; i < w * h; i++) {
                pixels[(y + i / w) * width + x + i % w] = compact(plain);
            }
        } else if (kind <= 16) {
            int bits = kind == 2 ? 1 : kind <= 4 ? 2 : 4;
            for (int row = 0; row < h; row++) {
                int left = 0;
                int value = 0;
                for (int column = 0; column < w; column++) {
                    if (left == 0) {
                        value = plain.readUnsignedByte();
                        left = 8;
                    }
                    left -= bits;
                    pixels[(y + row) * width + x + column] = palette[value >> left & (1 << bits) - 1];
                }
            }
        } else {
            zrleRuns(plain, x, y, w, h, palette);
        }
    }

    private void zrleRuns(DataInputStream plain, int x, int y, int w, int h, int[] palette) throws IOException {
        for (int i = 0; i < w * h;) {
            int colour;
            int length = 1;
            boolean isRun = true;
            if (palette.length == 0) {
                colour = compact(plain);
            } else {
                int index = plain.readUnsignedByte();
                isRun = index >= 128;
                colour = palette[index & 127];
            }
            if (isRun) {
                int more;
                do {
                    more = plain.readUnsignedByte();
                    length += more;
                } while (more == 255);
            }
            for (; length > 0; length--, i++) {
                pixels[(y + i / w) * width + x + i % w] = colour;
            }
        }
    }

    private int tightPixel(DataInputStream from) throws IOException {
        return bytes == 4 ? from.readUnsignedByte() << 16 | from.readUnsignedByte() << 8 | from.readUnsignedByte()
                : pixel(from);
    }

    private DataInputStream tightData(int stream, int size) throws IOException {
        if (size < 12) {
            return in;
        }
        int length = 0;
        for (int shift = 0; shift < 21; shift += 7) {
            int value = in.readUnsignedByte();
            length |= (shift == 14 ? value : value & 127) << shift;
            if (value < 128) {
                break;
            }
        }
        return inflated(100 + stream, length, size);
    }

    private void tight(int x, int y, int w, int h) throws IOException {
        int control = in.readUnsignedByte();
        if (control >> 4 == 8) {
            fill(x, y, w, h, tightPixel(in));
            return;
        }
        int stream = control >> 4 & 3;
        int filter = (control & 0x40) != 0 ? in.readUnsignedByte() : 0;
        int tightBytes = bytes == 4 ? 3 : bytes;
        if (filter == 0) {
            DataInputStream plain = tightData(stream, w * h * tightBytes);
            for (int i = 0; i < w * h; i++) {
                pixels[(y + i / w) * width + x + i % w] = tightPixel(plain);
            }
            return;
        }
        expect(filter, 1);
        int[] palette = new int[in.readUnsignedByte() + 1];
        for (int i = 0; i < palette.length; i++) {
            palette[i] = tightPixel(in);
        }
        boolean isTwo = palette.length == 2;
        DataInputStream plain = tightData(stream, isTwo ? (w + 7) / 8 * h : w * h);
        for (int row = 0; row < h; row++) {
            int value = 0;
            for (int column = 0; column < w; column++) {
                if (!isTwo || column % 8 == 0) {
                    value = plain.readUnsignedByte();
                }
                pixels[(y + row) * width + x + column] = palette[isTwo ? value >> 7 - column % 8 & 1 : value];
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        streams.values().forEach(Inflater::end);
    }
}

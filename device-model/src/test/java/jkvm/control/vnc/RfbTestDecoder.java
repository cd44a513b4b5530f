package jkvm.control.vnc;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Decodes rectangles for the tests' viewer, with code that the server does not share. */
abstract class RfbTestDecoder {
    final DataInputStream in;
    final Map<Integer, Inflater> streams = new HashMap<>();
    int width;
    int height;
    /** Pixels as the server sends them: of its format at first. */
    int[] pixels;
    int bytes = 4;
    boolean bigEndian;
    /** What is known of pixels that are sent with three bytes: as in {@link #bytes}, without this byte. */
    int compactFrom;

    RfbTestDecoder(DataInputStream in) {
        this.in = in;
    }

    static void expect(int found, int wanted) {
        if (found != wanted) {
            throw new AssertionError("expected " + wanted + ", got " + found);
        }
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

    final void raw(DataInputStream from, int x, int y, int w, int h) throws IOException {
        for (int row = y; row < y + h; row++) {
            for (int column = x; column < x + w; column++) {
                pixels[row * width + column] = pixel(from);
            }
        }
    }

    final void copy(int fromX, int fromY, int x, int y, int w, int h) {
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

    final DataInputStream inflated(int stream, int length, int most) throws IOException {
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

    final void hextile(int x, int y, int w, int h) throws IOException {
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

    final void zrle(int x, int y, int w, int h) throws IOException {
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

    final void tight(int x, int y, int w, int h) throws IOException {
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
}

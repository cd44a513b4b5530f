package jkvm.control.vnc;

/** Writes pixels of 0x00RRGGBB as a viewer wants them. Immutable. */
final class PixelWriter {
    private static final int LEVELS = 256;
    private static final int LEVEL_MAX = 255;
    private static final int LOW_THREE = 0x00ff_ffff;
    private static final int HIGH_THREE = 0xffff_ff00;

    private final PixelFormat format;
    private final int[] red;
    private final int[] green;
    private final int[] blue;
    /** The pixel's first byte in {@link #compact}, which leaves out the one that has no colour; -1 if each byte has. */
    private final int compactFrom;

    PixelWriter(PixelFormat format) {
        this.format = format;
        red = levels(format.redMax(), format.redShift());
        green = levels(format.greenMax(), format.greenShift());
        blue = levels(format.blueMax(), format.blueShift());
        compactFrom = compactFrom();
    }

    private static int[] levels(int max, int shift) {
        int[] levels = new int[LEVELS];
        for (int i = 0; i < LEVELS; i++) {
            levels[i] = (i * max + LEVEL_MAX / 2) / LEVEL_MAX << shift;
        }
        return levels;
    }

    private int compactFrom() {
        if (format.bits() != 32 || format.depth() > 24 || !format.trueColour()) {
            return -1;
        }
        int used = format.redMax() << format.redShift() | format.greenMax() << format.greenShift()
                | format.blueMax() << format.blueShift();
        if ((used & ~LOW_THREE) == 0) {
            return format.bigEndian() ? 1 : 0;
        }
        return (used & ~HIGH_THREE) == 0 ? format.bigEndian() ? 0 : 1 : -1;
    }

    int value(int rgb) {
        return red[rgb >> 16 & 0xff] | green[rgb >> 8 & 0xff] | blue[rgb & 0xff];
    }

    int bytes() {
        return format.bytes();
    }

    /** A whole pixel. */
    void write(ByteWriter out, int rgb) {
        int value = value(rgb);
        int bytes = format.bytes();
        for (int i = 0; i < bytes; i++) {
            out.u8(value >>> shift(i));
        }
    }

    private int shift(int index) {
        return Byte.SIZE * (format.bigEndian() ? format.bytes() - 1 - index : index);
    }

    /** The size of a pixel of {@link #compact}. */
    int compactBytes() {
        return compactFrom < 0 ? format.bytes() : 3;
    }

    /** A pixel as ZRLE has it. */
    void compact(ByteWriter out, int rgb) {
        if (compactFrom < 0) {
            write(out, rgb);
            return;
        }
        int value = value(rgb);
        for (int i = compactFrom; i < compactFrom + 3; i++) {
            out.u8(value >>> shift(i));
        }
    }

    /** True if Tight sends pixels of three bytes. */
    private boolean isTight() {
        return format.bits() == 32 && format.depth() == 24 && format.redMax() == LEVEL_MAX
                && format.greenMax() == LEVEL_MAX && format.blueMax() == LEVEL_MAX;
    }

    /** The size of a pixel of {@link #tight}. */
    int tightBytes() {
        return isTight() ? 3 : format.bytes();
    }

    /** A pixel as Tight has it: red, green, blue where the format has 24 bits of them. */
    void tight(ByteWriter out, int rgb) {
        if (isTight()) {
            out.u8(rgb >> 16);
            out.u8(rgb >> 8);
            out.u8(rgb);
        } else {
            write(out, rgb);
        }
    }
}

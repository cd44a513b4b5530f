package jkvm.bios.video;

import jkvm.bios.PhysicalMemory;
import jkvm.bios.SegmentedMemory;

/** The cells of a graphics mode: a character's glyph is drawn from the font that vectors 43h and 1Fh point to. */
final class GlyphCells extends Cells {
    static final int FONT_VECTOR = 0x43;
    static final int UPPER_FONT_VECTOR = 0x1F;
    static final int GLYPH_WIDTH = 8;
    /** Of a colour, outside of modes with 256: combine with what is there. */
    private static final int COMBINE_BIT = 0x80;
    private static final int CHARACTERS = 256;
    private static final int UPPER_HALF = 128;

    private final VideoData data;
    private final SegmentedMemory memory;
    private final VideoMode mode;
    private final PixelFormat pixels;

    GlyphCells(VideoData data, PhysicalMemory memory, VideoMode mode, PixelFormat pixels) {
        this.data = data;
        this.memory = new SegmentedMemory(memory);
        this.mode = mode;
        this.pixels = pixels;
    }

    @Override
    int read(int page, int column, int row) {
        int height = data.cellHeight();
        if (isOutside(column, row)) {
            return 0;
        }
        int[] rows = new int[height];
        for (int line = 0; line < height; line++) {
            for (int x = 0; x < GLYPH_WIDTH; x++) {
                int isSet = pixels.pixel(page, column * GLYPH_WIDTH + x, row * height + line) != 0 ? 1 : 0;
                rows[line] = rows[line] << 1 | isSet;
            }
        }
        for (int character = 0; character < CHARACTERS; character++) {
            if (isGlyph(character, rows)) {
                return character;
            }
        }
        return 0;
    }

    private boolean isGlyph(int character, int[] rows) {
        for (int line = 0; line < rows.length; line++) {
            if (glyph(character, line) != rows[line]) {
                return false;
            }
        }
        return true;
    }

    @Override
    void write(int page, int column, int row, int character, int attribute) {
        if (isOutside(column, row)) {
            return;
        }
        int colour = attribute == KEEP ? mode.colourCount() - 1 : attribute;
        boolean combine = mode.bitsPerPixel() < Byte.SIZE && (colour & COMBINE_BIT) != 0;
        int height = data.cellHeight();
        for (int line = 0; line < height; line++) {
            pixels.setEight(page, column * GLYPH_WIDTH, row * height + line, glyph(character, line), pixel(colour), 0,
                    combine);
        }
    }

    @Override
    void copy(int page, Window window, int from, int to) {
        int height = data.cellHeight();
        int width = width(window);
        for (int line = 0; line < height && width > 0; line++) {
            if (Math.max(from, to) * height + line < mode.height()) {
                pixels.copyRow(page, window.left() * GLYPH_WIDTH, width, from * height + line, to * height + line);
            }
        }
    }

    @Override
    void clear(int page, Window window, int row, int attribute) {
        int height = data.cellHeight();
        int width = width(window);
        for (int line = 0; line < height && width > 0 && row * height + line < mode.height(); line++) {
            pixels.fillRow(page, window.left() * GLYPH_WIDTH, width, row * height + line, pixel(attribute));
        }
    }

    /** The pixels of a window in a row, as far as the screen has them. */
    private int width(Window window) {
        int end = Math.min((window.right() + 1) * GLYPH_WIDTH, mode.width() / GLYPH_WIDTH * GLYPH_WIDTH);
        return end - window.left() * GLYPH_WIDTH;
    }

    private boolean isOutside(int column, int row) {
        return (column + 1) * GLYPH_WIDTH > mode.width() || (row + 1) * data.cellHeight() > mode.height();
    }

    /** The pixel of one of 16 colours: where pixels are colours themselves, theirs. */
    private int pixel(int colour) {
        return switch (mode.bitsPerPixel()) {
            case 15 -> DefaultColours.pack(DefaultColours.CGA.colour(cga(colour)), 5, 5, 5);
            case 16 -> DefaultColours.pack(DefaultColours.CGA.colour(cga(colour)), 5, 6, 5);
            case 24, 32 -> DefaultColours.pack(DefaultColours.CGA.colour(cga(colour)), 8, 8, 8);
            default -> colour;
        };
    }

    /** Bright colours are 16 places above the dim ones. */
    private static int cga(int colour) {
        return colour & 7 | (colour & 8) << 1;
    }

    private int glyph(int character, int line) {
        boolean isUpper = mode.isCga() && character >= UPPER_HALF;
        int vector = data.vector(isUpper ? UPPER_FONT_VECTOR : FONT_VECTOR);
        int index = isUpper ? character - UPPER_HALF : character;
        return memory.readByte(vector >>> Short.SIZE, (vector & 0xFFFF) + index * data.cellHeight() + line);
    }
}

package jkvm.bios.video;

import jkvm.bios.SegmentedMemory;

/** Puts fonts of text modes into plane 2 of the adapter's memory, where it looks for them, and sizes rows by them. */
final class FontLoader {
    static final int CHARACTERS = 256;
    private static final int GLYPH_SIZE = 32;
    private static final int BLOCK_SIZE = 0x4000;
    private static final int UPPER_BLOCKS = 0x2000;
    private static final int FONT_PLANE = 0x04;
    private static final int FLAT_MEMORY = 0x07;
    private static final int FONT_READ_MAP = 0x02;
    private static final int WINDOW_A0000 = 0x04;
    private static final int OVERFLOW_BIT_1 = 0x02;
    private static final int OVERFLOW_BIT_6 = 0x40;
    private static final int CELL_HEIGHT_MASK = 0x1F;
    private static final int DOUBLE_SCAN_BIT = 0x80;
    private static final int LINES_OF_A_VGA = 400;
    private static final int LINES_OF_AN_EGA = 350;
    private static final int LINES_OF_A_CGA = 200;

    private final Video video;
    private final VgaRegisters registers;

    FontLoader(Video video) {
        this.video = video;
        registers = video.registers();
    }

    /** Loads all characters of a font of the ROM into a block, 0 to 7. */
    void load(int offset, int height, int block) {
        byte[] font = new byte[CHARACTERS * height];
        System.arraycopy(video.rom(), offset, font, 0, font.length);
        load(font, height, 0, CHARACTERS, block);
    }

    /**
     * Loads characters.
     *
     * @param font   {@code count} glyphs of {@code height} bytes each
     * @param height up to 32
     * @param block  0 to 7
     */
    void load(byte[] font, int height, int first, int count, int block) {
        int[] saved = {registers.sequencer(VgaRegisters.MAP_MASK), registers.sequencer(VgaRegisters.MEMORY_MODE),
            registers.graphics(VgaRegisters.READ_MAP), registers.graphics(VgaRegisters.GRAPHICS_MODE),
            registers.graphics(VgaRegisters.MISCELLANEOUS)};
        setAccess(new int[] {FONT_PLANE, FLAT_MEMORY, FONT_READ_MAP, 0, WINDOW_A0000});
        int start = (block & 3) * BLOCK_SIZE + (block >> 2 & 1) * UPPER_BLOCKS;
        byte[] glyph = new byte[GLYPH_SIZE];
        for (int i = 0; i < count && first + i < CHARACTERS; i++) {
            System.arraycopy(font, i * height, glyph, 0, height);
            int at = start + (first + i) * GLYPH_SIZE;
            video.adapter().memory().write(VideoAdapter.WINDOW + at, glyph, 0, height);
        }
        setAccess(saved);
    }

    private void setAccess(int[] values) {
        registers.setSequencer(VgaRegisters.MAP_MASK, values[0]);
        registers.setSequencer(VgaRegisters.MEMORY_MODE, values[1]);
        registers.setGraphics(VgaRegisters.READ_MAP, values[2]);
        registers.setGraphics(VgaRegisters.GRAPHICS_MODE, values[3]);
        registers.setGraphics(VgaRegisters.MISCELLANEOUS, values[4]);
    }

    /** Loads characters from a caller's table; more than a VGA has are left out. */
    void load(SegmentedMemory memory, int segment, int offset, int height, int first, int count, int block) {
        int glyphHeight = Math.clamp(height, 1, GLYPH_SIZE);
        int glyphs = Math.clamp(count, 0, CHARACTERS - first);
        byte[] font = new byte[glyphs * glyphHeight];
        for (int i = 0; i < glyphs; i++) {
            memory.read(segment, offset + i * height, font, i * glyphHeight, glyphHeight);
        }
        load(font, glyphHeight, first, glyphs, block);
    }

    /** Gives a text mode's rows a height: as many as fit on the screen's lines; the cursor is at the foot of one. */
    void setHeight(int height) {
        VideoData data = video.data();
        int cell = registers.crtc(VgaRegisters.CELL_HEIGHT);
        int rows = Math.max(1, lines(data.flags()) / height);
        registers.setCrtc(VgaRegisters.CELL_HEIGHT, cell & ~CELL_HEIGHT_MASK | height - 1);
        registers.setCrtc(VgaRegisters.CURSOR_START, Math.max(0, height - (height < 14 ? 2 : 3)));
        registers.setCrtc(VgaRegisters.CURSOR_END, Math.max(0, height - (height < 14 ? 1 : 2)));
        int shown = rows * height << (cell & DOUBLE_SCAN_BIT) / DOUBLE_SCAN_BIT;
        setLines(shown);
        data.setCellHeight(height);
        data.setSize(data.columns(), rows);
        data.setPageSize(pageSize(data.columns(), rows));
    }

    private static int pageSize(int columns, int rows) {
        // As IBM's: with 256 bytes to spare where they do not end at a KiB.
        return rows == 25 && columns == 80 ? 0x1000 : rows == 25 && columns == 40 ? 0x800 : columns * rows * 2 + 0x100;
    }

    /** The lines that text modes have, as function 12h has chosen. */
    private static int lines(int flags) {
        if ((flags & VideoData.LINES_400_BIT) != 0) {
            return LINES_OF_A_VGA;
        }
        return (flags & VideoData.LINES_200_BIT) != 0 ? LINES_OF_A_CGA : LINES_OF_AN_EGA;
    }

    private void setLines(int lines) {
        int last = lines - 1;
        int overflow = registers.crtc(VgaRegisters.OVERFLOW) & ~(OVERFLOW_BIT_1 | OVERFLOW_BIT_6);
        registers.setCrtc(VgaRegisters.OVERFLOW, overflow | last >> 7 & OVERFLOW_BIT_1 | last >> 3 & OVERFLOW_BIT_6);
        registers.setCrtc(VgaRegisters.DISPLAY_END, last & 0xFF);
    }
}

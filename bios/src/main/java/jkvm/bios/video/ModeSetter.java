package jkvm.bios.video;

/** Sets a mode: the adapter's registers, colours, font and memory, and what the BIOS data area says of it. */
final class ModeSetter {
    private static final int NUMBER_MASK = 0x7F;
    private static final int KEEP_MEMORY_BIT = 0x80;
    private static final int WINDOW_PLANE = 0x10000;
    private static final int TEXT_SIZE = 0x8000;
    private static final int BLANK = ' ';
    private static final int NORMAL = 0x07;
    private static final int TEXT_CURSOR = 0x0607;
    private static final int TEXT_200_LINES = 0x00;
    private static final int TEXT_350_LINES = 0x13;
    private static final int MONO_200_OR_350 = 0x07;
    private static final int MONO_MODE = 0x07;
    private static final int LINEAR_MODE = 0x13;
    private static final int RESET = 0x01;
    private static final int RUN = 0x03;
    private static final int WRITE_PROTECT_BIT = 0x80;
    private static final int CGA_PALETTE = 0x30;
    private static final int CGA_PALETTE_OF_MODE_6 = 0x3F;
    private static final int ALL_COLOURS = 0xFF;
    /** What a CGA's mode select register has in modes 0 to 7. */
    private static final int[] MODE_SELECT = {0x2C, 0x28, 0x2D, 0x29, 0x2A, 0x2E, 0x1E, 0x29};

    private static final int COLUMNS = 0;
    private static final int LAST_ROW = 1;
    private static final int CELL_HEIGHT = 2;
    private static final int PAGE_SIZE = 3;
    private static final int SEQUENCER = 5;
    private static final int MISCELLANEOUS = 9;
    private static final int CRTC = 10;
    private static final int ATTRIBUTES = 35;
    private static final int GRAPHICS = 55;
    private static final int PALETTE_SIZE = 16;
    private static final int ATTRIBUTES_SIZE = 20;

    private final Video video;
    private final VgaRegisters registers;
    private final VideoData data;
    private final FontLoader fonts;

    ModeSetter(Video video, FontLoader fonts) {
        this.video = video;
        this.fonts = fonts;
        registers = video.registers();
        data = video.data();
    }

    /**
     * Sets a mode of function 0.
     *
     * @param number with bit 7 to keep what is in the adapter's memory
     * @return false if there is no such mode: nothing has changed
     */
    boolean set(int number) {
        VideoMode mode = VideoMode.standard(number & NUMBER_MASK);
        if (mode == null) {
            return false;
        }
        boolean keepsMemory = (number & KEEP_MEMORY_BIT) != 0;
        if (video.vbe().isPresent()) {
            video.vbe().disable();
        }
        int entry = entry(mode);
        load(entry);
        colours(mode, entry);
        if (!keepsMemory) {
            clear(mode);
        }
        describe(mode, entry, keepsMemory);
        if (mode.isText()) {
            fonts.load(VideoRom.font(data.cellHeight()), data.cellHeight(), 0);
        }
        return true;
    }

    /** Brings the VGA's own registers into the state that they have under a mode of VBE. */
    void setUnderVbe() {
        VideoMode mode = VideoMode.standard(LINEAR_MODE);
        load(entry(mode));
        colours(mode, entry(mode));
    }

    /** A text mode has 200, 350 or 400 lines, as function 12h has chosen. */
    private int parameters(VideoMode mode) {
        if (!mode.isText() || (data.flags() & VideoData.LINES_400_BIT) != 0) {
            return mode.parameters();
        }
        if (mode.number() == MONO_MODE) {
            return MONO_200_OR_350;
        }
        boolean is200 = (data.flags() & VideoData.LINES_200_BIT) != 0;
        return (is200 ? TEXT_200_LINES : TEXT_350_LINES) + mode.number();
    }

    private int entry(VideoMode mode) {
        return VideoRom.PARAMETERS + parameters(mode) * VideoRom.PARAMETER_SIZE;
    }

    private int parameter(int index) {
        return video.rom()[index] & 0xFF;
    }

    private void load(int entry) {
        registers.setMiscellaneous(parameter(entry + MISCELLANEOUS));
        registers.setSequencer(0, RESET);
        for (int i = 1; i < VgaRegisters.SEQUENCER_COUNT; i++) {
            registers.setSequencer(i, parameter(entry + SEQUENCER + i - 1));
        }
        registers.setSequencer(0, RUN);
        registers.setCrtc(VgaRegisters.RETRACE_END, registers.crtc(VgaRegisters.RETRACE_END) & ~WRITE_PROTECT_BIT);
        for (int i = 0; i < VgaRegisters.CRTC_COUNT; i++) {
            registers.setCrtc(i, parameter(entry + CRTC + i));
        }
        for (int i = 0; i < VgaRegisters.GRAPHICS_COUNT; i++) {
            registers.setGraphics(i, parameter(entry + GRAPHICS + i));
        }
    }

    private void colours(VideoMode mode, int entry) {
        boolean keepsColours = (data.flags() & VideoData.KEEP_COLOURS_BIT) != 0;
        for (int i = keepsColours ? PALETTE_SIZE : 0; i < ATTRIBUTES_SIZE; i++) {
            registers.setAttribute(i, parameter(entry + ATTRIBUTES + i));
        }
        registers.setAttribute(VgaRegisters.COLOUR_SELECT, 0);
        registers.setColourMask(ALL_COLOURS);
        if (keepsColours) {
            return;
        }
        loadColours(mode.colours());
    }

    /** Puts colours into the DAC, as greys if function 12h has asked for them. */
    void loadColours(DefaultColours colours) {
        boolean isGrey = (data.flags() & VideoData.GREY_BIT) != 0;
        for (int i = 0; i < VgaRegisters.COLOURS; i++) {
            int colour = colours.colour(i);
            registers.setColour(i, isGrey ? DefaultColours.grey(colour) : colour);
        }
    }

    private void clear(VideoMode mode) {
        if (mode.isText()) {
            for (int i = 0; i < TEXT_SIZE; i += 2) {
                video.adapter().writeMemory(mode.window() + i, BLANK);
                video.adapter().writeMemory(mode.window() + i + 1, NORMAL);
            }
        } else {
            int size = mode.isCga() ? TEXT_SIZE : WINDOW_PLANE;
            video.adapter().memory().write(VideoAdapter.WINDOW + mode.window(), new byte[size], 0, size);
        }
    }

    private void describe(VideoMode mode, int entry, boolean keepsMemory) {
        boolean isMonochrome = mode.number() == MONO_MODE || mode.number() == 0x0F;
        int height = parameter(entry + CELL_HEIGHT);
        int pageSize = parameter(entry + PAGE_SIZE) | parameter(entry + PAGE_SIZE + 1) << Byte.SIZE;
        describe(mode.number(), parameter(entry + COLUMNS), parameter(entry + LAST_ROW) + 1, height, pageSize);
        data.setVbeMode(0);
        data.setCrtcPort(registers.crtcPort());
        data.setControl(VideoData.NOT_CLEARED_BIT, keepsMemory);
        data.setEquipment(isMonochrome);
        data.setCursorShape(mode.isText() ? TEXT_CURSOR : 0);
        if (mode.number() < MODE_SELECT.length) {
            data.setModeSelect(MODE_SELECT[mode.number()]);
            data.setCgaPalette(mode.number() == 6 ? CGA_PALETTE_OF_MODE_6 : CGA_PALETTE);
        }
    }

    /** Writes a mode's size into the data area, with all cursors at the upper left, and the fonts of graphics. */
    void describe(int number, int columns, int rows, int height, int pageSize) {
        data.setMode(number);
        data.setSize(columns, rows);
        data.setCellHeight(height);
        data.setPageSize(pageSize);
        data.setPageStart(0);
        data.setPage(0);
        for (int page = 0; page < VideoData.PAGES; page++) {
            data.setCursor(page, 0);
        }
        data.setVector(GlyphCells.UPPER_FONT_VECTOR, VideoRom.SEGMENT, VideoRom.FONT_8 + 128 * 8);
        data.setVector(GlyphCells.FONT_VECTOR, VideoRom.SEGMENT, VideoRom.font(height));
    }
}

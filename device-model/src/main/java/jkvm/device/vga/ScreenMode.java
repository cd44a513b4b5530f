package jkvm.device.vga;

/**
 * The picture that the registers describe. One instance follows them: {@link #update} says whether all has to be drawn
 * anew. All addresses are offsets in the adapter's memory, in bytes.
 */
final class ScreenMode {
    /** The meaning of the memory. */
    enum Kind { OFF, TEXT, PLANAR, CGA, COLOURS_256, BITS_15, BITS_16, BITS_24, BITS_32 }

    /** More pixels than these are not shown: the rest of the lines is left out. */
    private static final int MAX_PIXELS = 1 << 23;
    private static final int CELL_BYTES = 4;
    private static final int EIGHT_DOTS = 8;
    private static final int CURSOR_LINE_MASK = 0x1F;
    private static final int NO_CURSOR = -1;
    private static final int FONT_SIZE = 8192 * 4;
    private static final int NO_LINE_COMPARE = Integer.MAX_VALUE;

    Kind kind = Kind.OFF;
    int width;
    int height;
    int start;
    int lineBytes;
    /** Where addresses wrap. */
    int limit = Vram.VGA_SIZE;
    int lineCompare;
    /** Further scan lines that show the same. */
    int repeats;
    /** Each pixel is two dots wide. */
    boolean doubled;
    /** Dots that the picture is moved to the left. */
    int pan;
    boolean panTopOnly;
    int presetRow;
    int crtcMode;
    int planes;

    int columns;
    int rows;
    int cellWidth;
    int cellHeight;
    /** Offsets of the shapes for attributes without and with bit 3. */
    int font0;
    int font1;
    boolean lineGraphics;
    boolean blinking;
    int underline;
    /** Address of the cell with the cursor, -1 if it is off. */
    int cursor = NO_CURSOR;
    int cursorFirst;
    int cursorLast;

    private int registerPan;
    private boolean changed;

    /**
     * Takes the mode from the registers.
     *
     * @return true if it is another one; the cursor's place and shape do not count
     */
    boolean update(VgaCore core) {
        VgaRegisters registers = core.registers();
        changed = false;
        Kind now = kindOf(registers, core.dispi());
        changed |= now != kind;
        kind = now;
        if (kind == Kind.OFF) {
            return changed;
        }
        if (core.dispi().isEnabled()) {
            takeDispi(core.dispi(), core.vram());
        } else {
            takeVga(registers);
        }
        planes = set(planes, LegacyWindow.spread(registers.attribute(VgaRegisters.ATTR_PLANE_ENABLE)));
        if (kind == Kind.TEXT) {
            takeText(registers);
        } else {
            takeGraphics(registers, core.dispi());
        }
        return changed;
    }

    private static Kind kindOf(VgaRegisters registers, Dispi dispi) {
        if (!registers.isShown()
                || (registers.sequencer(VgaRegisters.SEQ_CLOCKING) & VgaRegisters.CLOCKING_OFF_BIT) != 0) {
            return Kind.OFF;
        }
        if ((registers.graphics(VgaRegisters.GR_MISC) & VgaRegisters.MISC_GRAPHICS_BIT) == 0) {
            return Kind.TEXT;
        }
        int shift = registers.graphics(VgaRegisters.GR_MODE) >> VgaRegisters.MODE_SHIFT_SHIFT & 3;
        if (shift < 2) {
            return shift == 0 ? Kind.PLANAR : Kind.CGA;
        }
        return switch (dispi.isEnabled() ? dispi.bits() : 0) {
            case 15 -> Kind.BITS_15;
            case 16 -> Kind.BITS_16;
            case 24 -> Kind.BITS_24;
            case 32 -> Kind.BITS_32;
            default -> Kind.COLOURS_256;
        };
    }

    private int set(int old, int value) {
        changed |= old != value;
        return value;
    }

    private boolean set(boolean old, boolean value) {
        changed |= old != value;
        return value;
    }

    private void takeDispi(Dispi dispi, Vram vram) {
        start = set(start, dispi.start());
        lineBytes = set(lineBytes, dispi.lineBytes());
        limit = set(limit, vram.size());
        lineCompare = set(lineCompare, NO_LINE_COMPARE);
        registerPan = 0;
        presetRow = set(presetRow, 0);
    }

    private void takeVga(VgaRegisters registers) {
        int preset = registers.crtc(VgaRegisters.CR_PRESET_ROW);
        int address = registers.crtc(VgaRegisters.CR_START_HIGH) << Byte.SIZE
                | registers.crtc(VgaRegisters.CR_START_LOW);
        address += preset >> 5 & 3;
        start = kind == Kind.TEXT ? address * CELL_BYTES & Vram.VGA_SIZE - 1
                : set(start, address * CELL_BYTES & Vram.VGA_SIZE - 1);
        lineBytes = set(lineBytes, registers.crtc(VgaRegisters.CR_OFFSET) << 3);
        limit = set(limit, Vram.VGA_SIZE);
        int compare = registers.crtc(VgaRegisters.CR_LINE_COMPARE)
                | (registers.crtc(VgaRegisters.CR_OVERFLOW) & VgaRegisters.LINE_COMPARE_8_BIT) << 4
                | (registers.crtc(VgaRegisters.CR_ROW_HEIGHT) & 0x40) << 3;
        lineCompare = set(lineCompare, compare);
        registerPan = registers.attribute(VgaRegisters.ATTR_PAN) & 0xF;
        panTopOnly = set(panTopOnly, (registers.attribute(VgaRegisters.ATTR_MODE)
                & VgaRegisters.MODE_PAN_TOP_ONLY_BIT) != 0);
        presetRow = set(presetRow, preset & CURSOR_LINE_MASK);
    }

    private int lines(VgaRegisters registers) {
        return registers.withOverflow(VgaRegisters.CR_HEIGHT, 1, 6) + 1;
    }

    private void takeText(VgaRegisters registers) {
        int clocking = registers.sequencer(VgaRegisters.SEQ_CLOCKING);
        boolean isNine = (clocking & VgaRegisters.CLOCKING_EIGHT_DOTS_BIT) == 0;
        doubled = set(doubled, (clocking & VgaRegisters.CLOCKING_HALF_BIT) != 0);
        cellWidth = set(cellWidth, doubled ? 2 * EIGHT_DOTS : isNine ? EIGHT_DOTS + 1 : EIGHT_DOTS);
        cellHeight = set(cellHeight, (registers.crtc(VgaRegisters.CR_ROW_HEIGHT) & CURSOR_LINE_MASK) + 1);
        columns = set(columns, registers.crtc(VgaRegisters.CR_WIDTH) + 1);
        // With a part of a row at the end, as on a screen that does not show it.
        rows = set(rows, Math.max(1, lines(registers) / cellHeight));
        width = columns * cellWidth;
        height = rows * cellHeight;
        // A cell of nine dots is moved by one more than the register says, and by none where it says eight.
        pan = set(pan, !isNine ? registerPan & 7 : registerPan >= EIGHT_DOTS ? 0 : registerPan + 1);
        int fonts = registers.sequencer(VgaRegisters.SEQ_FONTS);
        font0 = set(font0, (fonts >> 4 & 1 | fonts << 1 & 6) * FONT_SIZE);
        font1 = set(font1, (fonts >> 5 & 1 | fonts >> 1 & 6) * FONT_SIZE);
        int mode = registers.attribute(VgaRegisters.ATTR_MODE);
        lineGraphics = set(lineGraphics, (mode & VgaRegisters.MODE_LINE_GRAPHICS_BIT) != 0);
        blinking = set(blinking, (mode & VgaRegisters.MODE_BLINK_BIT) != 0);
        underline = set(underline, registers.crtc(VgaRegisters.CR_UNDERLINE) & CURSOR_LINE_MASK);
        takeCursor(registers);
    }

    private void takeCursor(VgaRegisters registers) {
        int first = registers.crtc(VgaRegisters.CR_CURSOR_START);
        cursorFirst = first & CURSOR_LINE_MASK;
        cursorLast = Math.min(registers.crtc(VgaRegisters.CR_CURSOR_END) & CURSOR_LINE_MASK, cellHeight - 1);
        boolean isOff = (first & VgaRegisters.CURSOR_OFF_BIT) != 0 || cursorFirst > cursorLast;
        int address = registers.crtc(VgaRegisters.CR_CURSOR_HIGH) << Byte.SIZE
                | registers.crtc(VgaRegisters.CR_CURSOR_LOW);
        cursor = isOff ? NO_CURSOR : address * CELL_BYTES;
    }

    private void takeGraphics(VgaRegisters registers, Dispi dispi) {
        boolean isHalf = (registers.sequencer(VgaRegisters.SEQ_CLOCKING) & VgaRegisters.CLOCKING_HALF_BIT) != 0;
        boolean hasOwnSize = dispi.isEnabled();
        doubled = set(doubled, kind == Kind.COLOURS_256 ? !hasOwnSize
                : (kind == Kind.PLANAR || kind == Kind.CGA) && isHalf);
        int across = hasOwnSize ? dispi.width() : (registers.crtc(VgaRegisters.CR_WIDTH) + 1) * EIGHT_DOTS;
        width = set(width, doubled && kind != Kind.COLOURS_256 ? 2 * across : across);
        height = set(height, Math.min(hasOwnSize ? dispi.height() : lines(registers), MAX_PIXELS / width));
        int rowHeight = registers.crtc(VgaRegisters.CR_ROW_HEIGHT);
        int scanDouble = rowHeight >> 7;
        repeats = set(repeats, kind == Kind.CGA ? scanDouble
                : ((rowHeight & CURSOR_LINE_MASK) + 1 << scanDouble) - 1);
        crtcMode = set(crtcMode, registers.crtc(VgaRegisters.CR_MODE) & 0x43);
        pan = set(pan, kind == Kind.COLOURS_256 ? registerPan >> 1 & 3 : registerPan & 7);
    }
}

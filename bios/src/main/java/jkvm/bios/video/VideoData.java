package jkvm.bios.video;

import jkvm.bios.BiosData;
import jkvm.memory.GuestMemory;

/**
 * The video part of the BIOS data area, which has all of the video BIOS's state. Programs may write anything there: a
 * value that is read here is brought into its range.
 */
final class VideoData {
    static final int PAGES = 8;
    /** Function 0Ch to 13h without a mode of INT 10h: a mode of VBE. */
    static final int VBE_MODE_BYTE = 0xFF;
    /** {@link #control}: the screen was not cleared. */
    static final int NOT_CLEARED_BIT = 0x80;
    /** {@link #control}: the cursor's shape is taken as it is. */
    static final int NO_CURSOR_EMULATION_BIT = 0x01;
    /** {@link #flags}: 400 lines in text modes. */
    static final int LINES_400_BIT = 0x10;
    /** {@link #flags}: 200 lines in text modes. */
    static final int LINES_200_BIT = 0x80;
    /** {@link #flags}: setting a mode keeps the colours. */
    static final int KEEP_COLOURS_BIT = 0x08;
    /** {@link #flags}: colours become greys. */
    static final int GREY_BIT = 0x02;

    private static final int EQUIPMENT_VIDEO_MASK = 0x30;
    private static final int EQUIPMENT_COLOUR_80 = 0x20;
    private static final int EQUIPMENT_MONO = 0x30;
    private static final int PAGE_SIZE = 0x44C;
    private static final int PAGE_START = 0x44E;
    private static final int CURSORS = 0x450;
    private static final int CURSOR_SHAPE = 0x460;
    private static final int PAGE = 0x462;
    private static final int CRTC_PORT = 0x463;
    private static final int MODE_SELECT = 0x465;
    private static final int CGA_PALETTE = 0x466;
    private static final int CELL_HEIGHT = 0x485;
    private static final int CONTROL = 0x487;
    private static final int SWITCHES = 0x488;
    private static final int FLAGS = 0x489;
    private static final int COMBINATION = 0x48A;
    private static final int SAVE_POINTER = 0x4A8;
    private static final int VBE_MODE = 0x4BA;
    private static final int MAX_ROWS = 256;
    private static final int MAX_CELL_HEIGHT = 32;

    private static final int DEFAULT_CONTROL = 0x60;
    private static final int DEFAULT_SWITCHES = 0xF9;
    private static final int DEFAULT_FLAGS = 0x51;
    /** A VGA with a colour display. */
    private static final int COLOUR_VGA = 0x08;

    private final BiosData data;

    VideoData(GuestMemory ram) {
        data = new BiosData(ram);
    }

    /** As a VGA BIOS leaves it at its start. */
    void reset() {
        data.writeByte(CONTROL, DEFAULT_CONTROL);
        data.writeByte(SWITCHES, DEFAULT_SWITCHES);
        data.writeByte(FLAGS, DEFAULT_FLAGS);
        data.writeByte(COMBINATION, COLOUR_VGA);
        data.writeInt(SAVE_POINTER, VideoRom.SEGMENT << 16 | VideoRom.SAVE_POINTERS);
    }

    /** Bits 4 and 5 of the equipment say what the display is. */
    void setEquipment(boolean isMonochrome) {
        int others = data.readWord(BiosData.EQUIPMENT) & ~EQUIPMENT_VIDEO_MASK;
        data.writeWord(BiosData.EQUIPMENT, (others | (isMonochrome ? EQUIPMENT_MONO : EQUIPMENT_COLOUR_80)));
    }

    boolean isMonochrome() {
        return (data.readWord(BiosData.EQUIPMENT) & EQUIPMENT_VIDEO_MASK) == EQUIPMENT_MONO;
    }

    /** The mode's number; {@link #VBE_MODE_BYTE} in one of VBE that INT 10h does not have. */
    int mode() {
        return data.readByte(BiosData.VIDEO_MODE);
    }

    void setMode(int mode) {
        data.writeByte(BiosData.VIDEO_MODE, mode);
    }

    /** The number of VBE's mode with its bits 14 and 15, if {@link #mode} says so; 0 for none. */
    int vbeMode() {
        return data.readWord(VBE_MODE);
    }

    void setVbeMode(int mode) {
        data.writeWord(VBE_MODE, mode);
    }

    /** At least 1. */
    int columns() {
        return Math.max(1, data.readByte(BiosData.VIDEO_COLUMNS));
    }

    int rows() {
        return data.readByte(BiosData.VIDEO_LAST_ROW) + 1;
    }

    void setSize(int columns, int rows) {
        data.writeWord(BiosData.VIDEO_COLUMNS, columns);
        data.writeByte(BiosData.VIDEO_LAST_ROW, (Math.min(rows, MAX_ROWS) - 1));
    }

    int pageSize() {
        return data.readWord(PAGE_SIZE);
    }

    void setPageSize(int bytes) {
        data.writeWord(PAGE_SIZE, bytes);
    }

    /** Where the page that is shown begins in the adapter's memory. */
    int pageStart() {
        return data.readWord(PAGE_START);
    }

    void setPageStart(int start) {
        data.writeWord(PAGE_START, start);
    }

    /** Column in bits 0 to 7, row in bits 8 to 15. */
    int cursor(int page) {
        return data.readWord(CURSORS + 2 * (page % PAGES));
    }

    void setCursor(int page, int position) {
        data.writeWord(CURSORS + 2 * (page % PAGES), position);
    }

    /** Last line in bits 0 to 7, first one in bits 8 to 15. */
    int cursorShape() {
        return data.readWord(CURSOR_SHAPE);
    }

    void setCursorShape(int shape) {
        data.writeWord(CURSOR_SHAPE, shape);
    }

    /** The page that is shown, 0 to 7. */
    int page() {
        return data.readByte(PAGE) % PAGES;
    }

    void setPage(int page) {
        data.writeByte(PAGE, page);
    }

    int crtcPort() {
        return data.readWord(CRTC_PORT);
    }

    void setCrtcPort(int port) {
        data.writeWord(CRTC_PORT, port);
    }

    /** What a CGA's mode select register would hold. */
    int modeSelect() {
        return data.readByte(MODE_SELECT);
    }

    void setModeSelect(int value) {
        data.writeByte(MODE_SELECT, value);
    }

    /** What a CGA's colour register would hold. */
    int cgaPalette() {
        return data.readByte(CGA_PALETTE);
    }

    void setCgaPalette(int value) {
        data.writeByte(CGA_PALETTE, value);
    }

    /** Lines of a character, 1 to 32. */
    int cellHeight() {
        return Math.clamp(data.readWord(CELL_HEIGHT), 1, MAX_CELL_HEIGHT);
    }

    void setCellHeight(int lines) {
        data.writeWord(CELL_HEIGHT, lines);
    }

    int control() {
        return data.readByte(CONTROL);
    }

    void setControl(int bits, boolean isSet) {
        data.writeByte(CONTROL, (isSet ? control() | bits : control() & ~bits));
    }

    int switches() {
        return data.readByte(SWITCHES);
    }

    void setSwitches(int value) {
        data.writeByte(SWITCHES, value);
    }

    int flags() {
        return data.readByte(FLAGS);
    }

    void setFlags(int bits, boolean isSet) {
        data.writeByte(FLAGS, (isSet ? flags() | bits : flags() & ~bits));
    }

    int combination() {
        return data.readByte(COMBINATION);
    }

    void setCombination(int code) {
        data.writeByte(COMBINATION, code);
    }

    /** A vector of the interrupt table: offset in bits 0 to 15, segment in bits 16 to 31. */
    int vector(int number) {
        return data.readInt(4 * number);
    }

    void setVector(int number, int segment, int offset) {
        data.writeInt(4 * number, segment << 16 | offset);
    }
}

package jkvm.bios.video;

/** The register sets of a VGA, reached through their ports (FreeVGA, "VGA Hardware"). */
final class VgaRegisters {
    static final int SEQUENCER_COUNT = 5;
    static final int GRAPHICS_COUNT = 9;
    static final int ATTRIBUTE_COUNT = 0x15;
    static final int CRTC_COUNT = 0x19;
    static final int COLOURS = 256;

    static final int MAP_MASK = 2;
    static final int FONT_SELECT = 3;
    static final int MEMORY_MODE = 4;
    static final int SET_RESET = 0;
    static final int ENABLE_SET_RESET = 1;
    static final int FUNCTION = 3;
    static final int READ_MAP = 4;
    static final int GRAPHICS_MODE = 5;
    static final int MISCELLANEOUS = 6;
    static final int BIT_MASK = 8;
    static final int ATTRIBUTE_MODE = 0x10;
    static final int OVERSCAN = 0x11;
    static final int COLOUR_SELECT = 0x14;
    static final int CELL_HEIGHT = 0x09;
    static final int CURSOR_START = 0x0A;
    static final int CURSOR_END = 0x0B;
    static final int START_HIGH = 0x0C;
    static final int START_LOW = 0x0D;
    static final int CURSOR_HIGH = 0x0E;
    static final int CURSOR_LOW = 0x0F;
    static final int RETRACE_END = 0x11;
    static final int DISPLAY_END = 0x12;
    static final int OVERFLOW = 0x07;

    private static final int ATTRIBUTE_PORT = 0x3C0;
    private static final int ATTRIBUTE_DATA = 0x3C1;
    private static final int MISC_WRITE = 0x3C2;
    private static final int SEQUENCER_PORT = 0x3C4;
    private static final int DAC_MASK = 0x3C6;
    private static final int DAC_READ = 0x3C7;
    private static final int DAC_WRITE = 0x3C8;
    private static final int DAC_DATA = 0x3C9;
    private static final int MISC_READ = 0x3CC;
    private static final int GRAPHICS_PORT = 0x3CE;
    private static final int COLOUR_CRTC = 0x3D4;
    private static final int MONO_CRTC = 0x3B4;
    /** From the CRT controller's index to the input status register, whose read resets the attribute's flip-flop. */
    private static final int STATUS_OFFSET = 6;
    private static final int COLOUR_BIT = 0x01;
    private static final int SCREEN_ON_BIT = 0x20;
    private static final int BYTE_MASK = 0xFF;

    private final VideoAdapter adapter;

    VgaRegisters(VideoAdapter adapter) {
        this.adapter = adapter;
    }

    int miscellaneous() {
        return adapter.readPort(MISC_READ);
    }

    void setMiscellaneous(int value) {
        adapter.writePort(MISC_WRITE, value);
    }

    /** The port of the CRT controller's index, as the miscellaneous output register places it. */
    int crtcPort() {
        return (miscellaneous() & COLOUR_BIT) != 0 ? COLOUR_CRTC : MONO_CRTC;
    }

    int sequencer(int index) {
        return indexed(SEQUENCER_PORT, index);
    }

    void setSequencer(int index, int value) {
        setIndexed(SEQUENCER_PORT, index, value);
    }

    int graphics(int index) {
        return indexed(GRAPHICS_PORT, index);
    }

    void setGraphics(int index, int value) {
        setIndexed(GRAPHICS_PORT, index, value);
    }

    int crtc(int index) {
        return indexed(crtcPort(), index);
    }

    void setCrtc(int index, int value) {
        setIndexed(crtcPort(), index, value);
    }

    /** Sets two registers of the CRT controller, the high byte first. */
    void setCrtcWord(int highIndex, int value) {
        int port = crtcPort();
        setIndexed(port, highIndex, value >> Byte.SIZE & BYTE_MASK);
        setIndexed(port, highIndex + 1, value & BYTE_MASK);
    }

    int attribute(int index) {
        resetFlipFlop();
        adapter.writePort(ATTRIBUTE_PORT, index);
        int value = adapter.readPort(ATTRIBUTE_DATA);
        showScreen();
        return value;
    }

    void setAttribute(int index, int value) {
        resetFlipFlop();
        adapter.writePort(ATTRIBUTE_PORT, index);
        adapter.writePort(ATTRIBUTE_PORT, value);
        showScreen();
    }

    private void resetFlipFlop() {
        adapter.readPort(crtcPort() + STATUS_OFFSET);
    }

    /** While the palette is accessed the screen is off. */
    private void showScreen() {
        resetFlipFlop();
        adapter.writePort(ATTRIBUTE_PORT, SCREEN_ON_BIT);
    }

    int colourMask() {
        return adapter.readPort(DAC_MASK);
    }

    void setColourMask(int value) {
        adapter.writePort(DAC_MASK, value);
    }

    /** A colour of the DAC, red in bits 16 to 23; each part has six bits, or eight as VBE sets it. */
    int colour(int index) {
        adapter.writePort(DAC_READ, index);
        int colour = 0;
        for (int part = 0; part < 3; part++) {
            colour = colour << Byte.SIZE | adapter.readPort(DAC_DATA) & BYTE_MASK;
        }
        return colour;
    }

    void setColour(int index, int colour) {
        adapter.writePort(DAC_WRITE, index);
        for (int shift = 16; shift >= 0; shift -= Byte.SIZE) {
            adapter.writePort(DAC_DATA, colour >> shift & BYTE_MASK);
        }
    }

    private int indexed(int port, int index) {
        adapter.writePort(port, index);
        return adapter.readPort(port + 1) & BYTE_MASK;
    }

    private void setIndexed(int port, int index, int value) {
        adapter.writePort(port, index);
        adapter.writePort(port + 1, value);
    }
}

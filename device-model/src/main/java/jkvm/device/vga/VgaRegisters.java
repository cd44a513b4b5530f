package jkvm.device.vga;

import java.util.Arrays;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The registers of a VGA (IBM PS/2 Hardware Interface Technical Reference, Video Subsystem): sequencer, CRT controller,
 * graphics and attribute controller, each behind an index. Guarded by the adapter's lock.
 */
final class VgaRegisters {
    static final int SEQUENCERS = 8;
    static final int GRAPHICS = 16;
    static final int ATTRIBUTES = 21;
    static final int CRTCS = 256;

    static final int SEQ_CLOCKING = 1;
    static final int SEQ_PLANE_MASK = 2;
    static final int SEQ_FONTS = 3;
    static final int SEQ_MEMORY_MODE = 4;
    static final int CLOCKING_EIGHT_DOTS_BIT = 0x01;
    static final int CLOCKING_HALF_BIT = 0x08;
    static final int CLOCKING_OFF_BIT = 0x20;
    static final int MEMORY_CHAIN_4_BIT = 0x08;

    static final int GR_SET_RESET = 0;
    static final int GR_ENABLE_SET_RESET = 1;
    static final int GR_COMPARE = 2;
    static final int GR_ROTATE = 3;
    static final int GR_READ_PLANE = 4;
    static final int GR_MODE = 5;
    static final int GR_MISC = 6;
    static final int GR_DO_NOT_CARE = 7;
    static final int GR_BIT_MASK = 8;
    static final int MODE_READ_COMPARE_BIT = 0x08;
    static final int MODE_ODD_EVEN_BIT = 0x10;
    static final int MODE_SHIFT_SHIFT = 5;
    static final int MISC_GRAPHICS_BIT = 0x01;
    static final int MISC_MAP_SHIFT = 2;

    static final int ATTR_MODE = 0x10;
    static final int ATTR_PLANE_ENABLE = 0x12;
    static final int ATTR_PAN = 0x13;
    static final int ATTR_COLOUR_SELECT = 0x14;
    static final int MODE_LINE_GRAPHICS_BIT = 0x04;
    static final int MODE_BLINK_BIT = 0x08;
    static final int MODE_PAN_TOP_ONLY_BIT = 0x20;
    static final int MODE_COLOUR_SELECT_BIT = 0x80;
    static final int INDEX_SHOWS_BIT = 0x20;

    static final int CR_TOTAL = 0x00;
    static final int CR_WIDTH = 0x01;
    static final int CR_VERTICAL_TOTAL = 0x06;
    static final int CR_OVERFLOW = 0x07;
    static final int CR_PRESET_ROW = 0x08;
    static final int CR_ROW_HEIGHT = 0x09;
    static final int CR_CURSOR_START = 0x0A;
    static final int CR_CURSOR_END = 0x0B;
    static final int CR_START_HIGH = 0x0C;
    static final int CR_START_LOW = 0x0D;
    static final int CR_CURSOR_HIGH = 0x0E;
    static final int CR_CURSOR_LOW = 0x0F;
    static final int CR_RETRACE_START = 0x10;
    static final int CR_RETRACE_END = 0x11;
    static final int CR_HEIGHT = 0x12;
    static final int CR_OFFSET = 0x13;
    static final int CR_UNDERLINE = 0x14;
    static final int CR_MODE = 0x17;
    static final int CR_LINE_COMPARE = 0x18;
    static final int CURSOR_OFF_BIT = 0x20;
    static final int PROTECT_BIT = 0x80;
    static final int LINE_COMPARE_8_BIT = 0x10;

    static final int MISC_COLOUR_BIT = 0x01;
    private static final int MISC_MASK = 0xEF;
    private static final int FEATURE_MASK = 0x10;

    private static final int[] SEQUENCER_MASKS = {0x03, 0x3D, 0x0F, 0x3F, 0x0E, 0x00, 0x00, 0xFF};
    private static final int[] GRAPHICS_MASKS = {0x0F, 0x0F, 0x0F, 0x1F, 0x03, 0x7B, 0x0F, 0x0F, 0xFF, 0, 0, 0, 0, 0,
        0, 0};
    private static final int[] ATTRIBUTE_MASKS = {0xEF, 0xFF, 0x3F, 0x0F, 0x0F};
    private static final int PALETTE_MASK = 0x3F;
    private static final int ATTRIBUTE_INDEX_MASK = 0x1F;

    private final byte[] sequencer = new byte[SEQUENCERS];
    private final byte[] graphics = new byte[GRAPHICS];
    private final byte[] attributes = new byte[ATTRIBUTES];
    private final byte[] crtc = new byte[CRTCS];
    private int sequencerIndex;
    private int graphicsIndex;
    private int attributeIndex;
    private int crtcIndex;
    private boolean attributeData;
    private int misc;
    private int feature;

    void reset() {
        Arrays.fill(sequencer, (byte) 0);
        Arrays.fill(graphics, (byte) 0);
        Arrays.fill(attributes, (byte) 0);
        Arrays.fill(crtc, (byte) 0);
        sequencerIndex = 0;
        graphicsIndex = 0;
        attributeIndex = 0;
        crtcIndex = 0;
        attributeData = false;
        misc = 0;
        feature = 0;
    }

    int sequencer(int index) {
        return sequencer[index] & 0xFF;
    }

    int graphics(int index) {
        return graphics[index] & 0xFF;
    }

    int attribute(int index) {
        return attributes[index] & 0xFF;
    }

    int crtc(int index) {
        return crtc[index] & 0xFF;
    }

    void setSequencer(int index, int value) {
        sequencer[index] = (byte) (value & SEQUENCER_MASKS[index]);
    }

    void setGraphics(int index, int value) {
        graphics[index] = (byte) (value & GRAPHICS_MASKS[index]);
    }

    void setCrtc(int index, int value) {
        crtc[index] = (byte) value;
    }

    /** True if a bit of the attribute controller's index lets the palette be shown. */
    boolean isShown() {
        return (attributeIndex & INDEX_SHOWS_BIT) != 0;
    }

    int misc() {
        return misc;
    }

    /** True where the CRT controller is at 3D4h, false where it is at 3B4h. */
    boolean isColour() {
        return (misc & MISC_COLOUR_BIT) != 0;
    }

    void setMisc(int value) {
        misc = value & MISC_MASK;
    }

    int feature() {
        return feature;
    }

    void setFeature(int value) {
        feature = value & FEATURE_MASK;
    }

    int sequencerIndex() {
        return sequencerIndex;
    }

    void setSequencerIndex(int value) {
        sequencerIndex = value & SEQUENCERS - 1;
    }

    int graphicsIndex() {
        return graphicsIndex;
    }

    void setGraphicsIndex(int value) {
        graphicsIndex = value & GRAPHICS - 1;
    }

    int crtcIndex() {
        return crtcIndex;
    }

    void setCrtcIndex(int value) {
        crtcIndex = value;
    }

    /** The index, or nothing while data is expected. */
    int readAttributeIndex() {
        return attributeData ? 0 : attributeIndex;
    }

    int readAttribute() {
        int index = attributeIndex & ATTRIBUTE_INDEX_MASK;
        return index < ATTRIBUTES ? attribute(index) : 0;
    }

    /** Index and data are written in turn. */
    void writeAttribute(int value) {
        if (!attributeData) {
            attributeIndex = value & (INDEX_SHOWS_BIT | ATTRIBUTE_INDEX_MASK);
        } else {
            int index = attributeIndex & ATTRIBUTE_INDEX_MASK;
            if (index < ATTRIBUTES) {
                int mask = index < ATTR_MODE ? PALETTE_MASK : ATTRIBUTE_MASKS[index - ATTR_MODE];
                attributes[index] = (byte) (value & mask);
            }
        }
        attributeData = !attributeData;
    }

    /** The next write to the attribute controller is an index. */
    void expectAttributeIndex() {
        attributeData = false;
    }

    /** A write to the CRT controller's data port; the first eight registers may be protected. */
    void writeCrtc(int value) {
        if ((crtc(CR_RETRACE_END) & PROTECT_BIT) == 0 || crtcIndex > CR_OVERFLOW) {
            crtc[crtcIndex] = (byte) value;
        } else if (crtcIndex == CR_OVERFLOW) {
            int kept = crtc(CR_OVERFLOW) & ~LINE_COMPARE_8_BIT;
            crtc[CR_OVERFLOW] = (byte) (kept | value & LINE_COMPARE_8_BIT);
        }
    }

    /** A number whose bits 8 and 9 are in the overflow register. */
    int withOverflow(int index, int bit8, int bit9) {
        int overflow = crtc(CR_OVERFLOW);
        return crtc(index) | (overflow >> bit8 & 1) << 8 | (overflow >> bit9 & 1) << 9;
    }

    void save(StateWriter out) {
        out.putBytes("sequencer", sequencer);
        out.putBytes("graphics", graphics);
        out.putBytes("attributes", attributes);
        out.putBytes("crtc", crtc);
        out.putInt("sequencer index", sequencerIndex);
        out.putInt("graphics index", graphicsIndex);
        out.putInt("attribute index", attributeIndex);
        out.putInt("crtc index", crtcIndex);
        out.putBoolean("attribute data", attributeData);
        out.putInt("misc", misc);
        out.putInt("feature", feature);
    }

    void load(StateReader in) {
        take(in, "sequencer", sequencer);
        take(in, "graphics", graphics);
        take(in, "attributes", attributes);
        take(in, "crtc", crtc);
        setSequencerIndex(in.getInt("sequencer index", 0, SEQUENCERS - 1));
        setGraphicsIndex(in.getInt("graphics index", 0, GRAPHICS - 1));
        attributeIndex = in.getInt("attribute index", 0, INDEX_SHOWS_BIT | ATTRIBUTE_INDEX_MASK);
        crtcIndex = in.getInt("crtc index", 0, CRTCS - 1);
        attributeData = in.getBoolean("attribute data");
        setMisc(in.getInt("misc", 0, 0xFF));
        setFeature(in.getInt("feature", 0, 0xFF));
    }

    private static void take(StateReader in, String name, byte[] target) {
        System.arraycopy(in.getBytes(name, target.length), 0, target, 0, target.length);
    }
}

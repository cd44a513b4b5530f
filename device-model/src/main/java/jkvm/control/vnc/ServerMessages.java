package jkvm.control.vnc;

/** Messages to a viewer, and the heads of rectangles; RFC 6143 section 7.6 and 7.7. */
final class ServerMessages {
    private static final int UPDATE = 0;
    private static final int COLOUR_MAP = 1;
    private static final int COLOURS = 256;
    private static final int LEVEL_MAX = 0xffff;
    /** Why a viewer gets {@link Encodings#EXTENDED_DESKTOP_SIZE}: the server's wish, or the viewer's, refused. */
    private static final int SERVER_REASON = 0;
    private static final int VIEWER_REASON = 1;
    private static final int PROHIBITED = 1;

    private ServerMessages() {
    }

    /** The head of an update of so many rectangles. */
    static void update(ByteWriter out, int rectangles) {
        out.u8(UPDATE);
        out.u8(0);
        out.u16(rectangles);
    }

    /** The head of a rectangle. */
    static void rectangle(ByteWriter out, int x, int y, int width, int height, int encoding) {
        out.u16(x);
        out.u16(y);
        out.u16(width);
        out.u16(height);
        out.u32(encoding);
    }

    /** An update of one rectangle that is no picture. */
    static void mark(ByteWriter out, int x, int width, int height, int encoding) {
        update(out, 1);
        rectangle(out, x, 0, width, height, encoding);
    }

    /** The size of the screen. */
    static void size(ByteWriter out, Encodings encodings, int width, int height, boolean isServersWish) {
        update(out, 1);
        if (!encodings.has(Encodings.EXTENDED_DESKTOP_SIZE)) {
            rectangle(out, 0, 0, width, height, Encodings.DESKTOP_SIZE);
            return;
        }
        out.u16(isServersWish ? SERVER_REASON : VIEWER_REASON);
        out.u16(isServersWish ? 0 : PROHIBITED);
        out.u16(width);
        out.u16(height);
        out.u32(Encodings.EXTENDED_DESKTOP_SIZE);
        // One screen, at the left and at the top, with number and flags 0.
        out.u8(1);
        out.u8(0);
        out.u16(0);
        out.u32(0);
        out.u32(0);
        out.u16(width);
        out.u16(height);
        out.u32(0);
    }

    /** The colours of a viewer with pixels of a byte and no true colour: three bits red, three green, two blue. */
    static void colourMap(ByteWriter out) {
        out.u8(COLOUR_MAP);
        out.u8(0);
        out.u16(0);
        out.u16(COLOURS);
        for (int i = 0; i < COLOURS; i++) {
            out.u16((i >> 5) * LEVEL_MAX / 7);
            out.u16((i >> 2 & 7) * LEVEL_MAX / 7);
            out.u16((i & 3) * LEVEL_MAX / 3);
        }
    }
}

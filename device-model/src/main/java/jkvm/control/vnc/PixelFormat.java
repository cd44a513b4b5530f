package jkvm.control.vnc;

import java.nio.ByteBuffer;

/**
 * How a viewer wants its pixels; RFC 6143 section 7.4.
 *
 * @param bits       of a pixel: 8, 16 or 32
 * @param trueColour false for 8 bits that are the index of a colour in a map
 */
record PixelFormat(int bits, int depth, boolean bigEndian, boolean trueColour, int redMax, int greenMax, int blueMax,
        int redShift, int greenShift, int blueShift) {
    static final int SIZE = 16;
    /** That of the server: 0x00RRGGBB, the low byte first. */
    static final PixelFormat SERVER = new PixelFormat(32, 24, false, true, 255, 255, 255, 16, 8, 0);

    private static final int PADDING = 3;
    private static final int COLOUR_MASK = 0xffff;
    private static final int SHIFT_MASK = 31;

    /**
     * Reads one.
     *
     * @throws RfbException if no pixel looks like that
     */
    static PixelFormat read(ByteBuffer in) throws RfbException {
        int bits = in.get() & 0xff;
        int depth = in.get() & 0xff;
        boolean bigEndian = in.get() != 0;
        boolean trueColour = in.get() != 0;
        PixelFormat format = new PixelFormat(bits, depth, bigEndian, trueColour, in.getShort() & COLOUR_MASK,
                in.getShort() & COLOUR_MASK, in.getShort() & COLOUR_MASK, in.get() & 0xff, in.get() & 0xff,
                in.get() & 0xff);
        in.position(in.position() + PADDING);
        if (bits != 8 && bits != 16 && bits != 32) {
            throw new RfbException("a pixel of " + bits + " bits");
        }
        if (!trueColour) {
            if (bits != 8) {
                throw new RfbException("a colour map for pixels of " + bits + " bits");
            }
            return map();
        }
        if ((format.redShift | format.greenShift | format.blueShift) > SHIFT_MASK || format.redMax == 0
                || format.greenMax == 0 || format.blueMax == 0) {
            throw new RfbException("a colour outside of the pixel");
        }
        return format;
    }

    /** The colours of the map that {@link ServerMessages#colourMap} sends are numbered like this. */
    private static PixelFormat map() {
        return new PixelFormat(8, 8, false, false, 7, 7, 3, 5, 2, 0);
    }

    int bytes() {
        return bits / Byte.SIZE;
    }

    void write(ByteWriter out) {
        out.u8(bits);
        out.u8(depth);
        out.u8(bigEndian ? 1 : 0);
        out.u8(trueColour ? 1 : 0);
        out.u16(redMax);
        out.u16(greenMax);
        out.u16(blueMax);
        out.u8(redShift);
        out.u8(greenShift);
        out.u8(blueShift);
        for (int i = 0; i < PADDING; i++) {
            out.u8(0);
        }
    }
}

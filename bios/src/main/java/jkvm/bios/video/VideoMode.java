package jkvm.bios.video;

/**
 * A mode of INT 10h or of VBE.
 *
 * @param number       as callers name it
 * @param width        in pixels; in a text mode in columns
 * @param height       in pixels; in a text mode in rows
 * @param bitsPerPixel 4 in a text mode
 * @param parameters   the index of its entry in the ROM's parameter table; {@link #NO_PARAMETERS} for a mode of VBE
 * @param window       where its memory begins, from A0000h
 */
record VideoMode(int number, Kind kind, int width, int height, int bitsPerPixel, int parameters, int window,
        DefaultColours colours) {
    /** The first number that VBE gives. */
    static final int FIRST_VBE = 0x100;
    /** {@link #parameters} of a mode of VBE. */
    static final int NO_PARAMETERS = -1;
    private static final int COLOUR_WINDOW = 0x18000;
    private static final int MONO_WINDOW = 0x10000;

    /** How its memory is laid out. */
    enum Kind {
        /** A character and an attribute in turn. */
        TEXT,
        /** Pixels packed into bytes, even rows first. */
        CGA,
        /** A bit of each pixel in each of four planes. */
        PLANAR,
        /** Whole bytes for a pixel, row by row. */
        LINEAR
    }

    /** A mode of INT 10h's function 0, 0 to 13h; null if a VGA has none with this number. */
    static VideoMode standard(int number) {
        return switch (number) {
            case 0x00, 0x01 -> text(number, 40, 0x17, COLOUR_WINDOW, DefaultColours.EGA);
            case 0x02, 0x03 -> text(number, 80, 0x18, COLOUR_WINDOW, DefaultColours.EGA);
            case 0x04, 0x05 -> cga(number, 320, 2);
            case 0x06 -> cga(number, 640, 1);
            case 0x07 -> text(number, 80, 0x19, MONO_WINDOW, DefaultColours.MONOCHROME);
            case 0x0D -> planar(number, 320, 200, 4, 0x0D, DefaultColours.CGA);
            case 0x0E -> planar(number, 640, 200, 4, 0x0E, DefaultColours.CGA);
            case 0x0F -> planar(number, 640, 350, 2, 0x11, DefaultColours.MONOCHROME);
            case 0x10 -> planar(number, 640, 350, 4, 0x12, DefaultColours.EGA);
            case 0x11 -> planar(number, 640, 480, 1, 0x1A, DefaultColours.EGA);
            case 0x12 -> planar(number, 640, 480, 4, 0x1B, DefaultColours.EGA);
            case 0x13 -> new VideoMode(number, Kind.LINEAR, 320, 200, 8, 0x1C, 0, DefaultColours.FULL);
            default -> null;
        };
    }

    private static VideoMode text(int number, int columns, int parameters, int window, DefaultColours colours) {
        return new VideoMode(number, Kind.TEXT, columns, 25, 4, parameters, window, colours);
    }

    private static VideoMode cga(int number, int width, int bits) {
        return new VideoMode(number, Kind.CGA, width, 200, bits, number, COLOUR_WINDOW, DefaultColours.CGA);
    }

    private static VideoMode planar(int number, int width, int height, int bits, int parameters,
            DefaultColours colours) {
        return new VideoMode(number, Kind.PLANAR, width, height, bits, parameters, 0, colours);
    }

    boolean isText() {
        return kind == Kind.TEXT;
    }

    boolean isVbe() {
        return number >= FIRST_VBE;
    }

    /** True in modes 4 to 6, whose upper characters a program draws. */
    boolean isCga() {
        return kind == Kind.CGA;
    }

    /** The colours that a program can tell apart. */
    int colourCount() {
        return kind == Kind.TEXT ? parameters == 0x19 ? 2 : 16 : 1 << Math.min(bitsPerPixel, 16);
    }
}

package jkvm.bios.video;

/** The colours that the DAC has after a mode is set: 256 each, 0x00RRGGBB with six bits a part. */
enum DefaultColours {
    /** Two bits of each part: the 64 colours of an EGA. */
    EGA {
        @Override
        int colour(int index) {
            return index < EGA_COLOURS ? rgb(ega(index, 2), ega(index, 1), ega(index, 0)) : 0;
        }
    },
    /** The 16 colours of a CGA, dim and bright, four times each. */
    CGA {
        @Override
        int colour(int index) {
            return index < EGA_COLOURS ? cga(index & 7 | index >> 1 & 8) : 0;
        }
    },
    /** Black, normal and bright. */
    MONOCHROME {
        @Override
        int colour(int index) {
            if (index >= EGA_COLOURS) {
                return 0;
            }
            int level = MONOCHROME_LEVELS[index >> 3 & 3];
            return rgb(level, level, level);
        }
    },
    /** 16 of a CGA, 16 greys, and 9 groups of 24 hues: three intensities by three saturations. */
    FULL {
        @Override
        int colour(int index) {
            if (index < 16) {
                return cga(index);
            }
            if (index < 32) {
                int level = GREYS[index - 16];
                return rgb(level, level, level);
            }
            int group = (index - 32) / HUES;
            return group < LEVELS.length ? hue(LEVELS[group], (index - 32) % HUES) : 0;
        }
    };

    private static final int EGA_COLOURS = 64;
    private static final int HUES = 24;
    private static final int STEPS = 4;
    private static final int BROWN = 6;
    private static final int BROWN_COLOUR = 0x2A1500;
    private static final int[] MONOCHROME_LEVELS = {0, 0x2A, 0x2A, 0x3F};
    private static final int[] GREYS = {0, 5, 8, 11, 14, 17, 20, 24, 28, 32, 36, 40, 45, 50, 56, 63};
    /** A part's five steps from weakest to strongest, for each group of hues. */
    private static final int[][] LEVELS = {
        {0, 16, 31, 47, 63}, {31, 39, 47, 55, 63}, {45, 49, 54, 58, 63},
        {0, 7, 14, 21, 28}, {14, 17, 21, 24, 28}, {20, 22, 24, 26, 28},
        {0, 4, 8, 12, 16}, {8, 10, 12, 14, 16}, {11, 12, 13, 15, 16}};

    abstract int colour(int index);

    /** The grey of the same brightness: 30 % red, 59 % green, 11 % blue. */
    static int grey(int colour) {
        int level = ((colour >> 16 & 0x3F) * 77 + (colour >> 8 & 0x3F) * 151 + (colour & 0x3F) * 28 + 0x80) >> 8;
        return rgb(level, level, level);
    }

    /** A colour in as many bits of red, green and blue, blue in the lowest. */
    static int pack(int colour, int red, int green, int blue) {
        return part(colour >> 16, red) << green + blue | part(colour >> 8, green) << blue | part(colour, blue);
    }

    /** Six bits as more or fewer. */
    private static int part(int level, int bits) {
        return (level & 0x3F) << Byte.SIZE - 6 >> Byte.SIZE - bits;
    }

    private static int rgb(int red, int green, int blue) {
        return red << 16 | green << 8 | blue;
    }

    /** Bit {@code part} counts two thirds, bit {@code part + 3} one. */
    private static int ega(int index, int part) {
        return (index >> part & 1) * 0x2A + (index >> part + 3 & 1) * 0x15;
    }

    private static int cga(int index) {
        if (index == BROWN) {
            return BROWN_COLOUR;
        }
        int bright = index >> 3 & 1;
        return rgb((index >> 2 & 1) * 0x2A + bright * 0x15, (index >> 1 & 1) * 0x2A + bright * 0x15,
                (index & 1) * 0x2A + bright * 0x15);
    }

    /** From blue by red and green back to blue: in each sixth of the circle one part rises or falls. */
    private static int hue(int[] levels, int hue) {
        int step = hue % STEPS;
        int rising = levels[step];
        int falling = levels[STEPS - step];
        int low = levels[0];
        int high = levels[STEPS];
        return switch (hue / STEPS) {
            case 0 -> rgb(rising, low, high);
            case 1 -> rgb(high, low, falling);
            case 2 -> rgb(high, rising, low);
            case 3 -> rgb(falling, high, low);
            case 4 -> rgb(low, high, rising);
            default -> rgb(low, falling, high);
        };
    }
}

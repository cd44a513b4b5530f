package jkvm.bios.video;

import java.util.ArrayList;
import java.util.List;

/** The modes of VBE, with the numbers that VBE and Bochs have given them. */
final class VbeModes {
    private static final int NUMBER_MASK = 0x1FF;
    private static final int UNIT = 0x10000;
    /** First number, width, height, then the bits of a pixel for this number and those that follow. */
    private static final int[][] MODES = {
        {0x100, 640, 400, 8}, {0x101, 640, 480, 8}, {0x103, 800, 600, 8}, {0x105, 1024, 768, 8},
        {0x107, 1280, 1024, 8},
        {0x10D, 320, 200, 15, 16, 24}, {0x110, 640, 480, 15, 16, 24}, {0x113, 800, 600, 15, 16, 24},
        {0x116, 1024, 768, 15, 16, 24}, {0x119, 1280, 1024, 15, 16, 24}, {0x11C, 1600, 1200, 8, 15, 16, 24},
        {0x140, 320, 200, 32}, {0x141, 640, 400, 32}, {0x142, 640, 480, 32}, {0x143, 800, 600, 32},
        {0x144, 1024, 768, 32}, {0x145, 1280, 1024, 32}, {0x146, 320, 200, 8}, {0x147, 1600, 1200, 32},
        {0x148, 1152, 864, 8, 15, 16, 24, 32}, {0x175, 1280, 768, 16, 24, 32}, {0x178, 1280, 800, 16, 24, 32},
        {0x17B, 1280, 960, 16, 24, 32}, {0x17E, 1440, 900, 16, 24, 32}, {0x181, 1400, 1050, 16, 24, 32},
        {0x184, 1680, 1050, 16, 24, 32}, {0x187, 1920, 1200, 16, 24, 32}, {0x18A, 2560, 1600, 16, 24, 32},
        {0x18D, 1280, 720, 16, 24, 32}, {0x190, 1920, 1080, 16, 24, 32}};
    private static final int FIRST_BITS = 3;
    private static final List<VideoMode> ALL = all();

    private VbeModes() {
    }

    private static List<VideoMode> all() {
        List<VideoMode> modes = new ArrayList<>();
        for (int[] entry : MODES) {
            for (int i = FIRST_BITS; i < entry.length; i++) {
                modes.add(new VideoMode(entry[0] + i - FIRST_BITS, VideoMode.Kind.LINEAR, entry[1], entry[2], entry[i],
                        VideoMode.NO_PARAMETERS, 0, DefaultColours.FULL));
            }
        }
        return List.copyOf(modes);
    }

    /** The mode of a number, whose bits above 8 are flags; null if there is none. */
    static VideoMode find(int number) {
        for (VideoMode mode : ALL) {
            if (mode.number() == (number & NUMBER_MASK)) {
                return mode;
            }
        }
        return null;
    }

    /**
     * The modes that an adapter can show.
     *
     * @param memoryUnits its memory, in units of 64 KiB
     */
    static List<VideoMode> fitting(int memoryUnits) {
        return ALL.stream().filter(mode -> fits(mode, memoryUnits)).toList();
    }

    static boolean fits(VideoMode mode, int memoryUnits) {
        return frameSize(mode) <= (long) memoryUnits * UNIT;
    }

    /** The bytes of all pixels. */
    static int frameSize(VideoMode mode) {
        return mode.width() * mode.height() * ((mode.bitsPerPixel() + 7) / Byte.SIZE);
    }
}

package jkvm.bios.video;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The expansion ROM of the display adapter, as {@code vgabios.S} makes it: it leads INT 10h to the services of this
 * package, and holds the fonts and tables that programs may look at. Firmware copies it to C0000h.
 */
public final class VideoRom {
    /** The segment that firmware copies it to. */
    static final int SEGMENT = 0xC000;
    /** Offsets in the ROM, which its source keeps. */
    static final int SAVE_POINTERS = 0x0040;
    static final int FUNCTIONALITY = 0x0080;
    static final int VENDOR_NAME = 0x00A0;
    static final int WINDOW_FUNCTION = 0x00C0;
    static final int PARAMETERS = 0x0400;
    static final int FONT_8 = 0x1000;
    static final int FONT_14 = 0x1800;
    static final int FONT_16 = 0x2600;
    static final int PARAMETER_SIZE = 0x40;

    private static final String RESOURCE = "vgabios.bin";

    private VideoRom() {
    }

    /** A copy of the image, whose last byte makes the sum of all bytes zero: firmware runs no other. */
    public static byte[] image() {
        try (InputStream in = VideoRom.class.getResourceAsStream(RESOURCE)) {
            byte[] image = in.readAllBytes();
            int sum = 0;
            for (byte value : image) {
                sum += value;
            }
            image[image.length - 1] -= (byte) sum;
            return image;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the font of a height begins. */
    static int font(int height) {
        return height >= 16 ? FONT_16 : height >= 14 ? FONT_14 : FONT_8;
    }
}

package jkvm.bios;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The ROM of the built-in BIOS, which {@code bios.S} describes: its code is at the end of the F segment. */
public final class BiosRom {
    /** The segment of the ROM, and of the vectors that point into it. */
    public static final int SEGMENT = 0xF000;
    /** Where the segment begins. */
    public static final int SEGMENT_START = 0xF0000;
    /** As much as a segment, the smallest ROM that a machine takes. */
    public static final int SIZE = 0x10000;
    /** Where the code begins in the segment. What is below is RAM for tables, once the ROM is shadowed. */
    public static final int CODE_OFFSET = 0xE000;
    /** Where the offsets of the handlers of all 256 vectors are, a word each. */
    public static final int VECTORS_OFFSET = 0xE408;

    /** Where the table of INT 15h, AH=C0h is. */
    public static final int CONFIGURATION_OFFSET = 0xE6F5;

    private BiosRom() {
    }

    /** The whole segment. */
    public static byte[] image() {
        byte[] image = new byte[SIZE];
        try (InputStream in = BiosRom.class.getResourceAsStream("bios.bin")) {
            int length = in.readNBytes(image, CODE_OFFSET, SIZE - CODE_OFFSET);
            if (length != SIZE - CODE_OFFSET) {
                throw new IllegalStateException("the BIOS has " + length + " bytes");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return image;
    }
}

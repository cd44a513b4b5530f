package jkvm.app.options;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A CD that has nothing but a boot record, a catalogue and a boot image. */
final class TestCd {
    private static final int BLOCK = 2048;
    private static final int RECORD = 17 * BLOCK;
    private static final int CATALOG_BLOCK = 0x21;
    private static final int IMAGE_BLOCK = 0x22;
    private static final int NO_EMULATION_SECTORS = 4;

    private TestCd() {
    }

    /**
     * Writes one.
     *
     * @param media 0 for no emulation, 1 to 3 for a floppy disk, 4 for a hard disk
     * @return the file's name
     */
    static String of(Path file, byte[] image, int media) throws IOException {
        int blocks = IMAGE_BLOCK + (image.length + BLOCK - 1) / BLOCK;
        ByteBuffer cd = ByteBuffer.allocate(blocks * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        cd.put(RECORD + 1, "CD001\001EL TORITO SPECIFICATION".getBytes(StandardCharsets.US_ASCII));
        cd.putInt(RECORD + 0x47, CATALOG_BLOCK);
        int catalog = CATALOG_BLOCK * BLOCK;
        cd.put(catalog, (byte) 1).putShort(catalog + 0x1E, (short) 0xAA55);
        cd.put(catalog + 0x20, (byte) 0x88).put(catalog + 0x21, (byte) media);
        cd.putShort(catalog + 0x26, (short) (media == 0 ? NO_EMULATION_SECTORS : 1));
        cd.putInt(catalog + 0x28, IMAGE_BLOCK);
        cd.put(IMAGE_BLOCK * BLOCK, image);
        Files.write(file, cd.array());
        return file.toString();
    }
}

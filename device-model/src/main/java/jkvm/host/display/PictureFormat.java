package jkvm.host.display;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/** Formats of picture files, by QEMU's names. */
public enum PictureFormat {
    /** A portable pixmap of three bytes a pixel. */
    PPM("ppm") {
        @Override
        void write(Picture picture, OutputStream out) throws IOException {
            out.write("P6\n%d %d\n255\n".formatted(picture.width(), picture.height())
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] line = new byte[picture.width() * BYTES];
            for (int y = 0; y < picture.height(); y++) {
                put(picture, y, line, 0);
                out.write(line);
            }
        }
    },
    /** Portable network graphics of eight bits a colour (RFC 2083). */
    PNG("png") {
        @Override
        void write(Picture picture, OutputStream out) throws IOException {
            out.write(SIGNATURE);
            ByteArrayOutputStream header = new ByteArrayOutputStream();
            DataOutputStream fields = new DataOutputStream(header);
            fields.writeInt(picture.width());
            fields.writeInt(picture.height());
            fields.write(new byte[] {8, TRUE_COLOUR, 0, 0, 0});
            chunk(out, "IHDR", header.toByteArray());
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (OutputStream deflater = new DeflaterOutputStream(packed)) {
                // The first byte of a line names its filter: none.
                byte[] line = new byte[1 + picture.width() * BYTES];
                for (int y = 0; y < picture.height(); y++) {
                    put(picture, y, line, 1);
                    deflater.write(line);
                }
            }
            chunk(out, "IDAT", packed.toByteArray());
            chunk(out, "IEND", new byte[0]);
        }
    };

    private static final int BYTES = 3;
    private static final byte TRUE_COLOUR = 2;
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

    private final String text;

    PictureFormat(String text) {
        this.text = text;
    }

    /** As QEMU's monitors name it. */
    public String text() {
        return text;
    }

    /** Writes a picture that does not change meanwhile. */
    abstract void write(Picture picture, OutputStream out) throws IOException;

    private static void put(Picture picture, int y, byte[] line, int from) {
        int at = from;
        for (int x = 0; x < picture.width(); x++) {
            int pixel = picture.pixels()[y * picture.width() + x];
            line[at++] = (byte) (pixel >> 16);
            line[at++] = (byte) (pixel >> 8);
            line[at++] = (byte) pixel;
        }
    }

    private static void chunk(OutputStream out, String type, byte[] content) throws IOException {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 sum = new CRC32();
        sum.update(name);
        sum.update(content);
        DataOutputStream fields = new DataOutputStream(out);
        fields.writeInt(content.length);
        fields.write(name);
        fields.write(content);
        fields.writeInt((int) sum.getValue());
    }
}

package jkvm.device.vga;

/** Turns the bytes of a line in a graphics mode into colours. Allocates nothing. */
final class LineDecoder {
    private static final int GROUP_PIXELS = 8;
    private static final int GROUP_BYTES = 4;
    /** Room for the pixels that panning brings in. */
    private static final int PAN_BYTES = GROUP_BYTES;

    /** The bytes that a line takes. */
    static int bytesOf(ScreenMode mode) {
        int pixels = mode.doubled ? (mode.width + 1) / 2 : mode.width;
        return switch (mode.kind) {
            case PLANAR, CGA -> Math.ceilDiv(pixels, GROUP_PIXELS) * GROUP_BYTES + PAN_BYTES;
            case COLOURS_256 -> mode.pan == 0 ? pixels : pixels + PAN_BYTES;
            case BITS_15, BITS_16 -> pixels * 2;
            case BITS_24 -> pixels * 3;
            default -> pixels * 4;
        };
    }

    /** @param colours 16 for planes and a CGA's modes, else 256 */
    void decode(byte[] bytes, int[] line, ScreenMode mode, int pan, int[] colours) {
        switch (mode.kind) {
            case PLANAR -> planar(bytes, line, mode, pan, colours);
            case CGA -> cga(bytes, line, mode, pan, colours);
            case COLOURS_256 -> colours256(bytes, line, mode, pan, colours);
            case BITS_15 -> bits15(bytes, line, mode.width);
            case BITS_16 -> bits16(bytes, line, mode.width);
            case BITS_24 -> bits24(bytes, line, mode.width);
            default -> bits32(bytes, line, mode.width);
        }
    }

    private static void planar(byte[] bytes, int[] line, ScreenMode mode, int pan, int[] colours) {
        int shift = mode.doubled ? 1 : 0;
        for (int x = 0; x < mode.width; x++) {
            int pixel = (x >> shift) + pan;
            int at = pixel / GROUP_PIXELS * GROUP_BYTES;
            int bit = GROUP_PIXELS - 1 - pixel % GROUP_PIXELS;
            int index = (bytes[at] & mode.planes) >> bit & 1
                    | ((bytes[at + 1] & mode.planes >> 8) >> bit & 1) << 1
                    | ((bytes[at + 2] & mode.planes >> 16) >> bit & 1) << 2
                    | ((bytes[at + 3] & mode.planes >> 24) >> bit & 1) << 3;
            line[x] = colours[index];
        }
    }

    /** Two bits a pixel: four in a byte of planes 0 and 2, then four in one of planes 1 and 3. */
    private static void cga(byte[] bytes, int[] line, ScreenMode mode, int pan, int[] colours) {
        int shift = mode.doubled ? 1 : 0;
        for (int x = 0; x < mode.width; x++) {
            int pixel = (x >> shift) + pan;
            int at = pixel / GROUP_PIXELS * GROUP_BYTES + (pixel >> 2 & 1);
            int mask = mode.planes >> 8 * (pixel >> 2 & 1);
            int bit = 6 - 2 * (pixel & 3);
            int index = (bytes[at] & mask) >> bit & 3 | ((bytes[at + 2] & mask >> 16) >> bit & 3) << 2;
            line[x] = colours[index];
        }
    }

    private static void colours256(byte[] bytes, int[] line, ScreenMode mode, int pan, int[] colours) {
        int shift = mode.doubled ? 1 : 0;
        for (int x = 0; x < mode.width; x++) {
            line[x] = colours[bytes[(x >> shift) + pan] & 0xFF];
        }
    }

    private static void bits15(byte[] bytes, int[] line, int width) {
        for (int x = 0; x < width; x++) {
            int value = bytes[2 * x] & 0xFF | bytes[2 * x + 1] << 8;
            line[x] = (value >> 7 & 0xF8) << 16 | (value >> 2 & 0xF8) << 8 | value << 3 & 0xF8;
        }
    }

    private static void bits16(byte[] bytes, int[] line, int width) {
        for (int x = 0; x < width; x++) {
            int value = bytes[2 * x] & 0xFF | bytes[2 * x + 1] << 8;
            line[x] = (value >> 8 & 0xF8) << 16 | (value >> 3 & 0xFC) << 8 | value << 3 & 0xF8;
        }
    }

    private static void bits24(byte[] bytes, int[] line, int width) {
        for (int x = 0; x < width; x++) {
            line[x] = bytes[3 * x] & 0xFF | (bytes[3 * x + 1] & 0xFF) << 8 | (bytes[3 * x + 2] & 0xFF) << 16;
        }
    }

    private static void bits32(byte[] bytes, int[] line, int width) {
        for (int x = 0; x < width; x++) {
            line[x] = bytes[4 * x] & 0xFF | (bytes[4 * x + 1] & 0xFF) << 8 | (bytes[4 * x + 2] & 0xFF) << 16;
        }
    }
}

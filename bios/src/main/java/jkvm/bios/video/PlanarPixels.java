package jkvm.bios.video;

/**
 * Pixels of the planar modes, written as programs do: the graphics controller puts a colour into all planes of up to
 * eight pixels at once. Its registers are afterwards as after setting a mode.
 */
final class PlanarPixels implements PixelFormat {
    private static final int ALL_PLANES = 0x0F;
    private static final int ALL_BITS = 0xFF;
    private static final int REPLACE = 0x00;
    private static final int EXCLUSIVE_OR = 0x18;
    private static final int WRITE_MODE_MASK = 0x03;
    private static final int READ_MODE_BIT = 0x08;
    private static final int COPY_LATCHES = 0x01;
    private static final int WINDOW_MASK = 0xFFFF;

    private final VideoAdapter adapter;
    private final VgaRegisters registers;
    private final int rowBytes;
    private final int pageBytes;
    private final int bits;

    /**
     * Makes the format of a mode.
     *
     * @param bits those of a pixel that the mode shows
     */
    PlanarPixels(VideoAdapter adapter, int width, int pageBytes, int bits) {
        this.adapter = adapter;
        registers = new VgaRegisters(adapter);
        rowBytes = width / Byte.SIZE;
        this.pageBytes = pageBytes;
        this.bits = bits;
    }

    @Override
    public int pixel(int page, int x, int y) {
        int colour = 0;
        registers.setGraphics(VgaRegisters.GRAPHICS_MODE, 0);
        for (int plane = 3; plane >= 0; plane--) {
            registers.setGraphics(VgaRegisters.READ_MAP, plane);
            colour = colour << 1 | adapter.readMemory(offset(page, x, y)) >> 7 - x % Byte.SIZE & 1;
        }
        return colour & planes();
    }

    /** Two bits are those of planes 0 and 2: mode 0Fh. */
    private int planes() {
        return switch (bits) {
            case 1 -> 0x01;
            case 2 -> 0x05;
            default -> ALL_PLANES;
        };
    }

    @Override
    public void setPixel(int page, int x, int y, int colour, boolean combine) {
        begin(0);
        write(offset(page, x, y), 0x80 >> x % Byte.SIZE, colour, combine ? EXCLUSIVE_OR : REPLACE);
        end();
    }

    @Override
    public void setEight(int page, int x, int y, int pixels, int colour, int background, boolean combine) {
        begin(0);
        int offset = offset(page, x, y);
        if (combine) {
            write(offset, pixels, colour, EXCLUSIVE_OR);
        } else {
            write(offset, ALL_BITS, background, REPLACE);
            write(offset, pixels, colour, REPLACE);
        }
        end();
    }

    @Override
    public void copyRow(int page, int x, int width, int from, int to) {
        begin(COPY_LATCHES);
        int source = offset(page, x, from);
        int target = offset(page, x, to);
        for (int i = 0; i < width / Byte.SIZE; i++) {
            adapter.readMemory(source + i & WINDOW_MASK);
            adapter.writeMemory(target + i & WINDOW_MASK, 0);
        }
        end();
    }

    @Override
    public void fillRow(int page, int x, int width, int y, int colour) {
        begin(0);
        registers.setGraphics(VgaRegisters.SET_RESET, colour);
        registers.setGraphics(VgaRegisters.FUNCTION, REPLACE);
        registers.setGraphics(VgaRegisters.BIT_MASK, ALL_BITS);
        int offset = offset(page, x, y);
        for (int i = 0; i < width / Byte.SIZE; i++) {
            adapter.writeMemory(offset + i & WINDOW_MASK, 0);
        }
        end();
    }

    private void begin(int writeMode) {
        int mode = registers.graphics(VgaRegisters.GRAPHICS_MODE) & ~(WRITE_MODE_MASK | READ_MODE_BIT);
        registers.setGraphics(VgaRegisters.GRAPHICS_MODE, mode | writeMode);
        registers.setGraphics(VgaRegisters.ENABLE_SET_RESET, ALL_PLANES);
        registers.setSequencer(VgaRegisters.MAP_MASK, ALL_PLANES);
    }

    private void write(int offset, int mask, int colour, int function) {
        registers.setGraphics(VgaRegisters.SET_RESET, colour & ALL_PLANES);
        registers.setGraphics(VgaRegisters.FUNCTION, function);
        registers.setGraphics(VgaRegisters.BIT_MASK, mask);
        adapter.readMemory(offset);
        adapter.writeMemory(offset, ALL_BITS);
    }

    private void end() {
        int mode = registers.graphics(VgaRegisters.GRAPHICS_MODE) & ~(WRITE_MODE_MASK | READ_MODE_BIT);
        registers.setGraphics(VgaRegisters.GRAPHICS_MODE, mode);
        registers.setGraphics(VgaRegisters.SET_RESET, 0);
        registers.setGraphics(VgaRegisters.ENABLE_SET_RESET, 0);
        registers.setGraphics(VgaRegisters.FUNCTION, REPLACE);
        registers.setGraphics(VgaRegisters.BIT_MASK, ALL_BITS);
    }

    private int offset(int page, int x, int y) {
        return page * pageBytes + y * rowBytes + x / Byte.SIZE & WINDOW_MASK;
    }
}

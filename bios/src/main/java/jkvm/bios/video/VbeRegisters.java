package jkvm.bios.video;

/** The registers of Bochs' display interface, by which modes beyond those of a VGA are set. */
final class VbeRegisters {
    private static final int INDEX_PORT = 0x1CE;
    private static final int DATA_PORT = 0x1CF;
    private static final int ID = 0;
    private static final int WIDTH = 1;
    private static final int HEIGHT = 2;
    private static final int BITS = 3;
    private static final int ENABLE = 4;
    private static final int BANK = 5;
    private static final int VIRTUAL_WIDTH = 6;
    private static final int X_OFFSET = 8;
    private static final int Y_OFFSET = 9;
    private static final int MEMORY_64K = 10;
    private static final int FIRST_SAVED = WIDTH;
    private static final int LAST_SAVED = Y_OFFSET;
    private static final int ID_MASK = 0xFFF0;
    private static final int ID_VALUE = 0xB0C0;
    private static final int ENABLED_BIT = 0x01;
    private static final int WIDE_COLOURS_BIT = 0x20;
    private static final int LINEAR_BIT = 0x40;
    private static final int KEEP_MEMORY_BIT = 0x80;
    private static final int PLANAR_BITS = 4;
    /** The size of what {@link #save} keeps. */
    static final int SAVED_WORDS = LAST_SAVED - FIRST_SAVED + 1;

    private final VideoAdapter adapter;

    VbeRegisters(VideoAdapter adapter) {
        this.adapter = adapter;
    }

    private int get(int index) {
        adapter.writePortWord(INDEX_PORT, index);
        return adapter.readPortWord(DATA_PORT) & 0xFFFF;
    }

    private void set(int index, int value) {
        adapter.writePortWord(INDEX_PORT, index);
        adapter.writePortWord(DATA_PORT, value);
    }

    /** False for an adapter that has only the modes of a VGA. */
    boolean isPresent() {
        return (get(ID) & ID_MASK) == ID_VALUE;
    }

    /** The adapter's memory in units of 64 KiB. */
    int memoryUnits() {
        return get(MEMORY_64K);
    }

    boolean isEnabled() {
        return isPresent() && (get(ENABLE) & ENABLED_BIT) != 0;
    }

    /** Gives the screen back to the VGA's registers. */
    void disable() {
        set(ENABLE, 0);
    }

    void enable(VideoMode mode, boolean isLinear, boolean keepsMemory) {
        disable();
        set(WIDTH, mode.width());
        set(HEIGHT, mode.height());
        set(BITS, mode.bitsPerPixel());
        set(BANK, 0);
        set(VIRTUAL_WIDTH, mode.width());
        set(X_OFFSET, 0);
        set(Y_OFFSET, 0);
        set(ENABLE, ENABLED_BIT | (isLinear ? LINEAR_BIT : 0) | (keepsMemory ? KEEP_MEMORY_BIT : 0));
    }

    int bank() {
        return get(BANK);
    }

    void setBank(int bank) {
        set(BANK, bank);
    }

    /** Pixels from row to row in memory. */
    int virtualWidth() {
        return get(VIRTUAL_WIDTH);
    }

    void setVirtualWidth(int pixels) {
        set(VIRTUAL_WIDTH, pixels);
    }

    int bitsPerPixel() {
        return get(BITS);
    }

    /** Bytes from row to row in memory. */
    int rowBytes() {
        int bits = bitsPerPixel();
        return bits <= PLANAR_BITS ? virtualWidth() / Byte.SIZE : virtualWidth() * ((bits + 7) / Byte.SIZE);
    }

    int x() {
        return get(X_OFFSET);
    }

    int y() {
        return get(Y_OFFSET);
    }

    void setOrigin(int x, int y) {
        set(X_OFFSET, x);
        set(Y_OFFSET, y);
    }

    /** True if a part of a colour has eight bits, false if six. */
    boolean hasWideColours() {
        return (get(ENABLE) & WIDE_COLOURS_BIT) != 0;
    }

    void setWideColours(boolean isWide) {
        int enable = get(ENABLE);
        set(ENABLE, (isWide ? enable | WIDE_COLOURS_BIT : enable & ~WIDE_COLOURS_BIT) | KEEP_MEMORY_BIT);
    }

    int[] save() {
        int[] values = new int[SAVED_WORDS];
        for (int i = 0; i < SAVED_WORDS; i++) {
            values[i] = get(FIRST_SAVED + i);
        }
        return values;
    }

    void restore(int[] values) {
        disable();
        for (int i = 0; i < SAVED_WORDS; i++) {
            int index = FIRST_SAVED + i;
            if (index != ENABLE) {
                set(index, values[i]);
            }
        }
        set(ENABLE, values[ENABLE - FIRST_SAVED] | KEEP_MEMORY_BIT);
        // Enabling puts these back.
        for (int index : new int[] {BANK, VIRTUAL_WIDTH, X_OFFSET, Y_OFFSET}) {
            set(index, values[index - FIRST_SAVED]);
        }
    }
}

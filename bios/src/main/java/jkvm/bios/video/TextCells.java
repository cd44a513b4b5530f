package jkvm.bios.video;

/** The cells of a text mode: a character and an attribute in turn, in the window's last 32 KiB or those before. */
final class TextCells extends Cells {
    private static final int MEMORY_MASK = 0x7FFF;
    private static final int BLANK = ' ';

    private final VideoAdapter adapter;
    private final VideoData data;
    private final int start;

    TextCells(VideoAdapter adapter, VideoData data, int start) {
        this.adapter = adapter;
        this.data = data;
        this.start = start;
    }

    @Override
    int read(int page, int column, int row) {
        int offset = offset(page, column, row);
        return adapter.readMemory(offset) | adapter.readMemory(offset + 1) << Byte.SIZE;
    }

    @Override
    void write(int page, int column, int row, int character, int attribute) {
        int offset = offset(page, column, row);
        adapter.writeMemory(offset, character);
        if (attribute != KEEP) {
            adapter.writeMemory(offset + 1, attribute);
        }
    }

    @Override
    void copy(int page, Window window, int from, int to) {
        for (int column = window.left(); column <= window.right(); column++) {
            int cell = read(page, column, from);
            write(page, column, to, cell & 0xFF, cell >> Byte.SIZE);
        }
    }

    @Override
    void clear(int page, Window window, int row, int attribute) {
        for (int column = window.left(); column <= window.right(); column++) {
            write(page, column, row, BLANK, attribute);
        }
    }

    private int offset(int page, int column, int row) {
        int cell = row * data.columns() + column;
        return start + (page * data.pageSize() + 2 * cell & MEMORY_MASK);
    }
}

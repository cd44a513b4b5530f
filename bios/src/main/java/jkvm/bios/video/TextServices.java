package jkvm.bios.video;

import jkvm.bios.Call;
import jkvm.bios.Outcome;

/** INT 10h functions 06h to 0Ah, 0Eh and 13h: characters, in text and in graphics modes. */
final class TextServices {
    private static final int BELL = 7;
    private static final int BACKSPACE = 8;
    private static final int LINE_FEED = 10;
    private static final int CARRIAGE_RETURN = 13;
    private static final int MOVE_BIT = 0x01;
    private static final int ATTRIBUTES_BIT = 0x02;
    private static final int AT_CURSOR = 0xFF;

    private final Video video;
    private final VideoData data;
    private final CursorServices cursor;

    TextServices(Video video, CursorServices cursor) {
        this.video = video;
        this.cursor = cursor;
        data = video.data();
    }

    Outcome scrollUp(Call call) {
        return scroll(call, call.al());
    }

    Outcome scrollDown(Call call) {
        return scroll(call, -call.al());
    }

    private Outcome scroll(Call call, int lines) {
        int right = Math.min(call.dl(), data.columns() - 1);
        int bottom = Math.min(call.dh(), data.rows() - 1);
        if (call.cl() <= right && call.ch() <= bottom) {
            Cells.Window window = new Cells.Window(call.cl(), call.ch(), right, bottom);
            video.cells().scroll(data.page(), window, lines, call.bh());
        }
        return Outcome.DONE;
    }

    Outcome read(Call call) {
        int position = data.cursor(call.bh());
        call.ax(video.cells().read(call.bh() % VideoData.PAGES, column(position), row(position)));
        return Outcome.DONE;
    }

    Outcome writeWithAttribute(Call call) {
        return write(call, call.bl());
    }

    /** In graphics BL is the colour here too. */
    Outcome write(Call call) {
        return write(call, video.mode().isText() ? Cells.KEEP : call.bl());
    }

    private Outcome write(Call call, int attribute) {
        int page = call.bh() % VideoData.PAGES;
        int position = data.cursor(page);
        int column = column(position);
        int row = row(position);
        Cells cells = video.cells();
        // At most once around the screen: the rest would be written over it.
        int count = Math.min(call.cx(), data.columns() * data.rows());
        for (int i = 0; i < count && row < data.rows(); i++) {
            cells.write(page, column, row, call.al(), attribute);
            if (++column >= data.columns()) {
                column = 0;
                row++;
            }
        }
        return Outcome.DONE;
    }

    Outcome teletype(Call call) {
        int page = data.page();
        int attribute = video.mode().isText() ? Cells.KEEP : call.bl();
        cursor.move(page, put(video.cells(), page, data.cursor(page), call.al(), attribute));
        return Outcome.DONE;
    }

    /** Writes a character as a teletype does, and returns where the next one goes. */
    private int put(Cells cells, int page, int position, int character, int attribute) {
        int column = column(position);
        int row = row(position);
        switch (character) {
            case BELL -> {
                return position;
            }
            case BACKSPACE -> {
                return position(Math.max(column - 1, 0), row);
            }
            case CARRIAGE_RETURN -> column = 0;
            case LINE_FEED -> row++;
            default -> {
                cells.write(page, column, row, character, attribute);
                column++;
            }
        }
        if (column >= data.columns()) {
            column = 0;
            row++;
        }
        if (row >= data.rows()) {
            row = data.rows() - 1;
            scrollOne(cells, page, row);
        }
        return position(column, row);
    }

    /** The new row looks as the one above does at its end, in text modes; in graphics it is black. */
    private void scrollOne(Cells cells, int page, int lastRow) {
        int blank = video.mode().isText() ? cells.read(page, column(data.cursor(page)), lastRow) >> Byte.SIZE : 0;
        cells.scroll(page, new Cells.Window(0, 0, data.columns() - 1, lastRow), 1, blank);
    }

    Outcome writeString(Call call) {
        int page = call.bh() % VideoData.PAGES;
        int before = data.cursor(page);
        int position = call.dh() == AT_CURSOR ? before : call.dx();
        boolean hasAttributes = (call.al() & ATTRIBUTES_BIT) != 0;
        Cells cells = video.cells();
        int offset = call.bp();
        for (int i = 0; i < call.cx(); i++) {
            int character = call.memory().readByte(call.es(), offset++);
            int attribute = hasAttributes ? call.memory().readByte(call.es(), offset++) : call.bl();
            position = put(cells, page, position, character, attribute);
        }
        cursor.move(page, (call.al() & MOVE_BIT) != 0 ? position : before);
        return Outcome.DONE;
    }

    private static int column(int position) {
        return position & 0xFF;
    }

    private static int row(int position) {
        return position >> Byte.SIZE & 0xFF;
    }

    private static int position(int column, int row) {
        return row << Byte.SIZE | column;
    }
}

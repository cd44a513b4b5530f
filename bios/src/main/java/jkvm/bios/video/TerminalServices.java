package jkvm.bios.video;

import jkvm.bios.BiosHost;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.ServiceTable;

/**
 * The services of INT 10h for a machine without a display: text goes to a terminal on the first serial port, as UTF-8,
 * with ANSI sequences for places and colours. A program that only writes as a teletype makes none of these, so that its
 * output can go into a file. What the screen shows is not kept: a character that is read is a blank.
 */
public final class TerminalServices {
    private static final int VIDEO = 0x10;
    private static final int MODE_MASK = 0x7F;
    private static final int KEEP_BIT = 0x80;
    private static final int TEXT_MODE = 3;
    private static final int MONO_MODE = 7;
    private static final int COLUMNS = 80;
    private static final int ROWS = 25;
    private static final int PAGE_SIZE = 0x1000;
    private static final int CELL_HEIGHT = 16;
    private static final int HIDDEN_BIT = 0x2000;
    private static final int SHAPE = 0x0607;
    private static final int BLANK = 0x0720;
    private static final int BELL = 7;
    private static final int BACKSPACE = 8;
    private static final int LINE_FEED = 10;
    private static final int CARRIAGE_RETURN = 13;
    private static final int NORMAL = 0x07;
    private static final int MOVE_BIT = 0x01;
    private static final int ATTRIBUTES_BIT = 0x02;
    private static final int AT_CURSOR = 0xFF;
    private static final int COLUMN_MASK = 0xFF;

    private final VideoData data;
    private final Terminal terminal;

    private TerminalServices(BiosHost host) {
        data = new VideoData(host.ram());
        terminal = new Terminal(host.ram(), host.ports());
    }

    /** A table with these services instead of others of INT 10h. */
    public static ServiceTable addTo(ServiceTable table, BiosHost host) {
        TerminalServices services = new TerminalServices(host);
        return table
                .with(VIDEO, call -> Outcome.DONE)
                .with(VIDEO, 0x00, services::setMode)
                .with(VIDEO, 0x01, services::setShape)
                .with(VIDEO, 0x02, services::setPosition)
                .with(VIDEO, 0x03, services::position)
                .with(VIDEO, 0x06, call -> services.scroll(call, call.al()))
                .with(VIDEO, 0x07, call -> services.scroll(call, -call.al()))
                .with(VIDEO, 0x08, services::read)
                .with(VIDEO, 0x09, call -> services.write(call, call.bl()))
                .with(VIDEO, 0x0A, call -> services.write(call, NORMAL))
                .with(VIDEO, 0x0E, services::teletype)
                .with(VIDEO, 0x0F, services::mode)
                .with(VIDEO, 0x13, services::writeString);
    }

    private Outcome setMode(Call call) {
        int mode = call.al() & MODE_MASK;
        if (mode > TEXT_MODE && mode != MONO_MODE) {
            return Outcome.DONE;
        }
        describe(mode);
        if ((call.al() & KEEP_BIT) == 0) {
            terminal.clear(NORMAL);
        }
        return Outcome.DONE;
    }

    private void describe(int mode) {
        data.setMode(mode);
        data.setSize(COLUMNS, ROWS);
        data.setCellHeight(CELL_HEIGHT);
        data.setPageSize(PAGE_SIZE);
        data.setPage(0);
        data.setCursorShape(SHAPE);
        data.setCursor(0, 0);
    }

    private Outcome setShape(Call call) {
        data.setCursorShape(call.cx());
        terminal.showCursor((call.cx() & HIDDEN_BIT) == 0);
        return Outcome.DONE;
    }

    private Outcome setPosition(Call call) {
        if (call.bh() == 0) {
            data.setCursor(0, onScreen(call.dx()));
            terminal.expect(data.cursor(0));
        }
        return Outcome.DONE;
    }

    private static int onScreen(int position) {
        return Math.min(position >> Byte.SIZE, ROWS - 1) << Byte.SIZE | Math.min(position & COLUMN_MASK, COLUMNS - 1);
    }

    private Outcome position(Call call) {
        call.cx(data.cursorShape());
        call.dx(call.bh() == 0 ? data.cursor(0) : 0);
        return Outcome.DONE;
    }

    /** Rows of the full width move; of a part of it only clearing is known to be right. */
    private Outcome scroll(Call call, int lines) {
        int right = Math.min(call.dl(), COLUMNS - 1);
        int bottom = Math.min(call.dh(), ROWS - 1);
        if (call.cl() > right || call.ch() > bottom) {
            return Outcome.DONE;
        }
        int height = bottom - call.ch() + 1;
        boolean isAll = lines == 0 || Math.abs(lines) >= height;
        boolean isFull = call.cl() == 0 && right == COLUMNS - 1;
        if (isAll && isFull && height == ROWS) {
            terminal.clear(call.bh());
        } else if (isAll) {
            terminal.blank(call.cl(), call.ch(), right, bottom, call.bh());
        } else if (isFull) {
            terminal.scroll(call.ch(), bottom, lines, call.bh());
        }
        terminal.expect(data.cursor(0));
        return Outcome.DONE;
    }

    private Outcome read(Call call) {
        call.ax(BLANK);
        return Outcome.DONE;
    }

    private Outcome write(Call call, int attribute) {
        int place = onScreen(data.cursor(0));
        int room = (ROWS - (place >> Byte.SIZE)) * COLUMNS - (place & COLUMN_MASK);
        terminal.expect(place);
        for (int i = 0; i < Math.min(call.cx(), room); i++) {
            // The terminal does not scroll after the last cell.
            terminal.put(call.al(), attribute, i < room - 1);
        }
        terminal.expect(place);
        return Outcome.DONE;
    }

    private Outcome teletype(Call call) {
        data.setCursor(0, put(data.cursor(0), call.al(), NORMAL));
        return Outcome.DONE;
    }

    private int put(int position, int character, int attribute) {
        int column = onScreen(position) & COLUMN_MASK;
        int row = onScreen(position) >> Byte.SIZE;
        switch (character) {
            case BELL -> terminal.control(character, column);
            case BACKSPACE -> {
                column = Math.max(column - 1, 0);
                terminal.control(character, column);
            }
            case CARRIAGE_RETURN -> {
                column = 0;
                terminal.control(character, 0);
            }
            case LINE_FEED -> {
                row = Math.min(row + 1, ROWS - 1);
                terminal.control(character, column);
            }
            default -> {
                terminal.put(character, attribute, true);
                column++;
                if (column == COLUMNS) {
                    column = 0;
                    row = Math.min(row + 1, ROWS - 1);
                }
            }
        }
        return row << Byte.SIZE | column;
    }

    private Outcome mode(Call call) {
        call.ax(COLUMNS << Byte.SIZE | data.mode() & MODE_MASK);
        call.bh(0);
        return Outcome.DONE;
    }

    private Outcome writeString(Call call) {
        int before = data.cursor(0);
        int position = call.dh() == AT_CURSOR ? before : onScreen(call.dx());
        if (position != before) {
            terminal.expect(position);
        }
        int offset = call.bp();
        for (int i = 0; i < call.cx(); i++) {
            int character = call.memory().readByte(call.es(), offset++);
            boolean hasAttribute = (call.al() & ATTRIBUTES_BIT) != 0;
            int attribute = hasAttribute ? call.memory().readByte(call.es(), offset++) : call.bl();
            position = put(position, character, attribute);
        }
        if ((call.al() & MOVE_BIT) != 0) {
            data.setCursor(0, position);
        } else {
            terminal.expect(before);
        }
        return Outcome.DONE;
    }
}

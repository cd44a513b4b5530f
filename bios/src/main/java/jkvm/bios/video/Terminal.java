package jkvm.bios.video;

import java.nio.charset.StandardCharsets;
import jkvm.bios.BiosData;
import jkvm.bios.Ports;
import jkvm.memory.GuestMemory;

/**
 * A terminal on the first serial port. Where its cursor is and which colours it has lie in the BIOS data area, in bytes
 * that a display's BIOS has otherwise; sequences are sent only where these differ from what is asked for.
 */
final class Terminal {
    /** A word: where the next character is to go, if that is not where the terminal's cursor is anyway. */
    private static final int MOVE = 0x4BC;
    /** A byte: the last attribute, combined with the normal one so that zero is normal. */
    private static final int ATTRIBUTE = 0x4BE;
    /** A byte: the column of the terminal's cursor. */
    private static final int COLUMN = 0x4BF;
    private static final int NO_MOVE = 0;
    private static final int MOVE_BIT = 0x8000;
    private static final int NORMAL = 0x07;
    private static final int BRIGHT_BIT = 0x08;
    private static final String ESCAPE = "\u001B[";
    private static final int COLUMN_MASK = 0xFF;
    private static final int ROW_MASK = 0x7F;
    private static final int LAST_ROW = 24;
    private static final int LAST_COLUMN = 79;
    /** ANSI counts red first, a PC blue. */
    private static final int[] ANSI_COLOURS = {0, 4, 2, 6, 1, 5, 3, 7};

    private final BiosData data;
    private final Ports ports;

    Terminal(GuestMemory ram, Ports ports) {
        data = new BiosData(ram);
        this.ports = ports;
    }

    /** The next character goes to a place: row in bits 8 to 15, column in bits 0 to 7. */
    void expect(int position) {
        data.writeWord(MOVE, MOVE_BIT | position & 0x7FFF);
    }

    /** Writes a control character; the terminal's cursor is then in a column. */
    void control(int character, int column) {
        move();
        data.writeByte(COLUMN, column);
        send(Character.toString(character));
    }

    private void move() {
        int move = data.readWord(MOVE);
        if (move != NO_MOVE) {
            place(move >> Byte.SIZE & ROW_MASK, move & COLUMN_MASK);
        }
    }

    /**
     * Writes a character.
     *
     * @param wraps false for the last cell of the screen, after which the cursor has no place
     */
    void put(int character, int attribute, boolean wraps) {
        move();
        colour(attribute);
        send(Character.toString(character >= ' ' && character <= '~' ? character : CodePage437.character(character)));
        column(wraps);
    }

    /** After the last column the next row begins; terminals differ in when. */
    private void column(boolean wraps) {
        int column = data.readByte(COLUMN) + 1;
        data.writeByte(COLUMN, column);
        if (column > LAST_COLUMN) {
            data.writeByte(COLUMN, 0);
            if (wraps) {
                send("\r\n");
            }
        }
    }

    private void place(int row, int column) {
        send(ESCAPE + (Math.min(row, LAST_ROW) + 1) + ";" + (Math.min(column, LAST_COLUMN) + 1) + "H");
        data.writeWord(MOVE, NO_MOVE);
        data.writeByte(COLUMN, Math.min(column, LAST_COLUMN));
    }

    private void colour(int attribute) {
        if (data.readByte(ATTRIBUTE) != (attribute ^ NORMAL)) {
            int bright = (attribute & BRIGHT_BIT) != 0 ? 90 : 30;
            int background = 40 + ANSI_COLOURS[attribute >> 4 & 7];
            send(attribute == NORMAL ? ESCAPE + "0m"
                    : ESCAPE + (bright + ANSI_COLOURS[attribute & 7]) + ";" + background + "m");
            data.writeByte(ATTRIBUTE, attribute ^ NORMAL);
        }
    }

    void showCursor(boolean isShown) {
        send(ESCAPE + (isShown ? "?25h" : "?25l"));
    }

    /** Clears the screen; the next character goes to its first cell. */
    void clear(int attribute) {
        colour(attribute);
        send(ESCAPE + "2J");
        place(0, 0);
    }

    void blank(int left, int top, int right, int bottom, int attribute) {
        for (int row = top; row <= bottom; row++) {
            place(row, left);
            colour(attribute);
            send(" ".repeat(right - left + 1));
        }
    }

    /**
     * Moves rows up.
     *
     * @param lines below zero: down
     */
    void scroll(int top, int bottom, int lines, int attribute) {
        colour(attribute);
        send(ESCAPE + (top + 1) + ";" + (bottom + 1) + "r");
        send(ESCAPE + Math.abs(lines) + (lines > 0 ? "S" : "T"));
        send(ESCAPE + "r");
    }

    private void send(String text) {
        int port = data.readWord(BiosData.COM_PORTS);
        if (port != 0) {
            for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
                ports.out(port, octet);
            }
        }
    }
}

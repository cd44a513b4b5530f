package jkvm.examples;

import java.util.Arrays;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Service;

/**
 * The screen of lesson 26: the text services of INT 10h by AH, which write into an array of letters. It does nothing
 * for the others, as a BIOS for those that it does not know.
 */
final class PaperScreen implements Service {
    private static final int ROWS = 25;
    private static final int COLUMNS = 80;
    private static final int SET_MODE = 0x00;
    private static final int SET_CURSOR = 0x02;
    private static final int CURSOR = 0x03;
    private static final int SCROLL_UP = 0x06;
    private static final int WRITE = 0x09;
    private static final int TELETYPE = 0x0E;
    private static final int MODE = 0x0F;
    private static final int WRITE_STRING = 0x13;
    private static final int TEXT_MODE = 3;

    // A machine that is to be saved keeps these in guest memory, where its BIOS has a data area: Call.data().
    private final char[][] rows = new char[ROWS][COLUMNS];
    private int row;
    private int column;

    PaperScreen() {
        clear();
    }

    @Override
    public Outcome call(Call call) {
        switch (call.ah()) {
            case SET_MODE -> clear();
            case SET_CURSOR -> setCursor(call.dh(), call.dl());
            case CURSOR -> {
                call.dh(row);
                call.dl(column);
            }
            case SCROLL_UP -> scroll(call.al());
            case WRITE -> Arrays.fill(rows[row], column, Math.min(column + call.cx(), COLUMNS), (char) call.al());
            case TELETYPE -> type((char) call.al());
            case MODE -> {
                call.al(TEXT_MODE);
                call.ah(COLUMNS);
            }
            case WRITE_STRING -> writeString(call);
            default -> { }
        }
        return Outcome.DONE;
    }

    private void clear() {
        scroll(0);
        setCursor(0, 0);
    }

    private void setCursor(int newRow, int newColumn) {
        row = Math.min(newRow, ROWS - 1);
        column = Math.min(newColumn, COLUMNS - 1);
    }

    /** Moves all rows up; 0 lines clear the screen. */
    private void scroll(int lines) {
        for (int i = 0; i < ROWS; i++) {
            boolean isNew = lines == 0 || i + lines >= ROWS;
            rows[i] = isNew ? " ".repeat(COLUMNS).toCharArray() : rows[i + lines];
        }
    }

    private void type(char letter) {
        switch (letter) {
            case '\r' -> column = 0;
            case '\n' -> row++;
            default -> {
                rows[row][column] = letter;
                column++;
            }
        }
        if (column == COLUMNS) {
            column = 0;
            row++;
        }
        if (row == ROWS) {
            row--;
            scroll(1);
        }
    }

    /** The string is at ES:BP, its length in CX. */
    private void writeString(Call call) {
        setCursor(call.dh(), call.dl());
        for (int i = 0; i < call.cx(); i++) {
            type((char) call.memory().readByte(call.es(), call.bp() + i));
        }
    }

    void print() {
        for (char[] each : rows) {
            String text = new String(each).stripTrailing();
            if (!text.isEmpty()) {
                System.out.println(text);
            }
        }
    }
}

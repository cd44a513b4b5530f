package jkvm.host.display;

import java.util.ArrayList;
import java.util.List;
import jkvm.bios.video.CodePage437;

/**
 * The characters of a text mode at one moment. A cell is a character of code page 437 in bits 0 to 7 and its attribute
 * in bits 8 to 15: colour in bits 0 to 3, background in bits 4 to 7.
 *
 * @param cells    row by row
 * @param cursor   of the cell that has it, -1 if it is not shown
 * @param blinking true if bit 7 of an attribute makes the character blink instead of its background bright
 * @param colours  of the 16 attributes, 0x00RRGGBB
 */
public record TextScreen(int columns, int rows, short[] cells, int cursor, boolean blinking, int[] colours) {
    private static final int CHARACTER_MASK = 0xFF;

    /** The character of a cell. */
    public static char character(short cell) {
        return CodePage437.character(cell & CHARACTER_MASK);
    }

    /** The attribute of a cell, 0 to 255. */
    public static int attribute(short cell) {
        return cell >> Byte.SIZE & CHARACTER_MASK;
    }

    /** The cell at a place. */
    public short cell(int column, int row) {
        return cells[row * columns + column];
    }

    /** The text row by row, without blanks at the ends of rows. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (int row = 0; row < rows; row++) {
            line.setLength(0);
            for (int column = 0; column < columns; column++) {
                line.append(character(cell(column, row)));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** The text of all rows, each with an end of line, without empty rows at the end. */
    public String string() {
        return String.join("\n", lines()).stripTrailing() + "\n";
    }
}

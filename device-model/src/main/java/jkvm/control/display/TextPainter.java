package jkvm.control.display;

import java.util.Arrays;
import java.util.Optional;
import jkvm.host.display.TextScreen;
import jkvm.linux.Terminal;

/** Makes the output that brings a terminal from one text screen to the next. Not for several threads at once. */
final class TextPainter {
    private static final String ESCAPE = "\u001B[";
    private static final int NO_ATTRIBUTE = -1;
    private static final int COLOUR_MASK = 0x0F;
    private static final int DIM_MASK = 0x07;
    private static final int BRIGHT_BIT = 0x08;
    private static final int BLINK_BIT = 0x80;
    /** ANSI counts red first, a PC blue. */
    private static final int[] ANSI_COLOURS = {0, 4, 2, 6, 1, 5, 3, 7};

    private final boolean trueColour;
    private final StringBuilder out = new StringBuilder();
    /** What the terminal shows; null after {@link #forget}. */
    private TextScreen shown;
    private Terminal.Size window = new Terminal.Size(0, 0);
    private int attribute = NO_ATTRIBUTE;
    private int row;
    private int column;

    /** @param trueColour true for a terminal that takes colours of 24 bits, false for one with 16 of its own */
    TextPainter(boolean trueColour) {
        this.trueColour = trueColour;
    }

    /** The terminal shows something else: the next screen is painted as a whole. */
    void forget() {
        shown = null;
    }

    /**
     * The output for a screen; rows and columns beyond the window are not shown.
     *
     * @param text empty in a graphics mode
     * @return empty if nothing has changed
     */
    String paint(Optional<TextScreen> text, int width, int height, Terminal.Size size) {
        out.setLength(0);
        TextScreen now = text.orElseGet(() -> message("Graphics mode, " + width + "x" + height
                + ": see it with -display web"));
        if (shown == null || !size.equals(window) || now.columns() != shown.columns() || now.rows() != shown.rows()
                || now.blinking() != shown.blinking() || !Arrays.equals(now.colours(), shown.colours())) {
            out.append(ESCAPE).append("0m").append(ESCAPE).append("2J");
            attribute = NO_ATTRIBUTE;
            row = -1;
            shown = null;
            window = size;
        }
        cells(now);
        cursor(now);
        shown = now;
        return out.toString();
    }

    private void cells(TextScreen now) {
        int rows = Math.min(now.rows(), window.rows());
        int columns = Math.min(now.columns(), window.columns());
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                short cell = now.cell(x, y);
                if (shown == null || shown.cell(x, y) != cell) {
                    move(x, y);
                    colour(now, TextScreen.attribute(cell));
                    out.append(TextScreen.character(cell));
                    // After the last column terminals differ.
                    column = x + 1 < window.columns() ? x + 1 : -1;
                }
            }
        }
    }

    private void move(int x, int y) {
        if (row != y || column != x) {
            out.append(ESCAPE).append(y + 1).append(';').append(x + 1).append('H');
            row = y;
            column = x;
        }
    }

    private void colour(TextScreen now, int wanted) {
        if (wanted == attribute) {
            return;
        }
        attribute = wanted;
        boolean blinks = now.blinking() && (wanted & BLINK_BIT) != 0;
        int back = wanted >> 4 & (now.blinking() ? DIM_MASK : COLOUR_MASK);
        out.append(ESCAPE).append('0');
        if (blinks) {
            out.append(";5");
        }
        colour(now.colours(), wanted & COLOUR_MASK, 30);
        colour(now.colours(), back, 40);
        out.append('m');
    }

    private void colour(int[] colours, int index, int base) {
        if (trueColour) {
            int colour = colours[index];
            out.append(';').append(base + 8).append(";2;").append(colour >> 16 & 0xFF).append(';')
                    .append(colour >> 8 & 0xFF).append(';').append(colour & 0xFF);
        } else {
            int bright = (index & BRIGHT_BIT) != 0 ? 60 : 0;
            out.append(';').append(base + bright + ANSI_COLOURS[index & DIM_MASK]);
        }
    }

    private void cursor(TextScreen now) {
        boolean isVisible = now.cursor() >= 0 && now.cursor() / now.columns() < window.rows()
                && now.cursor() % now.columns() < window.columns();
        boolean isNew = shown == null || shown.cursor() != now.cursor();
        if (out.isEmpty() && !isNew) {
            return;
        }
        if (isVisible) {
            move(now.cursor() % now.columns(), now.cursor() / now.columns());
        }
        if (isNew) {
            out.append(ESCAPE).append(isVisible ? "?25h" : "?25l");
        }
    }

    private static TextScreen message(String text) {
        short[] cells = new short[text.length()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = (short) (0x0700 | text.charAt(i));
        }
        int[] colours = new int[16];
        colours[7] = 0xAAAAAA;
        return new TextScreen(cells.length, 1, cells, -1, false, colours);
    }
}

package jkvm.machine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jkvm.host.display.Picture;
import jkvm.host.display.TextScreen;

/**
 * Reads a picture's characters again: the same shape is the same character, and a shape that was seen for two
 * characters is a mistake. It learns the shapes from the text, so that no font is needed.
 */
final class GlyphReader {
    private static final int BACKGROUND = 0;

    private final Picture picture;
    private final TextScreen text;
    private final int width;
    private final int height;
    private final Map<String, Character> shapes = new HashMap<>();

    GlyphReader(Picture picture, TextScreen text) {
        this.picture = picture;
        this.text = text;
        this.width = picture.width() / text.columns();
        this.height = picture.height() / text.rows();
        for (int row = 0; row < text.rows(); row++) {
            for (int column = 0; column < text.columns(); column++) {
                if (row * text.columns() + column != text.cursor()) {
                    shapes.putIfAbsent(shape(column, row), shown(column, row));
                }
            }
        }
    }

    private char shown(int column, int row) {
        char character = TextScreen.character(text.cell(column, row));
        return character == '\0' || character == '\u00A0' ? ' ' : character;
    }

    private String shape(int column, int row) {
        StringBuilder dots = new StringBuilder();
        for (int y = row * height; y < (row + 1) * height; y++) {
            for (int x = column * width; x < (column + 1) * width; x++) {
                dots.append(picture.pixels()[y * picture.width() + x] == BACKGROUND ? ' ' : '#');
            }
        }
        return dots.toString();
    }

    /** The text, with a blank where the cursor is. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < text.rows(); row++) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < text.columns(); column++) {
                line.append(row * text.columns() + column == text.cursor() ? ' ' : shapes.get(shape(column, row)));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}

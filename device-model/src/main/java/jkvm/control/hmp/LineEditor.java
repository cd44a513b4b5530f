package jkvm.control.hmp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A line that the user types at a terminal, edited and shown as QEMU's monitor does: a change shows the whole line
 * anew. Keys: arrows, Home, End, Delete, Backspace, Tab, Ctrl-A D E K L N P U W. For one thread.
 */
final class LineEditor {
    private static final int HISTORY = 64;
    private static final int SCREEN_COLUMNS = 80;
    private static final int MIN_COLUMN = 10;
    private static final int MAX_PARAMETER = 1_000;
    private static final String LEFT = "\033[D";
    private static final String RIGHT = "\033[C";
    private static final String ERASE = "\033[K";
    private static final int ESC = 0x1B;
    /** The difference between a letter and the key's value with Ctrl. */
    private static final char CONTROL = '@';

    /** Takes finished lines, and knows how words go on. */
    interface Owner {

        void line(String line);

        /** The words that may stand where the text ends, each beginning with what is there of it. */
        List<String> completions(String text);
    }

    private enum Escape { NONE, STARTED, PARAMETERS, ONE_MORE }

    private final String prompt;
    private final ByteArrayOutputStream screen;
    private final Owner owner;
    private final List<String> history = new ArrayList<>();
    private final byte[] line = new byte[HumanMonitor.MAX_LINE];
    private int length;
    private int cursor;
    private byte[] shown = {};
    private int shownCursor;
    /** The place in the history; its size for a new line. */
    private int recalled;
    private Escape escape = Escape.NONE;
    private int parameter;

    /** @param screen gets all output */
    LineEditor(String prompt, ByteArrayOutputStream screen, Owner owner) {
        this.prompt = prompt;
        this.screen = screen;
        this.owner = owner;
    }

    /** Begins a new line. */
    void prompt() {
        length = 0;
        cursor = 0;
        escape = Escape.NONE;
        recalled = history.size();
        print(prompt);
        shown = new byte[0];
        shownCursor = 0;
    }

    /** Earlier lines, the oldest first. */
    List<String> history() {
        return List.copyOf(history);
    }

    /** Takes one byte from the user. */
    void key(byte value) {
        switch (escape) {
            case NONE -> plainKey(value & 0xFF);
            case STARTED -> {
                escape = value == '[' ? Escape.PARAMETERS : value == 'O' ? Escape.ONE_MORE : Escape.NONE;
                parameter = 0;
            }
            case ONE_MORE -> escape = Escape.NONE;
            case PARAMETERS -> {
                if (value >= '0' && value <= '9') {
                    parameter = Math.min(MAX_PARAMETER, parameter * 10 + value - '0');
                } else {
                    escape = Escape.NONE;
                    escapedKey(value);
                }
            }
        }
        show();
    }

    private void plainKey(int value) {
        switch (value) {
            case 'A' - CONTROL -> cursor = 0;
            case 'D' - CONTROL -> delete(cursor, Math.min(cursor + 1, length));
            case 'E' - CONTROL -> cursor = length;
            case 'K' - CONTROL -> delete(cursor, length);
            case 'L' - CONTROL -> clearScreen();
            case 'N' - CONTROL -> recall(recalled + 1);
            case 'P' - CONTROL -> recall(recalled - 1);
            case 'U' - CONTROL -> delete(0, cursor);
            case 'W' - CONTROL -> delete(wordStart(), cursor);
            case '\t' -> complete();
            case '\n', '\r' -> accept();
            case '\b', 0x7F -> delete(Math.max(0, cursor - 1), cursor);
            case ESC -> escape = Escape.STARTED;
            default -> {
                if (value >= ' ') {
                    insert((byte) value);
                }
            }
        }
    }

    private void escapedKey(byte value) {
        switch (value) {
            case 'A' -> recall(recalled - 1);
            case 'B' -> recall(recalled + 1);
            case 'C' -> cursor = Math.min(length, cursor + 1);
            case 'D' -> cursor = Math.max(0, cursor - 1);
            case 'F' -> cursor = length;
            case 'H' -> cursor = 0;
            case '~' -> {
                switch (parameter) {
                    case 1 -> cursor = 0;
                    case 3 -> delete(cursor, Math.min(cursor + 1, length));
                    case 4 -> cursor = length;
                    default -> {
                        // No such key.
                    }
                }
            }
            default -> {
                // No such key.
            }
        }
    }

    private void insert(byte value) {
        if (length < line.length) {
            System.arraycopy(line, cursor, line, cursor + 1, length - cursor);
            line[cursor++] = value;
            length++;
        }
    }

    private void delete(int from, int to) {
        System.arraycopy(line, to, line, from, length - to);
        length -= to - from;
        cursor = from;
    }

    private int wordStart() {
        int start = cursor;
        while (start > 0 && line[start - 1] == ' ') {
            start--;
        }
        while (start > 0 && line[start - 1] != ' ') {
            start--;
        }
        return start;
    }

    private void recall(int index) {
        if (index < 0 || index > history.size()) {
            return;
        }
        recalled = index;
        byte[] text = index == history.size() ? new byte[0]
                : history.get(index).getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(text, 0, line, 0, text.length);
        length = text.length;
        cursor = length;
    }

    private void accept() {
        cursor = length;
        show();
        String raw = new String(line, 0, length, StandardCharsets.ISO_8859_1);
        String text = new String(line, 0, length, StandardCharsets.UTF_8);
        if (!raw.isEmpty()) {
            history.remove(raw);
            history.add(raw);
            if (history.size() > HISTORY) {
                history.removeFirst();
            }
        }
        print("\r\n");
        // Input of meanwhile is shown after the prompt.
        length = 0;
        cursor = 0;
        shown = new byte[0];
        shownCursor = 0;
        owner.line(text);
    }

    private void clearScreen() {
        print("\033[2J\033[1;1H");
        showAnew();
    }

    private void showAnew() {
        print(prompt);
        shown = new byte[0];
        shownCursor = 0;
    }

    private void complete() {
        String text = new String(line, 0, cursor, StandardCharsets.ISO_8859_1);
        List<String> words = owner.completions(text);
        if (words.isEmpty()) {
            return;
        }
        String common = common(words);
        int begun = text.length() - text.lastIndexOf(' ') - 1;
        String rest = common.substring(Math.min(begun, common.length())) + (words.size() == 1 ? " " : "");
        for (byte value : rest.getBytes(StandardCharsets.ISO_8859_1)) {
            insert(value);
        }
        if (words.size() > 1) {
            print("\r\n" + columns(words));
            showAnew();
        }
    }

    private static String common(List<String> words) {
        String common = words.getFirst();
        for (String word : words) {
            while (!word.startsWith(common)) {
                common = common.substring(0, common.length() - 1);
            }
        }
        return common;
    }

    private static String columns(List<String> words) {
        int longest = words.stream().mapToInt(String::length).max().orElse(0);
        int width = Math.clamp(longest + 2, MIN_COLUMN, SCREEN_COLUMNS);
        int count = SCREEN_COLUMNS / width;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words.size(); i++) {
            text.append(words.get(i)).append(" ".repeat(Math.max(0, width - words.get(i).length())));
            if (i % count == count - 1 || i == words.size() - 1) {
                text.append("\r\n");
            }
        }
        return text.toString();
    }

    /** Brings the screen in line with the text and the cursor. An addition to a long line is shown alone. */
    private void show() {
        boolean isLonger = shown.length >= SCREEN_COLUMNS && shownCursor == shown.length && length > shown.length
                && Arrays.equals(shown, 0, shown.length, line, 0, shown.length);
        if (isLonger) {
            screen.write(line, shown.length, length - shown.length);
            shown = Arrays.copyOf(line, length);
            shownCursor = length;
        } else if (!Arrays.equals(shown, 0, shown.length, line, 0, length)) {
            print(LEFT.repeat(shownCursor));
            screen.write(line, 0, length);
            print(ERASE);
            shown = Arrays.copyOf(line, length);
            shownCursor = length;
        }
        if (cursor != shownCursor) {
            print(cursor > shownCursor ? RIGHT.repeat(cursor - shownCursor) : LEFT.repeat(shownCursor - cursor));
            shownCursor = cursor;
        }
    }

    private void print(String text) {
        screen.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}

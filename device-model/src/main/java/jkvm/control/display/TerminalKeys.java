package jkvm.control.display;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jkvm.host.input.Key;

/**
 * Makes the keys of a US keyboard of what a terminal sends: characters, control characters, and the sequences of xterm
 * and the Linux console. A terminal tells of presses only, so a key comes with its modifiers as a chord.
 */
final class TerminalKeys {
    private static final int ESCAPE = 0x1B;
    private static final int DELETE = 0x7F;
    private static final String PLAIN = "`1234567890-=[]\\;',./";
    private static final String SHIFTED = "~!@#$%^&*()_+{}|:\"<>?";
    private static final List<Key> SIGNS = List.of(Key.GRAVE_ACCENT, Key.DIGIT_1, Key.DIGIT_2, Key.DIGIT_3,
            Key.DIGIT_4, Key.DIGIT_5, Key.DIGIT_6, Key.DIGIT_7, Key.DIGIT_8, Key.DIGIT_9, Key.DIGIT_0, Key.MINUS,
            Key.EQUAL, Key.BRACKET_LEFT, Key.BRACKET_RIGHT, Key.BACKSLASH, Key.SEMICOLON, Key.APOSTROPHE, Key.COMMA,
            Key.DOT, Key.SLASH);
    private static final Map<Character, Key> FINALS = Map.ofEntries(Map.entry('A', Key.UP), Map.entry('B', Key.DOWN),
            Map.entry('C', Key.RIGHT), Map.entry('D', Key.LEFT), Map.entry('H', Key.HOME), Map.entry('F', Key.END),
            Map.entry('P', Key.F1), Map.entry('Q', Key.F2), Map.entry('R', Key.F3), Map.entry('S', Key.F4));
    private static final Map<Integer, Key> NUMBERS = Map.ofEntries(Map.entry(1, Key.HOME), Map.entry(2, Key.INSERT),
            Map.entry(3, Key.DELETE), Map.entry(4, Key.END), Map.entry(5, Key.PGUP), Map.entry(6, Key.PGDN),
            Map.entry(11, Key.F1), Map.entry(12, Key.F2), Map.entry(13, Key.F3), Map.entry(14, Key.F4),
            Map.entry(15, Key.F5), Map.entry(17, Key.F6), Map.entry(18, Key.F7), Map.entry(19, Key.F8),
            Map.entry(20, Key.F9), Map.entry(21, Key.F10), Map.entry(23, Key.F11), Map.entry(24, Key.F12));
    private static final int SHIFT_BIT = 1;
    private static final int ALT_BIT = 2;
    private static final int CTRL_BIT = 4;

    private TerminalKeys() {
    }

    /** The chords of what one read has brought; an escape at its end is the key. */
    static List<List<Key>> chords(byte[] input, int length) {
        List<List<Key>> chords = new ArrayList<>();
        String text = new String(input, 0, length, StandardCharsets.ISO_8859_1);
        int at = 0;
        while (at < text.length()) {
            at = text.charAt(at) == ESCAPE ? escape(text, at, chords) : plain(text.charAt(at), at, chords);
        }
        return chords;
    }

    private static int plain(char character, int at, List<List<Key>> chords) {
        List<Key> chord = chord(character);
        if (!chord.isEmpty()) {
            chords.add(chord);
        }
        return at + 1;
    }

    /** The keys of a character; none for those that a US keyboard does not have. */
    private static List<Key> chord(char character) {
        if (character >= 'a' && character <= 'z') {
            return List.of(letter(character));
        }
        if (character >= 'A' && character <= 'Z') {
            return List.of(Key.SHIFT, letter(Character.toLowerCase(character)));
        }
        if (PLAIN.indexOf(character) >= 0) {
            return List.of(SIGNS.get(PLAIN.indexOf(character)));
        }
        if (SHIFTED.indexOf(character) >= 0) {
            return List.of(Key.SHIFT, SIGNS.get(SHIFTED.indexOf(character)));
        }
        return switch (character) {
            case ' ' -> List.of(Key.SPC);
            case '\r', '\n' -> List.of(Key.RET);
            case '\t' -> List.of(Key.TAB);
            case DELETE, '\b' -> List.of(Key.BACKSPACE);
            case ESCAPE -> List.of(Key.ESC);
            default -> character >= 1 && character <= 26
                    ? List.of(Key.CTRL, letter((char) ('a' + character - 1))) : List.of();
        };
    }

    private static Key letter(char character) {
        return Key.named(Character.toString(character)).orElseThrow();
    }

    /** @return where the next character is */
    private static int escape(String text, int at, List<List<Key>> chords) {
        if (at + 1 == text.length()) {
            chords.add(List.of(Key.ESC));
            return at + 1;
        }
        char second = text.charAt(at + 1);
        if (second != '[' && second != 'O') {
            withAlt(second, chords);
            return at + 2;
        }
        int end = at + 2;
        boolean isConsole = end < text.length() && text.charAt(end) == '[';
        end += isConsole ? 1 : 0;
        while (end < text.length() && (Character.isDigit(text.charAt(end)) || text.charAt(end) == ';')) {
            end++;
        }
        if (end == text.length()) {
            withAlt(second, chords);
            return at + 2;
        }
        sequence(text.substring(at + 2, end), text.charAt(end), chords);
        return end + 1;
    }

    private static void withAlt(char character, List<List<Key>> chords) {
        List<Key> chord = new ArrayList<>(chord(character));
        if (!chord.isEmpty()) {
            chord.addFirst(Key.ALT);
            chords.add(chord);
        }
    }

    /** As {@code ESC [ 1 ; 5 C}: a number, modifiers and a letter. */
    private static void sequence(String parameters, char last, List<List<Key>> chords) {
        if (parameters.equals("[") && last >= 'A' && last <= 'E') {
            chords.add(List.of(List.of(Key.F1, Key.F2, Key.F3, Key.F4, Key.F5).get(last - 'A')));
            return;
        }
        if (last == 'Z') {
            chords.add(List.of(Key.SHIFT, Key.TAB));
            return;
        }
        String[] numbers = parameters.split(";", -1);
        Key key = last == '~' ? NUMBERS.get(number(numbers[0])) : FINALS.get(last);
        if (key == null) {
            return;
        }
        List<Key> chord = new ArrayList<>();
        int modifiers = numbers.length > 1 ? number(numbers[1]) - 1 : 0;
        if ((modifiers & SHIFT_BIT) != 0) {
            chord.add(Key.SHIFT);
        }
        if ((modifiers & ALT_BIT) != 0) {
            chord.add(Key.ALT);
        }
        if ((modifiers & CTRL_BIT) != 0) {
            chord.add(Key.CTRL);
        }
        chord.add(key);
        chords.add(chord);
    }

    private static int number(String digits) {
        return digits.isEmpty() || digits.length() > 3 || digits.startsWith("[") ? 0 : Integer.parseInt(digits);
    }
}

package jkvm.control.display;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import jkvm.host.input.Key;
import org.junit.jupiter.api.Test;

class TerminalKeysTest {

    @Test
    void shouldMakeChordsOfCharacters() {
        assertEquals(List.of(List.of(Key.A)), keys("a"));
        assertEquals(List.of(List.of(Key.SHIFT, Key.A), List.of(Key.SHIFT, Key.DIGIT_1)), keys("A!"));
        assertEquals(List.of(List.of(Key.RET), List.of(Key.BACKSPACE), List.of(Key.TAB)), keys("\r\u007F\t"));
        assertEquals(List.of(List.of(Key.CTRL, Key.C)), keys("\u0003"));
        assertEquals(List.of(List.of(Key.SLASH), List.of(Key.SHIFT, Key.SLASH)), keys("/?"));
    }

    @Test
    void shouldKnowTheSequencesOfXtermAndTheConsole() {
        assertEquals(List.of(List.of(Key.UP), List.of(Key.HOME), List.of(Key.F1)), keys("\u001B[A\u001B[H\u001BOP"));
        assertEquals(List.of(List.of(Key.F10), List.of(Key.DELETE)), keys("\u001B[21~\u001B[3~"));
        assertEquals(List.of(List.of(Key.CTRL, Key.RIGHT)), keys("\u001B[1;5C"));
        assertEquals(List.of(List.of(Key.F2)), keys("\u001B[[B"));
        assertEquals(List.of(List.of(Key.ALT, Key.X)), keys("\u001Bx"));
    }

    @Test
    void shouldTakeAnEscapeAloneForTheKey() {
        assertEquals(List.of(List.of(Key.ESC)), keys("\u001B"));
        assertEquals(List.of(List.of(Key.A), List.of(Key.ESC)), keys("a\u001B"));
    }

    @Test
    void shouldTakeAnyBytes() {
        Random random = new Random(1);
        byte[] bytes = new byte[64];
        for (int i = 0; i < 10_000; i++) {
            random.nextBytes(bytes);
            bytes[0] = 0x1B;
            bytes[1] = '[';
            assertNotNull(TerminalKeys.chords(bytes, bytes.length));
        }
    }

    private static List<List<Key>> keys(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return TerminalKeys.chords(bytes, bytes.length);
    }
}

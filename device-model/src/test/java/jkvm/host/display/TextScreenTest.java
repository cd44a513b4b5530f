package jkvm.host.display;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextScreenTest {
    @Test
    void shouldShowCodePage437AsUnicode() {
        short[] cells = {0x0741, (short) 0x1FC9, 0x0720, 0x0701, 0x07FE, (short) 0xF0FF};
        TextScreen screen = new TextScreen(3, 2, cells, 1, true, new int[16]);
        assertEquals(List.of("A╔", "☺■\u00A0"), screen.lines());
        assertEquals("A╔\n☺■\u00A0\n", screen.string());
        assertEquals(0x1F, TextScreen.attribute(screen.cell(1, 0)));
        assertEquals(0xF0, TextScreen.attribute(screen.cell(2, 1)));
    }

    @Test
    void shouldKnowEachCharacter() {
        for (int code = 0x20; code < 0x7F; code++) {
            assertEquals((char) code, TextScreen.character((short) code));
        }
        assertEquals('é', TextScreen.character((short) 0x82));
        assertEquals('\u00A0', TextScreen.character((short) 0xFF));
    }
}

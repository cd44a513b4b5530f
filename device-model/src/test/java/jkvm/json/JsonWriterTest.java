package jkvm.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonWriterTest {

    @Test
    void shouldKeepTextsWithQuotesControlsAndOtherScripts() {
        // given
        String text = "a \"quoted\" \\ back\nslash \u0001 \u00e4 \ud83d\ude00 \u007f";

        // when
        String document = new JsonWriter().begin('{').member("t", text).end('}').document();

        // then
        assertEquals(Map.of("t", text), StrictJson.parse(document));
        assertEquals(document.length(), document.codePoints().filter(c -> c == '\n' || c >= ' ' && c <= '~').count());
    }

    @Test
    void shouldNestEmptyAndFilledContainers() {
        // when
        String document = new JsonWriter().begin('{').begin("empty", '[').end(']').begin("list", '[')
                .begin('{').end('}').element("x").end(']').member("n", -5L).member("b", true).end('}').document();

        // then
        assertEquals(Map.of("empty", List.of(), "list", List.of(Map.of(), "x"), "n", -5L, "b", true),
                StrictJson.parse(document));
    }
}

package jkvm.control.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {

    @Test
    void shouldReadEveryKindOfValue() {
        assertEquals(Map.of("a", List.of(new JsonReader.Number("-1.50e+3"), true, false), "b", Map.of("c", "x"),
                "d", List.of(), "e", Map.of()), JsonReader.read(" {\"a\":[-1.50e+3, true,false],\"b\":{\"c\" : \"x\"},"
                + "\"d\":[],\"e\":{}} "));
        assertEquals(Arrays.asList((Object) null), JsonReader.read("[null]"));
    }

    @Test
    void shouldReadBackAnyTextThatIsWritten() {
        String text = "a \"quoted\" \\ back\nslash \u0001 \u00e4 \ud83d\ude00 \u007f";
        assertEquals(Map.of("t", text),
                JsonReader.read(new JsonWriter().begin('{').member("t", text).end('}').document()));
        assertEquals("\"\\/\b\f\n\r\té", JsonReader.read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"a\"}", "{\"a\":1,}", "[1,]", "[1 2]", "01", "+1", "1.", "nul", "\"a",
        "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "{} {}", "{\"a\":1,\"a\":2}", "'a'"})
    void shouldRefuseOtherTexts(String text) {
        assertThrows(IllegalArgumentException.class, () -> JsonReader.read(text));
    }

    @Test
    void shouldRefuseDocumentsThatAreTooDeep() {
        assertThrows(IllegalArgumentException.class, () -> JsonReader.read("[".repeat(100_000)));
    }
}

package jkvm.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {

    @Test
    void shouldReadWhatTheWriterWrites() throws JsonException {
        // given
        Json value = Json.Members.empty().with("text", "a \"b\" \\ \n \u00e4").with("number", -5).with("flag", true)
                .with("items", new Json.Items(List.of(new Json.Nothing(), Json.Members.empty(),
                        new Json.Items(List.of()))));

        // when
        Json read = JsonReader.read(value.document());

        // then
        assertEquals(value, read);
    }

    @Test
    void shouldTakeSingleQuotes() throws JsonException {
        assertEquals(Json.Members.empty().with("a", "\"b\""), JsonReader.read("{'a': '\"b\"'}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1,]", "{\"a\"}", "{\"a\":1,\"a\":2}", "\"x", "\"\\u12g4\"", "1.", "01", "tru",
            "{} {}", "{\"a\":1,}"})
    void shouldRefuseWhatIsNotJson(String text) {
        assertThrows(JsonException.class, () -> JsonReader.read(text));
    }

    @Test
    void shouldBoundItsDepth() {
        assertThrows(JsonException.class, () -> JsonReader.read("[".repeat(1_000_000)));
    }

    @Test
    void shouldOrderMembersAsQemuDoes() {
        // given
        Json value = Json.Members.empty().with("corrupt", false).with("compat", "1.1").with("refcount-bits", 16)
                .with("lazy-refcounts", false).with("extended-l2", false).with("compression-type", "zlib");

        // when
        Json.Members ordered = (Json.Members) value.inQemuOrder();

        // then
        assertEquals(List.of("compat", "compression-type", "lazy-refcounts", "refcount-bits", "corrupt",
                "extended-l2"), List.copyOf(ordered.values().keySet()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "-2e3", "18446744073709551615"})
    void shouldKeepNumbersThatNoLongHolds(String number) throws JsonException {
        assertEquals(new Json.Real(number), JsonReader.read(number));
        assertEquals(number, JsonReader.read(number).line());
    }
}

package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommandWordsTest {
    private final CommandWords words = new CommandWords("x", "x: unknown %s").flags("-q").valued("-n");

    private String refusal(String... arguments) {
        return assertThrows(UsageException.class, () -> words.read(List.of(arguments))).getMessage();
    }

    @Test
    void shouldReadFlagsValuesAndOperands() {
        words.operands().read(List.of("a", "-q", "-n", "-1", "b", "-n", "2", "--", "-q", "--"));
        assertTrue(words.has("-q"));
        assertEquals(Optional.of("2"), words.value("-n"));
        assertEquals(List.of("a", "b", "-q", "--"), words.rest());
        assertFalse(words.asksForHelp());
    }

    @Test
    void shouldTakeOperandsAfterTwoDashesOnlyWhereNoneAreExpected() {
        assertEquals(List.of("a"), words.read(List.of("--", "a")).rest());
        assertEquals("x: unknown a", refusal("a"));
    }

    @Test
    void shouldRefuseUnknownOptionsAndMissingValues() {
        assertEquals("x: unknown -z", refusal("-q", "-z"));
        assertEquals("x: -n needs a value; see jkvm x --help", refusal("-n"));
    }

    @Test
    void shouldReadNoFurtherThanTheWordThatAsksForHelp() {
        for (String help : List.of("-h", "-help", "--help")) {
            assertTrue(new CommandWords("x", "%s").read(List.of(help, "-z")).asksForHelp());
        }
        assertFalse(words.read(List.of("-n", "-h")).asksForHelp());
    }

    @Test
    void shouldTakeOneDashOrTwoInQemusStyle() {
        Map<String, Boolean> takesValue = Map.of("q", false, "n", true);
        CommandWords qemu = new CommandWords("", "").qemuStyle(name -> Optional.ofNullable(takesValue.get(name)),
                word -> new UsageException("unknown " + word), word -> new UsageException("value " + word));
        assertEquals(List.of(new CommandWords.Use("--q", "q", ""), new CommandWords.Use("-n", "n", "-1"),
                new CommandWords.Use("a", "", "a"), new CommandWords.Use("-n", "n", "2")),
                qemu.read(List.of("--q", "-n", "-1", "a", "-n", "2")).uses());
        for (String[] wrong : new String[][] {{"--", "unknown --"}, {"-z", "unknown -z"}, {"-", "unknown -"},
            {"-n", "value -n"}}) {
            assertEquals(wrong[1], assertThrows(UsageException.class, () ->
                    qemu.read(List.of(wrong[0]))).getMessage());
        }
    }
}

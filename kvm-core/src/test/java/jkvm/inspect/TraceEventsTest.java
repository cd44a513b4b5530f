package jkvm.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceEventsTest {

    @ParameterizedTest
    @CsvSource({"e1000_write, e1000_write, true", "e1000_*, e1000_write, true", "*, e1000_write, true",
        "*_write, e1000_write, true", "e*0*_w*e, e1000_write, true", "e1000_writ?, e1000_write, true",
        "e1000_, e1000_write, false", "*_read, e1000_write, false", "?, e1000_write, false", "'', e1000_write, false",
        "*ee*e, e1000_write, false"})
    void shouldMatchNamesByStarsAndQuestionMarks(String pattern, String name, boolean matches) {
        assertEquals(matches, TraceEvents.matches(pattern, name));
    }

    @Test
    void shouldLetTheLastPatternThatMatchesDecide() {
        TraceEvents events = new TraceEvents(List.of("serial_*", "-serial_read", "-e1000_*"), _ -> { });

        assertEquals(List.of(true, false, false), List.of(events.isEnabled("serial_write"),
                events.isEnabled("serial_read"), events.isEnabled("e1000_write")));
    }

    @Test
    void shouldTellTheNameFirst() {
        List<String> lines = new ArrayList<>();

        new TraceEvents(List.of("*"), lines::add).tell("serial_write", "LCR = 3");

        assertEquals(List.of("serial_write LCR = 3"), lines);
    }
}

package jkvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import jkvm.bench.suite.Figure;
import jkvm.bench.suite.Length;
import jkvm.bench.suite.Part;
import org.junit.jupiter.api.Test;

class SuitePartsTest {
    @Test
    void shouldNameEachPartOnce() {
        List<String> names = SuiteParts.all().stream().map(Part::name).toList();

        assertEquals(names.size(), new HashSet<>(names).size(), names.toString());
        for (Part part : SuiteParts.all()) {
            assertTrue(part.name().matches("[a-z][a-z0-9-]*"), part.name());
            assertTrue(Length.named(part.name()).isEmpty(), part.name());
            assertFalse(part.description().isBlank(), part.name());
        }
    }

    @Test
    void shouldGiveTheFiguresOfBothAndTheirRatios() {
        // given
        PairedComparison pair = new PairedComparison("    loop", "M/s", new double[] {2, 4}, new double[] {1, 8}, "");

        // when
        List<Figure> figures = pair.figures("loops", "TCG");

        // then
        assertEquals(List.of("loops loop", "loops loop, TCG", "loops loop, jkvm by TCG"),
                figures.stream().map(Figure::key).toList());
        assertEquals(List.of(2.0, 0.5), figures.getLast().samples());
        assertFalse(figures.getLast().unit().lessIsBetter());
        assertEquals(1, new PairedComparison("x", "ms", new double[] {2}, new double[0], "").figures("a", "b").size());
    }
}

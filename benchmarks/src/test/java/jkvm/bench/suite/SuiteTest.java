package jkvm.bench.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jkvm.bench.suite.Comparison.Verdict;
import jkvm.bench.suite.Figure.Allocation;
import jkvm.bench.suite.Figure.Unit;
import jkvm.bench.suite.Results.NotRun;
import jkvm.control.report.ReportDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SuiteTest {
    private static final Unit TIME = new Unit("ns/op", true);
    private static final Unit RATE = new Unit("ops/s", false);
    private static final Results RESULTS = new Results(Map.of("date", "2026-12-01T10:00:00Z"),
            List.of(new Figure("exit", "vmcall <soft> & \"kvm\"", TIME, List.of(101.5, 99.25, 100.0),
                            new Allocation(0.001, true)),
                    new Figure("exit", "slow", TIME, List.of(1e7), new Allocation(24, true)),
                    new Figure("net", "frames", RATE, List.of(0.0, 0.0), Allocation.UNKNOWN)),
            List.of(new NotRun("loops, QEMU", "qemu-system-x86_64 is not installed")));

    @Test
    void shouldReadWhatItHasWritten(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("old.json");

        // when
        ResultsFile.write(RESULTS, file);

        // then
        assertEquals(RESULTS, ResultsFile.read(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"jkvm-bench\": 2}", "{\"jkvm-bench\": 1, \"about\": {}}",
            "{\"jkvm-bench\": 1, \"about\": {}, \"not-run\": [], \"figures\": [{\"part\": \"x\"}]}"})
    void shouldRefuseAnotherFile(String text, @TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("old.json"), text);

        IOException e = assertThrows(IOException.class, () -> ResultsFile.read(file));

        assertTrue(e.getMessage().startsWith(file + " is no file of figures"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
            "100 101 99 100 100, 100 101 99 100 100, true, SAME",
            "100 101 99 100 100, 103 104 102 103 103, true, SAME",  // apart beyond the test, but by 3 % only
            "100 160 50 100 80, 110 150 60 130 90, true, SAME",      // 10 % apart, but within noise
            "100 101 99 100 100, 110 111 109 110 110, true, WORSE",
            "100 101 99 100 100, 110 111 109 110 110, false, BETTER",
            "100 101 99 100 100, 90 91 89 90 90, true, BETTER",
            "100 101 99 100 100, 90 91 89 90 90, false, WORSE",
            "0 0 0, 0 0 0, true, SAME",
            "7 7 7, 9 9 9, true, WORSE",
            "100, 200 201 200, true, UNKNOWN"})
    void shouldTellWhatMovedFromNoise(String old, String recent, boolean lessIsBetter, Verdict verdict) {
        Unit unit = new Unit("x", lessIsBetter);

        assertEquals(verdict, new Comparison(figure(unit, old), figure(unit, recent)).verdict());
    }

    private static Figure figure(Unit unit, String samples) {
        return new Figure("part", "name", unit, List.of(samples.split(" ")).stream().map(Double::valueOf).toList(),
                Allocation.UNKNOWN);
    }

    @Test
    void shouldSayWhatMoved() {
        // given: one worse, one new, one of another unit than before
        Results old = new Results(Map.of("date", "yesterday"), List.of(figure(TIME, "100 101 99 100"),
                new Figure("part", "other", RATE, List.of(1.0), Allocation.UNKNOWN)), List.of());
        Results recent = new Results(Map.of(), List.of(figure(TIME, "200 201 199 200"),
                new Figure("part", "new", TIME, List.of(1.0), Allocation.UNKNOWN),
                new Figure("part", "other", TIME, List.of(1.0), Allocation.UNKNOWN)), List.of());

        String text = printed(out -> Comparison.print(old, recent, out));

        assertTrue(text.contains("run of yesterday. Moved: Welch's t-test at 99.9 %, and medians apart by 5 %."), text);
        assertTrue(text.matches("(?s).*\nworse +part name +100 +-> 200 +ns/op +\\+100\\.0 %\n.*"), text);
        assertTrue(text.endsWith("0 better, 1 worse, 0 within noise, 0 with too few samples to tell; "
                + "2 figures have no older one\n"), text);
    }

    @Test
    void shouldDrawAWellFormedPage() throws Exception {
        // when
        ReportDocument page = ReportDocument.parse(ResultsPage.text(RESULTS));

        // then: a plot for each unit of a part, a bar for each figure; a single sample has no error to show
        assertEquals(2, page.all("svg").size());
        assertEquals(3, page.all("rect").size());
        assertEquals(1, page.all("path").size());
        assertTrue(page.all("text").stream().anyMatch(text ->
                text.getTextContent().equals("vmcall <soft> & \"kvm\"")));
        assertEquals("24 B", page.all("td").stream().filter(cell -> cell.getAttribute("class").equals("wrong"))
                .findFirst().orElseThrow().getTextContent());
        assertTrue(page.all("li").getFirst().getTextContent().contains("qemu-system-x86_64 is not installed"));
    }

    @ParameterizedTest
    @CsvSource({"0.3, 0.5", "1, 1", "1.1, 2", "23, 50", "700, 1000"})
    void shouldStepItsScaleByNiceNumbers(double least, double step) {
        assertEquals(step, BarChart.niceStep(least), 1e-9);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.012345, 0.01235", "12.3456, 12.35", "1234.5, 1235", "12345678, 12345678", "NaN, -"})
    void shouldPrintDigitsThatCount(double value, String text) {
        assertEquals(text, Numbers.of(value));
    }

    @Test
    void shouldNameAHotPathThatAllocates() {
        assertEquals(List.of("exit slow"), RESULTS.allocating().stream().map(Figure::key).toList());
    }

    @Test
    void shouldGoOnAfterAPartThatFailsOrCannotRun(@TempDir Path folder) throws Exception {
        // given
        List<Part> parts = List.of(part("needy", Set.of(Need.KVM), new IllegalStateException("not called")),
                part("broken", Set.of(), new IllegalStateException("no answer")),
                part("good", Set.of(Need.SOFT), null));
        List<String> progress = new ArrayList<>();
        Effort effort = new Effort(Length.SMOKE, List.of("soft"), folder, progress::add);
        SuiteRun[] run = new SuiteRun[1];
        Results[] results = new Results[1];

        // when
        String table = printed(out -> {
            run[0] = new SuiteRun(parts, effort, out);
            results[0] = run[0].run(Map.of());
        });

        // then
        assertEquals(List.of(new NotRun("needy", "no native KVM: /dev/kvm cannot be used here"),
                new NotRun("broken", "failed: java.lang.IllegalStateException: no answer")), results[0].notRun());
        assertEquals(List.of("good name"), results[0].figures().stream().map(Figure::key).toList());
        assertTrue(run[0].hasFailed());
        assertTrue(table.matches("(?s).*needy +not run: no native KVM.*good name +2 .*"), table);
        assertEquals("[3/3] good: what it does", progress.getLast());
    }

    private static Part part(String name, Set<Need> needs, RuntimeException failure) {
        return new Part() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String description() {
                return "what it does";
            }

            @Override
            public Set<Need> needs() {
                return needs;
            }

            @Override
            public Set<Need> peers() {
                return Set.of();
            }

            @Override
            public List<Figure> run(Effort effort) {
                if (failure != null) {
                    throw failure;
                }
                return List.of(new Figure(name, "name", TIME, List.of(2.0), Allocation.UNKNOWN));
            }
        };
    }

    @Test
    void shouldReadItsCommandLine() {
        Path folder = Path.of("/home/me");

        SuiteOptions options = SuiteOptions.parse(folder, List.of("smoke", "exit", "-accel", "tcg", "--json", "a.json",
                "--html", "/tmp/a.html", "--compare", "old.json", "disk"));

        assertEquals(new SuiteOptions(Length.SMOKE, List.of("exit", "disk"),
                new SuiteOptions.Files(Optional.of(folder.resolve("a.json")), Optional.of(Path.of("/tmp/a.html")),
                        Optional.of(folder.resolve("old.json"))), Optional.of("soft"), false), options);
        assertEquals(Length.SHORT, SuiteOptions.parse(folder, List.of()).length());
    }

    @ParameterizedTest
    @CsvSource({"--json, --json wants a value", "--fast, unknown option --fast",
            "-accel xen, -accel xen is not kvm or soft"})
    void shouldRefuseAWrongCommandLine(String line, String message) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () ->
                SuiteOptions.parse(Path.of(""), List.of(line.split(" "))));

        assertTrue(e.getMessage().startsWith(message), e.getMessage());
    }

    @Test
    void shouldChooseThePartsThatAreNamed() {
        List<Part> all = List.of(part("a", Set.of(), null), part("b", Set.of(), null), part("c", Set.of(), null));

        assertEquals(List.of(all.get(0), all.get(2)), SuiteOptions.parse(Path.of(""), List.of("c", "a")).choose(all));
        assertEquals(all, SuiteOptions.parse(Path.of(""), List.of("full")).choose(all));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () ->
                SuiteOptions.parse(Path.of(""), List.of("d")).choose(all));
        assertEquals("no part d; there are a, b, c", e.getMessage());
    }

    @Test
    void shouldRefuseAFigureWithoutANumber() {
        assertThrows(IllegalArgumentException.class, () -> figure(TIME, "NaN"));
        assertThrows(IllegalArgumentException.class, () -> new Figure("a", "b", TIME, List.of(), Allocation.UNKNOWN));
        assertFalse(new Allocation(0.4, true).isTooMuch());
    }

    private interface Printing {
        void to(PrintStream out) throws InterruptedException;
    }

    private static String printed(Printing printing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            printing.to(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}

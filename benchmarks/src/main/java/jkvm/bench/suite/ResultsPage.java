package jkvm.bench.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jkvm.control.report.Markup;

/** Results as one HTML page with plots: no scripts, nothing from a network. */
public final class ResultsPage {
    private static final String STYLE = """
            :root { color-scheme: light dark; --line: #8886; --bar: #3b7dd8; --text: CanvasText; }
            body { font: 15px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 2em auto; padding: 0 1em; }
            h2 { margin: 2em 0 .5em; }
            dl { display: grid; grid-template-columns: max-content auto; gap: 0 1em; }
            dt { opacity: .7; } dd { margin: 0; }
            figure { margin: 1em 0; } svg { width: 100%; height: auto; }
            .bar { fill: var(--bar); } .grid { stroke: var(--line); }
            .error { stroke: var(--text); fill: none; stroke-width: 1.5; }
            .name, .tick { fill: var(--text); font-size: 12px; } .tick { opacity: .75; }
            table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
            th, td { text-align: right; padding: .15em .6em; border-bottom: 1px solid var(--line); }
            th:first-child, td:first-child { text-align: left; }
            .wrong { color: #d33; font-weight: bold; } .note { opacity: .75; }
            """;
    private final Results results;
    private final Markup page = new Markup();

    private ResultsPage(Results results) {
        this.results = results;
    }

    /** Writes or replaces the file. */
    public static void write(Results results, Path file) throws IOException {
        Files.writeString(file, text(results));
    }

    static String text(Results results) {
        return new ResultsPage(results).text();
    }

    private String text() {
        page.begin("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en").begin("head");
        page.empty("meta", "charset", "utf-8").empty("meta", "name", "viewport", "content",
                "width=device-width, initial-scale=1");
        page.empty("meta", "http-equiv", "Content-Security-Policy", "content",
                "default-src 'none'; style-src 'unsafe-inline'");
        page.element("title", "jkvm benchmarks").style(STYLE).endLine();
        page.begin("body").element("h1", "jkvm benchmarks").begin("dl");
        results.about().forEach((title, value) -> page.element("dt", title).element("dd", value));
        page.endLine();
        page.element("p", "Bars are medians; the lines on them are Student's intervals of the mean at "
                + Numbers.of(Figure.CONFIDENCE * 100) + " %.", "class", "note");
        byPart().forEach(this::part);
        notRun();
        page.endLine().endLine();
        return page.document();
    }

    private Map<String, List<Figure>> byPart() {
        Map<String, List<Figure>> parts = new LinkedHashMap<>();
        for (Figure figure : results.figures()) {
            parts.computeIfAbsent(figure.part(), _ -> new ArrayList<>()).add(figure);
        }
        return parts;
    }

    private void part(String name, List<Figure> figures) {
        page.begin("section", "id", name).element("h2", name).text("\n");
        Map<Figure.Unit, List<Figure>> byUnit = new LinkedHashMap<>();
        for (Figure figure : figures) {
            byUnit.computeIfAbsent(figure.unit(), _ -> new ArrayList<>()).add(figure);
        }
        byUnit.values().forEach(alike -> new BarChart(alike).write(page));
        page.begin("table").begin("thead").begin("tr");
        for (String head : List.of("", "median", "±", "unit", "samples", "allocated")) {
            page.element("th", head, "scope", "col");
        }
        page.end().end().begin("tbody");
        for (Figure figure : figures) {
            page.begin("tr").element("td", figure.name()).element("td", Numbers.of(figure.median()))
                    .element("td", Numbers.of(figure.error())).element("td", figure.unit().text())
                    .element("td", Integer.toString(figure.samples().size())).element("td", figure.allocation().text(),
                    "class", figure.allocation().isTooMuch() ? "wrong" : "").endLine();
        }
        page.end().end().endLine();
    }

    private void notRun() {
        if (results.notRun().isEmpty()) {
            return;
        }
        page.begin("section", "id", "not-run").element("h2", "Not run").begin("ul");
        for (Results.NotRun missing : results.notRun()) {
            page.element("li", missing.what() + ": " + missing.reason());
        }
        page.end().endLine();
    }
}

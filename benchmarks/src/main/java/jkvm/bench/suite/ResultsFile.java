package jkvm.bench.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jkvm.bench.suite.Results.NotRun;
import jkvm.json.Json;
import jkvm.json.Json.Items;
import jkvm.json.Json.Members;
import jkvm.json.JsonException;
import jkvm.json.JsonReader;

/** Results as a JSON file: all samples, so that a later run can be compared with them. */
public final class ResultsFile {
    private static final String VERSION = "jkvm-bench";
    private static final long THIS_VERSION = 1;

    private ResultsFile() {
    }

    /** Writes or replaces the file. */
    public static void write(Results results, Path file) throws IOException {
        Files.writeString(file, text(results));
    }

    /** @throws IOException if it cannot be read or is no such file */
    public static Results read(Path file) throws IOException {
        try {
            return parse(Files.readString(file));
        } catch (JsonException | ClassCastException | NullPointerException | IllegalArgumentException e) {
            throw new IOException(file + " is no file of figures that --json wrote: " + e.getMessage(), e);
        }
    }

    static String text(Results results) {
        Members about = Members.empty();
        for (Map.Entry<String, String> entry : results.about().entrySet()) {
            about = about.with(entry.getKey(), entry.getValue());
        }
        List<Json> figures = results.figures().stream().map(ResultsFile::json).toList();
        List<Json> notRun = results.notRun().stream().<Json>map(missing -> Members.empty().with("what", missing.what())
                .with("reason", missing.reason())).toList();
        return Members.empty().with(VERSION, THIS_VERSION).with("about", about).with("figures", new Items(figures))
                .with("not-run", new Items(notRun)).document();
    }

    private static Json json(Figure figure) {
        List<Json> samples = figure.samples().stream().<Json>map(ResultsFile::number).toList();
        Members members = Members.empty().with("part", figure.part()).with("name", figure.name())
                .with("unit", figure.unit().text()).with("less-is-better", figure.unit().lessIsBetter())
                .with("median", number(figure.median())).with("samples", new Items(samples))
                .with("hot", figure.allocation().isHot());
        return figure.allocation().isKnown() ? members.with("allocated", number(figure.allocation().bytes())) : members;
    }

    private static Json number(double value) {
        return new Json.Real(Double.toString(value));
    }

    static Results parse(String text) throws JsonException {
        Members document = (Members) JsonReader.read(text);
        if (!(document.values().get(VERSION) instanceof Json.Whole(long version)) || version != THIS_VERSION) {
            throw new IllegalArgumentException("no member " + VERSION + " that is " + THIS_VERSION);
        }
        Map<String, String> about = new LinkedHashMap<>();
        ((Members) document.values().get("about")).values().forEach((name, value) ->
                about.put(name, ((Json.Text) value).value()));
        List<Figure> figures = new ArrayList<>();
        for (Json figure : ((Items) document.values().get("figures")).values()) {
            figures.add(figure((Members) figure));
        }
        List<NotRun> notRun = new ArrayList<>();
        for (Json missing : ((Items) document.values().get("not-run")).values()) {
            notRun.add(new NotRun(word((Members) missing, "what"), word((Members) missing, "reason")));
        }
        return new Results(about, figures, notRun);
    }

    private static Figure figure(Members members) {
        List<Double> samples = ((Items) members.values().get("samples")).values().stream().map(ResultsFile::number)
                .toList();
        Json allocated = members.values().get("allocated");
        return new Figure(word(members, "part"), word(members, "name"),
                new Figure.Unit(word(members, "unit"), flag(members, "less-is-better")), samples,
                new Figure.Allocation(allocated == null ? Double.NaN : number(allocated), flag(members, "hot")));
    }

    private static double number(Json value) {
        return value instanceof Json.Whole(long whole) ? whole : Double.parseDouble(((Json.Real) value).text());
    }

    private static String word(Members members, String name) {
        return ((Json.Text) members.values().get(name)).value();
    }

    private static boolean flag(Members members, String name) {
        return ((Json.Flag) members.values().get(name)).value();
    }
}

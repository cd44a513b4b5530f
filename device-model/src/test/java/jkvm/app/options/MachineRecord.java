package jkvm.app.options;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The machines that command lines make in QEMU, and the facts that are allowed to differ.
 *
 * <p>{@code machines-qemu-7.2.txt} has a line, a fact's name and its value between tabs: all facts of the empty line,
 * and of each other line those that differ from it. {@code machine-differences.txt} has patterns of a line, of a fact's
 * name and of the two values, and the reason.
 */
final class MachineRecord {
    private static final String BASE = "";

    private MachineRecord() {
    }

    /** Why facts differ. */
    record Reason(Pattern line, Pattern fact, Pattern values, String text) {
        boolean explains(String ofLine, String ofFact, MachineFacts.Difference difference) {
            return line.matcher(ofLine).matches() && fact.matcher(ofFact).matches()
                    && values.matcher(difference.toString()).matches();
        }
    }

    static Map<String, MachineFacts> read(Path file) throws IOException {
        Map<String, Map<String, String>> rows = new LinkedHashMap<>();
        for (String row : Files.readAllLines(file)) {
            String[] parts = row.split("\t", -1);
            Map<String, String> facts = rows.computeIfAbsent(parts[0], _ -> new LinkedHashMap<>());
            if (!parts[1].isEmpty()) {
                facts.put(parts[1], parts[2]);
            }
        }
        Map<String, MachineFacts> machines = new LinkedHashMap<>();
        MachineFacts base = MachineFacts.none().with(rows.get(BASE));
        rows.forEach((line, facts) -> machines.put(line, base.with(facts)));
        return machines;
    }

    /** @param machines by line; the empty line's is among them */
    static void write(Path file, Map<String, MachineFacts> machines) throws IOException {
        MachineFacts base = machines.get(BASE);
        List<String> rows = new ArrayList<>();
        MachineFacts.none().differences(base)
                .forEach((name, value) -> rows.add(BASE + '\t' + name + '\t' + value.second()));
        machines.forEach((line, facts) -> {
            if (!line.equals(BASE)) {
                Map<String, MachineFacts.Difference> differences = base.differences(facts);
                if (differences.isEmpty()) {
                    rows.add(line + "\t\t");
                }
                differences.forEach((name, value) -> rows.add(line + '\t' + name + '\t' + value.second()));
            }
        });
        Files.write(file, rows);
    }

    static List<Reason> reasons(Path file) throws IOException {
        List<Reason> reasons = new ArrayList<>();
        for (String row : Files.readAllLines(file)) {
            String[] parts = row.split("\t", -1);
            reasons.add(new Reason(Pattern.compile(parts[0]), Pattern.compile(parts[1]), Pattern.compile(parts[2]),
                    parts[3]));
        }
        return reasons;
    }
}

package jkvm.app.options;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A machine as the guest {@code machine} prints it.
 *
 * @param values of each fact, by its name, in the guest's order
 * @param ports  those that answer
 */
record MachineFacts(Map<String, String> values, BitSet ports) {
    private static final String END = "end\n";
    /** The value of a fact that there is not. */
    static final String ABSENT = "-";
    private static final String ANSWER = "answer";
    private static final Pattern PORTS = Pattern.compile("ports (\\p{XDigit}{4})-(\\p{XDigit}{4})");

    /** Two values of one fact. */
    record Difference(String first, String second) {
        @Override
        public String toString() {
            return first + " / " + second;
        }
    }

    /** True for the output of a guest that came to its end. */
    static boolean isWhole(String output) {
        return output.endsWith(END);
    }

    /** Facts without a machine, for {@link #with}. */
    static MachineFacts none() {
        return new MachineFacts(Map.of(), new BitSet());
    }

    /** Reads the guest's output. */
    static MachineFacts parse(String output) {
        Map<String, String> facts = new LinkedHashMap<>();
        for (String line : output.substring(0, output.length() - END.length()).split("\n")) {
            int colon = line.indexOf(": ");
            facts.put(colon < 0 ? line : line.substring(0, colon),
                    colon < 0 ? ANSWER : line.substring(colon + 2).strip());
        }
        return none().with(facts);
    }

    /** These facts, but for those that are given. */
    MachineFacts with(Map<String, String> others) {
        Map<String, String> facts = new LinkedHashMap<>(values);
        BitSet answering = (BitSet) ports.clone();
        others.forEach((name, value) -> {
            Matcher range = PORTS.matcher(name);
            if (range.matches()) {
                answering.set(Integer.parseInt(range.group(1), 16), Integer.parseInt(range.group(2), 16) + 1,
                        !value.equals(ABSENT));
            } else if (value.equals(ABSENT)) {
                facts.remove(name);
            } else {
                facts.put(name, value);
            }
        });
        return new MachineFacts(facts, answering);
    }

    /** The facts of which this machine and another have different values. */
    Map<String, Difference> differences(MachineFacts other) {
        Map<String, Difference> differences = new LinkedHashMap<>();
        Set<String> names = new LinkedHashSet<>(values.keySet());
        names.addAll(other.values.keySet());
        for (String name : names) {
            Difference difference = new Difference(values.getOrDefault(name, ABSENT),
                    other.values.getOrDefault(name, ABSENT));
            if (!Objects.equals(difference.first, difference.second)) {
                differences.put(name, difference);
            }
        }
        for (boolean mine : new boolean[] {true, false}) {
            BitSet alone = (BitSet) (mine ? ports : other.ports).clone();
            alone.andNot(mine ? other.ports : ports);
            for (String range : ranges(alone)) {
                differences.put(range, new Difference(mine ? ANSWER : ABSENT, mine ? ABSENT : ANSWER));
            }
        }
        return differences;
    }

    private static List<String> ranges(BitSet ports) {
        return ports.stream().filter(first -> first == 0 || !ports.get(first - 1))
                .mapToObj(first -> "ports %04x-%04x".formatted(first, ports.nextClearBit(first) - 1)).toList();
    }
}

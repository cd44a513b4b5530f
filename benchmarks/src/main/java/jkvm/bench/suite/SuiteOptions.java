package jkvm.bench.suite;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import jkvm.soft.Accelerator;

/**
 * What the command line says.
 *
 * @param length      how long
 * @param names       of parts; empty for all
 * @param files       to be written and read
 * @param accelerator that {@code -accel} names; empty for each that is there
 * @param isList      true if the parts are to be listed only
 */
public record SuiteOptions(Length length, List<String> names, Files files, Optional<String> accelerator,
        boolean isList) {
    /** How it is called. */
    public static final String USAGE = "jkvm bench [smoke|short|full] [NAMES...] [--list] [--json FILE] [--html FILE]"
            + " [--compare OLD.json] [-accel kvm|soft]";

    /**
     * Files.
     *
     * @param json    to be written
     * @param html    to be written
     * @param compare an older run's JSON
     */
    public record Files(Optional<Path> json, Optional<Path> html, Optional<Path> compare) {
    }

    /**
     * Reads the words.
     *
     * @param folder that relative names of files are in
     * @throws IllegalArgumentException with a message for the user
     */
    public static SuiteOptions parse(Path folder, List<String> words) {
        Deque<String> rest = new ArrayDeque<>(words);
        Length length = Length.SHORT;
        List<String> names = new ArrayList<>();
        Optional<Path> json = Optional.empty();
        Optional<Path> html = Optional.empty();
        Optional<Path> compare = Optional.empty();
        Optional<String> accelerator = Optional.empty();
        boolean isList = false;
        while (!rest.isEmpty()) {
            String word = rest.pop();
            switch (word) {
                case "--json" -> json = Optional.of(folder.resolve(value(word, rest)));
                case "--html" -> html = Optional.of(folder.resolve(value(word, rest)));
                case "--compare" -> compare = Optional.of(folder.resolve(value(word, rest)));
                case "-accel", "--accel" -> accelerator = Optional.of(accelerator(value(word, rest)));
                case "--list" -> isList = true;
                default -> {
                    if (word.startsWith("-")) {
                        throw new IllegalArgumentException("unknown option " + word + "; " + USAGE);
                    }
                    Optional<Length> named = Length.named(word);
                    length = named.orElse(length);
                    if (named.isEmpty()) {
                        names.add(word);
                    }
                }
            }
        }
        return new SuiteOptions(length, List.copyOf(names), new Files(json, html, compare), accelerator, isList);
    }

    private static String value(String option, Deque<String> rest) {
        if (rest.isEmpty()) {
            throw new IllegalArgumentException(option + " wants a value; " + USAGE);
        }
        return rest.pop();
    }

    private static String accelerator(String name) {
        return Accelerator.Kind.named(name).orElseThrow(() ->
                new IllegalArgumentException("-accel " + name + " is not kvm or soft")).text();
    }

    /**
     * The parts that are named, in the suite's order.
     *
     * @throws IllegalArgumentException if there is none of a name
     */
    public List<Part> choose(List<Part> all) {
        List<String> known = all.stream().map(Part::name).toList();
        for (String name : names) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("no part " + name + "; there are " + String.join(", ", known));
            }
        }
        return names.isEmpty() ? all : all.stream().filter(part -> names.contains(part.name())).toList();
    }
}

package jkvm.javadoc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An example in a class's Javadoc: what stands between <code>{@snippet :</code> and its closing brace.
 *
 * @param source the file
 * @param line   the number of the first line of code, from one on
 * @param code   without the comment's margin
 */
public record Example(Path source, int line, List<String> code) {
    private static final String BEGIN = "{@snippet :";

    /** All examples of a source file. */
    public static List<Example> of(Path source) throws IOException {
        List<Example> examples = new ArrayList<>();
        List<String> lines = Files.readAllLines(source);
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).endsWith(BEGIN)) {
                examples.add(read(source, lines, i + 1));
            }
        }
        return examples;
    }

    private static Example read(Path source, List<String> lines, int first) {
        List<String> code = new ArrayList<>();
        int depth = 1;
        for (int i = first; i < lines.size(); i++) {
            String line = lines.get(i).replaceFirst("^\\s*\\* ?", "");
            depth += balance(line);
            if (depth == 0) {
                return new Example(source, first + 1, code);
            }
            code.add(line);
        }
        throw new IllegalArgumentException(source + ":" + first + ": the example has no end");
    }

    private static int balance(String line) {
        return (int) (line.chars().filter(c -> c == '{').count() - line.chars().filter(c -> c == '}').count());
    }

    /** True for types, false for statements. */
    boolean declaresTypes() {
        return code.getFirst().matches("((final|abstract|sealed) )*(class|record|interface|enum) .*");
    }

    @Override
    public String toString() {
        return source.getFileName() + ":" + line;
    }
}

package jkvm.examples.course;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Applies a unified diff to texts. A hunk belongs where its old lines are, and they must be in one place only: so a
 * solution stays good while other lines of its lesson change. {@code git apply} takes the same files.
 */
final class Patch {
    private static final String TO = "+++ b/";

    private final List<Hunk> hunks = new ArrayList<>();

    private record Hunk(String file, StringBuilder before, StringBuilder after) {
    }

    Patch(String diff) {
        String file = "";
        for (String line : diff.split("\n")) {
            if (line.startsWith(TO)) {
                file = line.substring(TO.length());
            } else if (line.startsWith("@@")) {
                hunks.add(new Hunk(file, new StringBuilder("\n"), new StringBuilder("\n")));
            } else if (!line.startsWith("--- ")) {
                take(hunks.getLast(), line);
            }
        }
    }

    private static void take(Hunk hunk, String line) {
        String text = line.substring(1) + "\n";
        if (line.charAt(0) != '+') {
            hunk.before.append(text);
        }
        if (line.charAt(0) != '-') {
            hunk.after.append(text);
        }
    }

    /** @param texts by file name; those that the patch changes are replaced */
    void apply(Map<String, String> texts) {
        for (Hunk hunk : hunks) {
            String before = Pattern.quote(hunk.before.toString());
            String[] parts = ("\n" + texts.get(hunk.file)).split(before, -1);
            assertEquals(2, parts.length, () -> "places in " + hunk.file + " for" + hunk.before);
            texts.put(hunk.file, (parts[0] + hunk.after + parts[1]).substring(1));
        }
    }

    List<String> files() {
        return hunks.stream().map(Hunk::file).distinct().toList();
    }
}

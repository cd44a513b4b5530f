package jkvm.examples.course;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The pages of the course beside its lessons. */
class CourseTest {
    private static final Path FOLDER = GuestImages.folder("examples", "");
    private static final int MOST_LINES = 60;
    private static final int MOST_CODE = 80;
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");
    private static final Pattern NO_CODE = Pattern.compile("\\s*(//.*|/?\\*.*|import .*|package .*)?");

    private static Path page(int number) throws IOException {
        try (Stream<Path> pages = Files.list(FOLDER.resolve("lessons"))) {
            List<Path> found = pages.filter(page -> page.getFileName().toString().startsWith("%02d-".formatted(number)))
                    .toList();
            assertEquals(1, found.size(), found::toString);
            return found.getFirst();
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldHaveAShortPageForEachLesson() {
        IntStream numbers = IntStream.rangeClosed(1, Course.LESSONS.size());
        return numbers.mapToObj(number -> dynamicTest("lesson " + number, () -> {
            List<String> lines = Files.readAllLines(page(number));

            assertTrue(lines.getFirst().startsWith("# Lesson " + number + ": "), lines.getFirst());
            assertTrue(lines.get(2).startsWith("`./jkvm lesson " + number + "`"), lines.get(2));
            assertTrue(lines.size() < MOST_LINES, () -> lines.size() + " lines");
            List<String> exercises = lines.subList(lines.indexOf("## Exercises"), lines.size());
            assertEquals(List.of("1", "2", "3"), exercises.stream().filter(line -> line.matches("[0-9]+\\. .*"))
                    .map(line -> line.substring(0, line.indexOf('.'))).toList());
            String type = Course.LESSONS.get(number - 1).type().getSimpleName();
            assertTrue(lines.get(2).contains("/" + type + ".java)"), lines.get(2));
        }));
    }

    @Test
    void shouldHaveShortClasses() throws IOException {
        for (Lesson lesson : Course.LESSONS) {
            String name = lesson.type().getSimpleName();
            assertTrue(name.startsWith("Lesson%02d".formatted(Course.numberOf(lesson))), name);
            try (Stream<String> lines = Files.lines(FOLDER.resolve("src/main/java/jkvm/examples/" + name + ".java"))) {
                long code = lines.filter(line -> !NO_CODE.matcher(line).matches()).count();
                assertTrue(code < MOST_CODE, () -> name + ": " + code + " lines of code");
            }
        }
    }

    @Test
    void shouldListThePagesInOrderAndLinkWhatIsThere() throws IOException {
        String index = Files.readString(FOLDER.resolve("README.md"));
        int at = 0;
        for (int number = 1; number <= Course.LESSONS.size(); number++) {
            int next = index.indexOf("\n%d. [".formatted(number), at);
            assertTrue(next >= at, "lesson " + number + " is not in its place");
            assertTrue(index.startsWith("(lessons/" + page(number).getFileName() + ")", index.indexOf("](", next) + 1));
            at = next;
        }
        assertLinks(FOLDER.resolve("README.md"));
        for (int number = 1; number <= Course.LESSONS.size(); number++) {
            assertLinks(page(number));
        }
    }

    private static void assertLinks(Path page) throws IOException {
        Matcher links = LINK.matcher(Files.readString(page));
        while (links.find()) {
            assertTrue(Files.exists(page.resolveSibling(links.group(1))), () -> page + " links " + links.group(1));
        }
    }
}

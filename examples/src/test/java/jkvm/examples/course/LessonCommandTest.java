package jkvm.examples.course;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LessonCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int lesson(String... arguments) {
        return new LessonCommand(GuestImages.folder("examples", ""), new PrintStream(out, true, StandardCharsets.UTF_8))
                .run(List.of(arguments), new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @Test
    void shouldListEachLessonOnALine() {
        assertEquals(0, lesson());
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        for (Lesson lesson : Course.LESSONS) {
            assertTrue(lines.contains("  %2d  %s".formatted(Course.numberOf(lesson), lesson.title())), lines::toString);
        }
        assertEquals("", err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void shouldTestOneExerciseOrAll() {
        assertEquals(1, lesson("2", "-accel", "soft", "--check", "1"));
        assertEquals(1, lesson("2", "--check", "-accel", "soft"));
        String one = "lesson 2, exercise 1 (make the guest write 7): not yet: no '7' comes from the guest: it "
                + "writes the sum of AL and BL\n";
        assertEquals(one + one, String.join("", out.toString(StandardCharsets.UTF_8).lines().limit(2)
                .map(line -> line + "\n").toList()));
        assertEquals(4, out.toString(StandardCharsets.UTF_8).lines().count());
    }

    @Test
    void shouldShowTheLessonAndItsGuest() {
        assertEquals(0, lesson("2", "--source"));
        String shown = out.toString(StandardCharsets.UTF_8);
        assertTrue(shown.contains("public final class Lesson02PortWrite {"), shown);
        assertTrue(shown.contains("port-write.S <==\n# Lesson 2."), shown);
    }

    @ParameterizedTest
    @CsvSource({
        "99,                     no lesson 99; there are 1 to ",
        "-5,                     no lesson -5; there are 1 to ",
        "2 --check 4,            no exercise 4; there are 1 to 3",
        "2 -accel,               -accel needs kvm or soft",
        "2 -accel xen,           '-accel needs kvm or soft, not xen'",
        "24 /no/kernel,          there is no file /no/kernel",
        "2 -fast,                unknown option -fast; jkvm lesson --help lists them"})
    void shouldSayInOneLineWhatIsWrong(String words, String message) {
        assertEquals(1, lesson(words.split(" ")));
        String said = err.toString(StandardCharsets.UTF_8);
        assertTrue(said.startsWith("jkvm: lesson: " + message) && said.lines().count() == 1, said);
    }
}

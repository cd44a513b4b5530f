package jkvm.examples.course;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;

/** {@code jkvm lesson}: lists the lessons, runs one, shows its source, or tests its exercises. */
public final class LessonCommand {
    private static final String USAGE = """
            usage: jkvm lesson                                       lists the lessons
                   jkvm lesson N [-accel kvm|soft] [ARGUMENT...]     runs one
                   jkvm lesson N [-accel kvm|soft] --check [1|2|3]   tests an exercise of it, or all three
                   jkvm lesson N --source                            shows the lesson and its guest
            Each lesson has a page in examples/lessons, which examples/README.md lists.
            """;

    private final Path folder;
    private final PrintStream out;

    /** @param folder of the examples, with their sources */
    LessonCommand(Path folder, PrintStream out) {
        this.folder = folder;
        this.out = out;
    }

    /** An error of the user's, one line. */
    private static final class LessonException extends RuntimeException {
        private static final long serialVersionUID = 1;

        LessonException(String message) {
            super(message);
        }
    }

    /** The words of the command; {@code exercise} is 0 for all. */
    private record Words(int number, String accelerator, boolean checks, int exercise, boolean isSource,
            List<String> rest) {

        static Words of(List<String> arguments) {
            int number = number(arguments.getFirst(), Course.LESSONS.size(), "lesson");
            String accelerator = Accelerators.KVM_OR_SOFT;
            boolean checks = false;
            int exercise = 0;
            boolean isSource = false;
            List<String> rest = new ArrayList<>();
            for (int i = 1; i < arguments.size(); i++) {
                String word = arguments.get(i);
                switch (word) {
                    case "-accel", "--accel" -> accelerator = accelerator(arguments, ++i);
                    case "--source", "-source" -> isSource = true;
                    case "--check", "-check" -> {
                        checks = true;
                        if (i + 1 < arguments.size() && !arguments.get(i + 1).startsWith("-")) {
                            exercise = number(arguments.get(++i), 3, "exercise");
                        }
                    }
                    default -> rest.add(operand(word));
                }
            }
            return new Words(number, accelerator, checks, exercise, isSource, rest);
        }

        private static int number(String word, int most, String what) {
            if (word.matches("[0-9]{1,3}") && Integer.parseInt(word) >= 1 && Integer.parseInt(word) <= most) {
                return Integer.parseInt(word);
            }
            throw new LessonException("no %s %s; there are 1 to %d".formatted(what, word, most));
        }

        private static String accelerator(List<String> arguments, int at) {
            String names = at < arguments.size() ? arguments.get(at) : "";
            for (String name : names.split(":")) {
                if (Accelerator.Kind.named(name).isEmpty()) {
                    throw new LessonException("-accel needs kvm or soft" + (name.isEmpty() ? "" : ", not " + name));
                }
            }
            return names;
        }

        private static String operand(String word) {
            if (word.startsWith("-")) {
                throw new LessonException("unknown option " + word + "; jkvm lesson --help lists them");
            }
            return word;
        }
    }

    public static void main(String[] arguments) {
        int status = new LessonCommand(Path.of(System.getProperty("jkvm.examples", "examples")), System.out)
                .run(List.of(arguments), System.err);
        System.out.flush();
        System.exit(status); // a lesson that never ends has a thread of its own
    }

    /** @return the exit code: 0 for a lesson that ended, and for exercises that are solved */
    int run(List<String> arguments, PrintStream err) {
        try {
            if (arguments.isEmpty()) {
                list();
                return 0;
            }
            if (arguments.getFirst().matches("-h|--?help")) {
                out.print(USAGE);
                return 0;
            }
            return run(Words.of(arguments));
        } catch (LessonException e) {
            err.println("jkvm: lesson: " + e.getMessage());
        } catch (IOException e) {
            err.println("jkvm: lesson: " + reason(e));
        } catch (Exception e) {
            err.println("jkvm: lesson: it ends with " + Trial.description(e));
        }
        return 1;
    }

    private static String reason(IOException e) {
        return e instanceof NoSuchFileException ? "there is no file " + e.getMessage() : e.getMessage();
    }

    private void list() {
        for (Course.Part part : Course.PARTS) {
            out.println(part.title());
            for (Lesson lesson : part.lessons()) {
                out.printf("  %2d  %s%n", Course.numberOf(lesson), lesson.title());
            }
        }
        out.println("jkvm lesson N runs one; its page in examples/lessons has three exercises for --check");
    }

    private int run(Words words) throws Exception {
        Lesson lesson = Course.LESSONS.get(words.number - 1);
        List<String> arguments = new ArrayList<>(List.of(words.accelerator));
        arguments.addAll(words.rest);
        if (words.isSource) {
            show(lesson);
        } else if (words.checks) {
            return check(words, lesson, arguments.toArray(String[]::new));
        } else {
            lesson.main().run(arguments.toArray(String[]::new));
        }
        return 0;
    }

    private void show(Lesson lesson) throws IOException {
        List<String> files = new ArrayList<>(List.of("java/jkvm/examples/%s.java"
                .formatted(lesson.type().getSimpleName())));
        if (!lesson.guest().isEmpty()) {
            files.add("guest/%s.S".formatted(lesson.guest()));
        }
        for (String file : files) {
            Path source = folder.resolve("src/main").resolve(file);
            if (!Files.isReadable(source)) {
                throw new LessonException("there is no source " + source);
            }
            out.printf("==> %s <==%n%s", source, Files.readString(source));
        }
    }

    private int check(Words words, Lesson lesson, String... arguments) {
        Trial trial = Trial.run(lesson.main(), arguments);
        boolean isSolved = true;
        for (int i = 1; i <= lesson.exercises().size(); i++) {
            if (words.exercise == 0 || words.exercise == i) {
                Exercise exercise = lesson.exercises().get(i - 1);
                Optional<String> problem = exercise.problem(trial);
                isSolved &= problem.isEmpty();
                out.printf("lesson %d, exercise %d (%s): %s%n", words.number, i, exercise.task(), problem
                        .map(text -> "not yet: " + text).orElse("passed"));
            }
        }
        return isSolved ? 0 : 1;
    }
}

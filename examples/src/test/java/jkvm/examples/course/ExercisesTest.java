package jkvm.examples.course;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The hidden tests of the exercises, on the lessons as they are and on the solutions. */
@OnEachKvm
class ExercisesTest {
    private static final List<SolvedLessons> SOLVED = IntStream.rangeClosed(1, 3).mapToObj(SolvedLessons::new).toList();
    private static final int LINE = 160;

    private final Accelerator kvm;

    ExercisesTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @TestFactory
    Stream<DynamicTest> shouldSayWhatIsMissingInTheUnsolvedLesson() {
        return Course.LESSONS.stream().map(lesson -> dynamicTest(lesson.title(), () -> {
            // when
            Trial trial = Trial.run(lesson.main(), kvm.kind().text());

            // then
            assertEquals("", trial.failure(), trial.output());
            assertEquals(3, lesson.exercises().size());
            for (Exercise exercise : lesson.exercises()) {
                String problem = exercise.problem(trial).orElseThrow(() -> new AssertionError("passes unsolved: "
                        + exercise.task() + "\n" + trial.output()));
                assertTrue(problem.length() <= LINE && problem.lines().count() == 1, problem);
                assertFalse(problem.startsWith("the lesson ends"), problem);
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> shouldPassTheSolutions() {
        return Course.LESSONS.stream().flatMap(lesson -> IntStream.rangeClosed(1, 3)
                .mapToObj(i -> dynamicTest(lesson.title() + ", exercise " + i, () -> {
                    // when
                    Trial trial = Trial.run(SOLVED.get(i - 1).main(lesson), kvm.kind().text());

                    // then
                    assertEquals(Optional.empty(), lesson.exercises().get(i - 1).problem(trial), trial.output());
                })));
    }
}

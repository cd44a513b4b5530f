package jkvm.examples.course;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import jkvm.abi.KvmIoctl;

/**
 * A task for the student, and its hidden test: what a run of the changed lesson has to show. The first expectation that
 * does not hold gives the answer.
 *
 * @param task what to do, as short as a title; the lesson's page says more
 */
record Exercise(String task, List<Expectation> expectations) {

    /** @param hint one line for the student where it does not hold */
    private record Expectation(Predicate<Trial> holds, String hint) {
    }

    static Exercise of(String task) {
        return new Exercise(task, List.of());
    }

    private Exercise with(Predicate<Trial> holds, String hint) {
        List<Expectation> all = new ArrayList<>(expectations);
        all.add(new Expectation(holds, hint));
        return new Exercise(task, List.copyOf(all));
    }

    /** @param regex of some part of the output; {@code ^} and {@code $} are the ends of a line */
    Exercise shows(String regex, String hint) {
        Pattern pattern = Pattern.compile(regex, Pattern.MULTILINE);
        return with(trial -> pattern.matcher(trial.output()).find(), hint);
    }

    /** The opposite of {@link #shows}. */
    Exercise hides(String regex, String hint) {
        Pattern pattern = Pattern.compile(regex, Pattern.MULTILINE);
        return with(trial -> !pattern.matcher(trial.output()).find(), hint);
    }

    /** The lesson makes a request to KVM so often, or more often. */
    Exercise asks(KvmIoctl request, int times, String hint) {
        return with(trial -> trial.requests(request) >= times, hint);
    }

    /** The lesson makes a request to KVM so often, or less often. */
    Exercise asksAtMost(KvmIoctl request, int times, String hint) {
        return with(trial -> trial.requests(request) <= times, hint);
    }

    /** The reason, one line, why a run does not solve it; empty if it does. */
    Optional<String> problem(Trial trial) {
        if (!trial.failure().isEmpty()) {
            return Optional.of(trial.failure());
        }
        return expectations.stream().filter(expectation -> !expectation.holds.test(trial)).map(Expectation::hint)
                .findFirst();
    }
}

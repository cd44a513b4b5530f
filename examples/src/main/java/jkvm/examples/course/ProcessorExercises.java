package jkvm.examples.course;

import java.util.List;

/** The exercises of the lessons that look at the processor. */
final class ProcessorExercises {
    static final List<Exercise> TWO_KVMS = List.of(
            Exercise.of("count the steps that differ")
                    .shows("^\\d+ steps? differs?$", "there is no line \"N steps differ\""),
            Exercise.of("stop after ten steps")
                    .shows("^\\d+ of 10 steps agree", "the last line does not tell of 10 steps"),
            Exercise.of("print the bytes of an instruction that differs")
                    .shows("^after the instruction at 0x\\w+ \\(0f 31\\):",
                            "RDTSC lacks bytes: \"after the instruction at 0x... (0f 31):\"; read memory()"));

    static final List<Exercise> INSIDE = List.of(
            Exercise.of("count the page walks")
                    .shows("^\\d{2,} page walks$", "there is no line \"N page walks\": count in the observer"),
            Exercise.of("name the exception")
                    .shows("the handler of vector 14 \\(page fault\\)",
                            "vector 14 has no name: \"the handler of vector 14 (page fault)\""),
            Exercise.of("tell how many translations are forgotten")
                    .shows("forgets 0 translations$", "the first flush has to say \"forgets 0 translations\"")
                    .shows("forgets [1-9]\\d* translations$",
                            "no flush forgets any: keep the pages of tlbFilled in a set, empty it in tlbFlushed"));

    private ProcessorExercises() {
    }
}

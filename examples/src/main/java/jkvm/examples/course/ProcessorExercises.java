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

    static final List<Exercise> CPUID = List.of(
            Exercise.of("be another vendor")
                    .shows("^made by HelloStudent$", "the guest does not see the vendor HelloStudent"),
            Exercise.of("hide the hypervisor")
                    .shows("^there is no hypervisor$", "the guest still sees a hypervisor: bit 31 of ECX in leaf 1"),
            Exercise.of("count the leaves of the table")
                    .shows("^[1-9]\\d* leaves$", "there is no line \"N leaves\": count the calls of cpuid()"));

    static final List<Exercise> MSR = List.of(
            Exercise.of("let the register square")
                    .shows("^it reads 400$", "the guest does not read 400, the square of 20"),
            Exercise.of("refuse the guest's write")
                    .shows("^the guest has a general protection fault$", "the guest has no fault: see msrError")
                    .hides("^it reads", "the guest still reads a value"),
            Exercise.of("read a register from the host")
                    .shows("^time stamp counter: [1-9]\\d*$",
                            "there is no line \"time stamp counter: N\"; vcpu.msr(0x10) reads it after the run"));

    static final List<Exercise> SINGLE_STEP = List.of(
            Exercise.of("print only the steps that change EAX")
                    .shows("eax 12,", "a step that changes EAX is missing")
                    .hides("^step  4:", "step 4 changes ECX alone, and is still printed"),
            Exercise.of("print the bytes of the next instruction")
                    .shows("^step  2: next at 0x10000a \\(0f af c1\\),",
                            "step 2 has no three bytes: \"next at 0x10000a (0f af c1), eax ...\""),
            Exercise.of("change a register while the guest stands")
                    .shows(" is 120$", "the product is not 120: set ECX to 5 after the second step"));

    private ProcessorExercises() {
    }
}

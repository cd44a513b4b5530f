package jkvm.examples.course;

import java.util.List;
import jkvm.abi.KvmIoctl;

/** The exercises of the lessons about interrupts. */
final class InterruptExercises {
    static final List<Exercise> TIMER = List.of(
            Exercise.of("end after three ticks")
                    .shows("^3 timer interrupts in", "the last line does not tell of 3 timer interrupts")
                    .hides("^tick 4", "there is a fourth tick"),
            Exercise.of("print when each tick comes")
                    .shows("^tick 1 after \\d+ ms$", "there is no line \"tick 1 after N ms\": use System.nanoTime()")
                    .shows("^tick 5 after \\d+ ms$", "the fifth tick has no time"),
            Exercise.of("ask KVM for the timer's count")
                    .asks(KvmIoctl.GET_PIT2, 1, "the lesson does not ask for the timer: vm.interrupts().pit2()")
                    .shows("^the timer counts from 11932$",
                            "there is no line \"the timer counts from 11932\": ask after the ticks, channel 0"));

    private InterruptExercises() {
    }
}

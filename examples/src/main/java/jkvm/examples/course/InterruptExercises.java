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

    static final List<Exercise> IRQFD = List.of(
            Exercise.of("interrupt five times")
                    .shows("^interrupt 5 has reached", "there is no fifth interrupt"),
            Exercise.of("use a request instead of the descriptor")
                    .asksAtMost(KvmIoctl.IRQFD, 0, "the descriptor is still tied to the line: no addIrqfd")
                    .asks(KvmIoctl.IRQ_LINE, 6, "three edges are six levels: irqLine(LINE, true), irqLine(LINE, false)")
                    .shows("^interrupt 3 has reached", "there is no third interrupt"),
            Exercise.of("give the interrupt another number")
                    .asks(KvmIoctl.SET_GSI_ROUTING, 1, "there is no route of your own: vm.interrupts().routing(...)")
                    .asks(KvmIoctl.IRQFD, 1, "the descriptor is not tied to the line 30")
                    .shows("^interrupt 3 has reached", "there is no third interrupt"));

    private InterruptExercises() {
    }
}

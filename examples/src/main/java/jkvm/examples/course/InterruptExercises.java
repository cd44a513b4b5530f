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

    static final List<Exercise> APIC_TIMER = List.of(
            Exercise.of("print the timer's vector")
                    .shows("^the timer's vector is 0x40$", "there is no line \"the timer's vector is 0x40\": the low "
                            + "byte of register 0x320 in vcpu.lapic()"),
            Exercise.of("print when each tick comes")
                    .shows("^tick 1 after \\d+ ms$", "there is no line \"tick 1 after N ms\"")
                    .shows("^tick 5 after \\d+ ms$", "the fifth tick has no time"),
            Exercise.of("tick each ten milliseconds")
                    .shows("^initial count: 10000000$", "there is no line \"initial count: 10000000\": read register "
                            + "0x380 at the end")
                    .shows("^5 ticks in (4[5-9]|[5-9]\\d|\\d{3,}) ms$", "five ticks come in less than 45 ms"));

    static final List<Exercise> SMP = List.of(
            Exercise.of("start four processors")
                    .shows("^vCPU 3 runs$", "vCPU 3 does not run")
                    .shows("^all of 4 have started$", "the guest does not see all four"),
            Exercise.of("print the state of each vCPU before it starts")
                    .shows("^vCPU 0 waits, state 0$", "there is no line \"vCPU 0 waits, state 0\"; see vcpu.mpState()")
                    .shows("^vCPU 1 waits, state 1$", "there is no line \"vCPU 1 waits, state 1\""),
            Exercise.of("print the thread that each runs on")
                    .shows("^vCPU 1 runs on thread worker1$", "no line \"vCPU 1 runs on thread worker1\": name the "
                            + "threads, and ask Thread.currentThread()"));

    private InterruptExercises() {
    }
}

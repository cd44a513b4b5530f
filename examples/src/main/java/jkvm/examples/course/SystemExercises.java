package jkvm.examples.course;

import java.util.List;

/** The exercises of the lessons about firmware and whole systems. */
final class SystemExercises {
    static final List<Exercise> BIOS_CALL = List.of(
            Exercise.of("press another key")
                    .shows("^press a key: q$", "the guest does not get the key q"),
            Exercise.of("have as much memory as a PC")
                    .shows("^KiB of memory: 640$", "the guest is not told of 640 KiB"),
            Exercise.of("count the calls")
                    .shows("^35 calls of the BIOS$", "there is no line \"35 calls of the BIOS\" at the end"));

    private SystemExercises() {
    }
}

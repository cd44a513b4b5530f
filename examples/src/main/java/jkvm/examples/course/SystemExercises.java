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

    static final List<Exercise> LINUX = List.of(
            Exercise.of("add a word to the command line")
                    .shows("Command line: .*console=ttyS0 quiet$", "the command line does not end with \"quiet\""),
            Exercise.of("describe memory by three areas")
                    .shows("^areas of memory: 3$", "the kernel does not see three areas: six numbers in entries"),
            Exercise.of("give the kernel a ramdisk")
                    .shows("^ramdisk: hello$", "the kernel does not find \"hello\": write it to memory, its address to "
                            + "0x218 of the parameters, its size to 0x21C"));

    static final List<Exercise> BOOT_SECTOR = List.of(
            Exercise.of("press another key")
                    .shows("^press a key: q$", "the guest does not get the key q"),
            Exercise.of("let the program read the next sector, without an assembler")
                    .shows("^sector 3 greets as well$",
                            "sector 3 is not shown: byte 509 of the boot sector is the number of the sector to read"),
            Exercise.of("count the calls of the BIOS")
                    .shows("^the BIOS was called \\d{2,} times$", "there is no line \"the BIOS was called N times\"; "
                            + "guest.exits() has the port writes of its ROM: 0x4A4C"));

    static final List<Exercise> BIOS_SERVICE = List.of(
            Exercise.of("print capital letters")
                    .shows("^    HELLO FROM INT 10H$", "the greeting is not in capital letters"),
            Exercise.of("press the key by a service, too")
                    .shows("^press a key: q$", "the guest does not get the key q: replace INT 16h, function 0; the key "
                            + "goes to AL"),
            Exercise.of("make the screen 40 columns wide")
                    .shows("^40 columns$", "the guest does not get the width 40: function 0Fh tells it in AH"));

    static final List<Exercise> CLONE_AND_RESET = List.of(
            Exercise.of("start five clones")
                    .shows("^clone 5: b is number 6$", "there is no fifth clone that was given five keys"),
            Exercise.of("go on from the point without going back")
                    .shows("^e is number 3$", "the guest does not count e as number 3: press d and e after the loop"),
            Exercise.of("clone a clone")
                    .shows("^clone of clone 2: f is number 4$", "there is no line \"clone of clone 2: f is number 4\": "
                            + "a template of clones.get(1), before that is closed"));

    private SystemExercises() {
    }
}

package jkvm.examples.course;

import java.util.List;
import jkvm.abi.KvmIoctl;

/** The exercises of the lessons about exits: what they cost, and how to do without them. */
final class ExitExercises {
    static final List<Exercise> MMIO = List.of(
            Exercise.of("print the colours of the first letter")
                    .shows("^colours: 1f$", "there is no line \"colours: 1f\": the second byte of the screen, in hex"),
            Exercise.of("let the guest read a capital")
                    .shows("reads back 'H'$", "the guest does not read 'H'")
                    .shows("^screen: hello, screen$", "the screen itself has changed"),
            Exercise.of("collect the writes instead of exiting")
                    .asks(KvmIoctl.REGISTER_COALESCED_MMIO, 1, "there is no zone: vm.ioEvents().coalesceMemory(...)")
                    .asksAtMost(KvmIoctl.RUN, 5, "each write still exits")
                    .shows("^screen: hello, screen$", "the screen is wrong: drain the ring after each exit")
                    .shows("reads back 'h'$", "the guest does not read 'h': drain the ring before you answer"));

    static final List<Exercise> IOEVENTFD = List.of(
            Exercise.of("count without the descriptor")
                    .asksAtMost(KvmIoctl.IOEVENTFD, 0, "the doorbell is still there")
                    .shows("^the guest rang 5 times$", "the loop does not count five writes to port 0x100")
                    .shows("^exits: 6$", "there are not six exits"),
            Exercise.of("signal one value only")
                    .shows("^the guest rang 1 times$", "the bell rings more than once: see Doorbell.matching")
                    .shows("^exits: 5$", "the other four writes have to exit"),
            Exercise.of("listen on a thread")
                    .shows("^the listener heard 5$", "no line \"the listener heard 5\": a blocking descriptor, "
                            + "a thread that adds up await(), and a join"));

    static final List<Exercise> DIRTY_LOG = List.of(
            Exercise.of("count the pages to copy")
                    .shows("^copied 3 of 16 pages$", "there is no line \"copied 3 of 16 pages\""),
            Exercise.of("write to a page from the host")
                    .shows("^the host's write: pages$", "there is no line \"the host's write: pages\" with no page: "
                            + "write to page 9 with machine.memory(), then take the log"),
            Exercise.of("take the log without beginning anew")
                    .shows("^round 2: pages 3 5 7$",
                            "round 2 does not have the pages of round 1: vm.dirtyLog().enableManualClear()"));

    static final List<Exercise> MEASURE = List.of(
            Exercise.of("print the slowest exit")
                    .shows("^port write: .*, most \\d+ ns$", "the line of port writes ends with no \", most N ns\""),
            Exercise.of("print how many there could be in a second")
                    .shows("^MMIO write: .*, \\d+ a second$",
                            "the line of MMIO writes ends with no \", N a second\""),
            Exercise.of("let ExitStatistics count")
                    .shows("^IO out 0x80: 500$", "there is no line \"IO out 0x80: 500\": record each exit, then print "
                            + "ExitStatistics.places")
                    .shows("^MMIO write 0xb8000: 500$", "there is no line \"MMIO write 0xb8000: 500\""));

    private ExitExercises() {
    }
}

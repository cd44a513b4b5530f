package jkvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.vm.RequiresKvm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class PioGuestTest {
    private static final int MOST_ROUNDS = 50;


    @Test
    @RequiresKvm
    void shouldTakeEachExitToTheDeviceByEitherLibrary() {
        for (Syscalls syscalls : List.of(new FfmSyscalls(), new JnrSyscalls())) {
            try (PioGuest guest = new PioGuest(syscalls)) {
                // when
                exit(guest, 100);

                // then
                assertEquals(100, guest.writes());
            }
        }
    }

    @Test
    @RequiresKvm
    void shouldAllocateNothingForAnExit() {
        // given
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (PioGuest guest = new PioGuest(new FfmSyscalls())) {
            exit(guest, 20_000);

            // when: the compilers, which run beside the test, have come to their last version
            long allocated = -1;
            for (int round = 0; round < MOST_ROUNDS && allocated != 0; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                exit(guest, 10_000);
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }

            // then
            assertEquals(0, allocated, "bytes in 10,000 exits");
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldMatchTheirSources() {
        return GuestImages.check("benchmarks", "src/main/guest", "src/main/resources/jkvm/bench");
    }

    private static void exit(PioGuest guest, int times) {
        for (int i = 0; i < times; i++) {
            guest.exit();
        }
    }
}

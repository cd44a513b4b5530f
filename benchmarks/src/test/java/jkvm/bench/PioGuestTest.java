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
            threads.getCurrentThreadAllocatedBytes();
            long before = threads.getCurrentThreadAllocatedBytes();

            // when
            exit(guest, 10_000);

            // then
            assertEquals(0, threads.getCurrentThreadAllocatedBytes() - before);
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

package jkvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import jkvm.linux.Syscalls;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;

@OnEachKvm
class PioExitTest {
    private static final int MOST_ROUNDS = 50;
    private final Syscalls kvm;

    PioExitTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    @Test
    void shouldTakeEachExitToTheDevice() {
        try (PioGuest guest = new PioGuest(kvm)) {
            // when
            exit(guest, 100);

            // then
            assertEquals(100, guest.writes());
        }
    }

    @Test
    void shouldAllocateNothingForAnExit() {
        // given
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (PioGuest guest = new PioGuest(kvm)) {
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

    private static void exit(PioGuest guest, int times) {
        for (int i = 0; i < times; i++) {
            guest.exit();
        }
    }
}

package jkvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
    @RequiresKvm("jnr-ffi makes the host's system calls")
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

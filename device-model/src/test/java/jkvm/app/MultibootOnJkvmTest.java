package jkvm.app;

import java.nio.file.Path;
import java.util.stream.Stream;
import jkvm.app.MultibootGuestsTest.Guest;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The guests of {@link MultibootGuestsTest}, which says how QEMU runs them, on jkvm. */
@OnEachKvm
class MultibootOnJkvmTest {
    @TempDir
    Path temporary;
    private final Accelerator kvm;

    MultibootOnJkvmTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    /** QEMU 7.2 has no Bochs shutdown port. */
    static Stream<Guest> guests() {
        return Stream.concat(MultibootGuestsTest.guests(), Stream.of(new Guest("bochs", 0)));
    }

    @ParameterizedTest
    @MethodSource("guests")
    void shouldEndAsOnQemu(Guest guest) throws Exception {
        guest.check(JkvmProcess.command(), kvm.kind().text(), temporary);
    }
}

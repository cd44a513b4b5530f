package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import jkvm.linux.Errno;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.LinuxException;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.soft.SoftOptions;
import jkvm.work.InstructionClock;
import org.junit.jupiter.api.Test;

/** The KVM in Java, its time counted in instructions. */
class SoftCountedTest {
    private final InstructionClock clock = new InstructionClock(2, false, false, 0);
    private final Accelerator counting = Accelerators.open(List.of(Accelerator.Kind.SOFT), new FfmSyscalls(),
            SoftOptions.counting(clock));

    @Test
    void shouldShowTheGuestTheTimeOfItsInstructions() {
        // nop; nop; rdtsc; out 10h, al
        try (TinyGuest guest = new TinyGuest(counting.syscalls(), "90 90 0f 31 e6 10")) {
            guest.vcpu.run();

            assertEquals(2 << 2, guest.vcpu.regs().rax());
            assertEquals(3, clock.count());
        }
    }

    @Test
    void shouldRefuseASecondVcpu() {
        try (Kvm kvm = counting.openKvm(); Vm vm = kvm.createVm()) {
            vm.createVcpu(0);

            assertEquals(Errno.EINVAL, assertThrows(LinuxException.class, () -> vm.createVcpu(1)).errno());
        }
    }
}

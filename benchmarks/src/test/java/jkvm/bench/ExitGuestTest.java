package jkvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jkvm.linux.Syscalls;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@OnEachKvm
class ExitGuestTest {
    private static final int STEPS = 50;
    private final Syscalls kvm;

    ExitGuestTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    /** The device's writes, other exits, and signals of eventfds, each in a step. */
    private record Seen(long writes, long others, long signals) {
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveTheGuestOnceInEachStepAndAsItsNameSays(ExitKind kind) {
        try (ExitGuest guest = new ExitGuest(kvm, kind)) {
            long before = guest.writes();

            // when
            for (int i = 0; i < STEPS; i++) {
                guest.step();
            }

            // then
            long signals = kind == ExitKind.PORT_EVENT || kind == ExitKind.MEMORY_EVENT ? guest.takeSignals() : 0;
            Seen expected = expected(kind);
            assertEquals(new Seen(expected.writes * STEPS, expected.others * STEPS, expected.signals * STEPS),
                    new Seen(guest.writes() - before, guest.others(), signals));
        }
    }

    private static Seen expected(ExitKind kind) {
        return switch (kind) {
            case PORT_READ, MEMORY_READ -> new Seen(0, 0, 0);
            case HLT, HYPERCALL_EXIT, IMMEDIATE_EXIT -> new Seen(0, 1, 0);
            case PORT_WRITE, STRING_WRITE, MEMORY_WRITE, INTERRUPT, CPUID, HYPERCALL, KERNEL_READ, KERNEL_WRITE ->
                    new Seen(1, 0, 0);
            case PORT_EVENT, MEMORY_EVENT -> new Seen(1, 0, ExitKind.LAPS);
            case COALESCED -> new Seen(1, ExitKind.LAPS, 0);
        };
    }

    @ParameterizedTest
    @EnumSource(names = {"PORT_WRITE", "MEMORY_WRITE", "STRING_WRITE"})
    void shouldTakeTheSameExitToTheDeviceAgain(ExitKind kind) {
        try (ExitGuest guest = new ExitGuest(kvm, kind)) {
            guest.step();
            long once = guest.writes();

            guest.dispatch();

            assertEquals(2 * once, guest.writes());
        }
    }
}

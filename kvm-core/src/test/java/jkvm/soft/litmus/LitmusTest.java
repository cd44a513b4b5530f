package jkvm.soft.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.soft.litmus.LitmusGuest.Mode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * x86's memory order among vCPUs of the KVM in Java, and between a vCPU and a device's thread. Prints how often an
 * outcome was seen that x86 allows and no interleaving gives. Each test takes some tenths of a second, and half a
 * minute with {@code -Djkvm.long=true}.
 */
@Timeout(120)
class LitmusTest {
    private static final boolean LONG = Boolean.getBoolean("jkvm.long");
    private static final int MILLIS = LONG ? 30_000 : 180, INTERPRETED_MILLIS = LONG ? 10_000 : 60;

    static Stream<Arguments> tests() {
        return Arrays.stream(Litmus.values()).flatMap(test ->
                Arrays.stream(Mode.values()).map(mode -> Arguments.of(test, mode)));
    }

    @ParameterizedTest
    @MethodSource("tests")
    void shouldShowNoOutcomeThatX86Forbids(Litmus test, Mode mode) throws InterruptedException {
        execute(test, mode, LitmusGuest.NO_DEVICE);
    }

    /** The device is the thread of that number. */
    @ParameterizedTest
    @CsvSource({"MP, 0", "MP, 1", "SB_MFENCE, 1", "LB, 0", "LB, 1", "S, 0", "S, 1"})
    void shouldKeepTheOrderBetweenAVcpuAndADevice(Litmus test, int device) throws InterruptedException {
        execute(test, Mode.INTERPRETED, device);
        execute(test, Mode.COMPILED, device);
    }

    private static void execute(Litmus test, Mode mode, int device) throws InterruptedException {
        long weak = 0;
        long cells = 0;
        try (LitmusGuest guest = new LitmusGuest(test, mode, device)) {
            int millis = mode == Mode.INTERPRETED ? INTERPRETED_MILLIS : MILLIS;
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            do {
                weak += guest.batch();
                cells += LitmusGuest.CELLS;
            } while (System.nanoTime() < end);
        }
        String what = test + " " + mode + (device < 0 ? "" : ", thread " + device + " is a device");
        System.out.println(what + ": " + cells + " cells, " + weak + " with the weak outcome");
        if (!test.allowed) {
            assertEquals(0, weak, what);
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldMatchItsSource() {
        return GuestImages.check("kvm-core", "src/test/guest/litmus", "src/test/resources/jkvm/soft/litmus");
    }
}

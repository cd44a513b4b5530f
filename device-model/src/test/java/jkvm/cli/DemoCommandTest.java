package jkvm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.linux.Errno;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.vm.RequiresKvm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class DemoCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TestFactory
    Stream<DynamicTest> shouldBootWhatItsSourceMakes() {
        return GuestImages.check("device-model", "src/main/guest", "src/main/resources/jkvm/cli");
    }

    @Test
    @RequiresKvm
    void shouldWalkTheModesTakeInterruptsAndShowExits() {
        int status = run(new FfmSyscalls());

        assertEquals("", text(err));
        assertEquals(0, status);
        List<String> said = text(out).lines().filter(line -> line.contains(" ms  "))
                .map(line -> line.substring(line.indexOf(" ms  ") + 5)).toList();
        assertEquals(List.of("real mode", "protected mode", "long mode, paging on", "tick 1", "tick 2", "tick 3",
                "tick 4", "tick 5", "touching memory and a port where nothing answers", "done"), said);
        for (String exit : List.of("IO out ", "IO in ", "MMIO read ", "MMIO write ", "all ")) {
            assertTrue(text(out).lines().anyMatch(line -> line.startsWith(exit)),
                    exit + "is missing in:\n" + text(out));
        }
    }

    @Test
    void shouldOfferTheLabInOneLineWhereThereIsNoKvm() {
        int status = run(new Syscalls() {
            @Override
            public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
                return -Errno.ENOENT.code();
            }

            @Override
            public long installInterruptingSignal(int signal) {
                return 0;
            }
        });

        assertEquals(1, status);
        assertEquals("", text(out));
        assertEquals(1, text(err).lines().count());
        assertTrue(text(err).contains("/dev/kvm: ENOENT") && text(err).contains("jkvm lab -- demo"), text(err));
    }

    @Test
    void shouldRefuseArguments() {
        int status = DemoCommand.run(List.of("-fast"), new FfmSyscalls(), stream(out), stream(err));

        assertEquals(1, status);
        assertEquals("jkvm: demo takes no arguments, not -fast\n", text(err));
    }

    private int run(Syscalls syscalls) {
        return DemoCommand.run(List.of(), syscalls, stream(out), stream(err));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}

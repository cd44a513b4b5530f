package jkvm.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;

@OnEachKvm
class DemoGuestTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Accelerator kvm;

    DemoGuestTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @Test
    void shouldWalkTheModesTakeInterruptsAndShowExits() {
        int status = DemoCommand.run(List.of("-accel", kvm.kind().text()), stream(out), stream(err));

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

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}

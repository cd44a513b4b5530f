package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code -machine none} cannot have. */
class EmptyMachineTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-kernel x       | jkvm: -machine none: there is no CPU to run it: x",
        "-device e1000   | jkvm: -machine none: there is no bus for a device: e1000",
        "-serial pty     | jkvm: -machine none: there is no bus for a device: isa-serial",
        "-smp 2          | jkvm: -smp 2: the machine none has 1 CPU at most",
        "-gdb tcp::4455  | jkvm: -gdb tcp::4455: gdbstub: meaningless to attach gdb to a machine without any CPU.",
    })
    void shouldRefuseWhatNeedsACpuOrABus(String options, String line) {
        List<String> words = new ArrayList<>(List.of("-machine", "none,accel=tcg", "-display", "none"));
        words.addAll(List.of(options.split(" ")));
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int status = Main.run(words, new PrintStream(OutputStream.nullOutputStream()),
                new PrintStream(err, true, StandardCharsets.UTF_8));

        assertEquals(1, status);
        assertEquals(line + "\n", err.toString(StandardCharsets.UTF_8));
    }
}

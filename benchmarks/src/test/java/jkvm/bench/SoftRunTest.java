package jkvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.bench.SoftRun.Part;
import jkvm.bench.SoftRun.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SoftRunTest {
    @Test
    void shouldRunAllPartsUnlessOneIsNamed() {
        assertEquals(new Request(List.of(Part.values()), 0, Optional.empty()), Request.parse());
        assertEquals(new Request(List.of(Part.values()), 4, Optional.empty()), Request.parse("4"));
        assertEquals(new Request(List.of(Part.LOOPS), 12, Optional.empty()), Request.parse("loops", "12"));
    }

    @Test
    void shouldTakeAKernelAfterTheRounds(@TempDir Path folder) throws Exception {
        Path kernel = Files.createFile(folder.resolve("vmlinuz"));

        assertEquals(new Request(List.of(Part.LINUX), 2, Optional.of(kernel)),
                Request.parse("linux", "2", kernel.toString()));
        assertEquals(Optional.of(kernel), Request.parse(kernel.toString()).kernel());
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop", "loops 0", "loops -1", "loops 1 2", "linux 1 no/such/kernel", "1 loops"})
    void shouldRefuseOtherWords(String line) {
        assertThrows(IllegalArgumentException.class, () -> Request.parse(line.split(" ")));
    }

    @ParameterizedTest
    @CsvSource({"real 0m 3.45s, 3.45", "real 2m 03.50s, 123.5", "real 1h 1m 01.00s, 3661"})
    void shouldReadTheTimesOfBusybox(String text, double seconds) {
        assertEquals(seconds, LinuxRun.seconds("\r\n" + text.replaceFirst(" ", "\t") + "\r\n"), 1e-9);
    }

    @Test
    void shouldRefuseOutputWithoutATime() {
        assertThrows(IllegalStateException.class, () -> LinuxRun.seconds("gzip: not found"));
    }

    @Test
    void shouldLeaveTheGuestsMemoryOutOfTheProcess() {
        // given: the guest's 64 MiB between two small mappings, and one as large that is only reserved
        List<String> smaps = List.of("7f0000000000-7f0000100000 rw-p 00000000 00:00 0", "Pss:                 300 kB",
                "Pss_Dirty:           999 kB",
                "7f1000000000-7f1004000000 rw-s 00000000 00:01 5   /memfd:ram", "Pss:               20000 kB",
                "7f2000000000-7f2008000000 ---p 00000000 00:00 0", "Pss:                   4 kB",
                "7f3000000000-7f3000001000 r--p 00000000 00:01 7   /lib/x", "Pss:                   2 kB");

        assertEquals(new MemoryRun.Memory(306, 20000), MemoryRun.Memory.parse(smaps, 64 * 1024));
        assertEquals(new MemoryRun.Memory(20306, 0), MemoryRun.Memory.parse(smaps, Long.MAX_VALUE));
    }

    @Test
    void shouldTakeTheMedianOfTheRatiosOfPairs() {
        PairedComparison slowRound = new PairedComparison("x", "s", new double[] {2, 40, 3}, new double[] {1, 20, 1},
                "");

        assertEquals(2, slowRound.ratio());
    }

    @Test
    void shouldPrintAFigureWithoutOneBesideIt() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new PairedComparison("port write", "ns", new double[] {120}, new double[0], "<= 150").print(
                new PrintStream(bytes, true, StandardCharsets.UTF_8));

        String line = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(line.matches("port write +120 +- ns +- +<= 150\\R"), line);
    }

    @Test
    void shouldCountInstructionsInMillionsASecond() {
        assertEquals("2 1000", Loop.COLLATZ.commandLine(1000));
        assertEquals(879.433, Loop.COLLATZ.rate(1_000_000, 1000), 1e-6);
    }
}

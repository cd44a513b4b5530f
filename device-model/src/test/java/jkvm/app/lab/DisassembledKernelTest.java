package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jkvm.disassembler.CodeMode;
import jkvm.disassembler.Comparison;
import jkvm.disassembler.Objdump;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's kernel, disassembled here and by objdump: a part of it, all with {@code -Djkvm.long=true}. */
@RequiresLab
class DisassembledKernelTest {
    private static final boolean LONG = Boolean.getBoolean("jkvm.long");
    private static final long SEED = Long.getLong("jkvm.seed", 1);
    private static final int SAMPLE = 200_000;
    private static final long TEXT = 0xFFFF_FFFF_8100_0000L;

    @TempDir
    private Path folder;

    @Test
    void shouldPrintTheKernelsTextAsObjdumpDoes() throws Exception {
        assumeTrue(Objdump.isThere());
        Path kernel = LabKernel.generic(System.err::println).elfImage().orElseThrow();
        byte[] text = Files.readAllBytes(Objdump.section(kernel, ".text", folder));
        int start = LONG ? 0 : new Random(SEED).nextInt(text.length - SAMPLE);
        int end = LONG ? text.length : start + SAMPLE;
        Path bytes = Files.write(folder.resolve("text"), Arrays.copyOfRange(text, start, end));

        Comparison comparison = new Comparison().file(bytes, CodeMode.BITS_64, false, TEXT + start)
                .file(bytes, CodeMode.BITS_64, true, TEXT + start);

        System.out.println("kernel: " + comparison.summary());
        assertEquals(List.of(), comparison.unexplained().stream().limit(20).toList());
        assertTrue(comparison.lines() > (end - start) / 5, comparison::summary);
    }
}

package jkvm.disassembler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The disassembler beside objdump, word for word. Here a sample; all of the C library, and many more opcodes, with
 * {@code -Djkvm.long=true}. {@code -Djkvm.seed=N} chooses others. The kernel's turn is in the lab.
 */
class ObjdumpTest {
    private static final boolean LONG = Boolean.getBoolean("jkvm.long");
    private static final long SEED = Long.getLong("jkvm.seed", 1);
    private static final Path LIBC = Path.of("/lib/x86_64-linux-gnu/libc.so.6");
    private static final int SAMPLE = 60_000;
    private static final int CASES = LONG ? 200 : 2;

    @TempDir
    private Path folder;

    @BeforeEach
    void requireObjdump() throws IOException {
        assumeTrue(Objdump.isThere());
    }

    private static void check(Comparison comparison, String what) {
        System.out.println(what + ": " + comparison.summary());
        assertEquals(List.of(), comparison.unexplained().stream().limit(20).toList(), what);
    }

    @ParameterizedTest
    @EnumSource
    void shouldPrintEachOpcodeAsObjdumpDoes(CodeMode mode) throws IOException {
        Path bytes = Files.write(folder.resolve("opcodes"), OpcodeCases.bytes(SEED, CASES, mode == CodeMode.BITS_64));

        Comparison comparison = new Comparison().file(bytes, mode, false, 0x1000).file(bytes, mode, true, 0x1000);

        check(comparison, "each opcode, " + mode);
        assertTrue(comparison.lines() > 2 * 4 * 256 * CASES, comparison::summary);
    }

    @Test
    void shouldPrintTheCLibraryAsObjdumpDoes() throws Exception {
        assumeTrue(Files.isReadable(LIBC), "no " + LIBC);
        byte[] text = Files.readAllBytes(Objdump.section(LIBC, ".text", folder));
        int start = LONG ? 0 : new Random(SEED).nextInt(text.length - SAMPLE);
        int end = LONG ? text.length : start + SAMPLE;
        Path bytes = Files.write(folder.resolve("sample"), Arrays.copyOfRange(text, start, end));

        Comparison comparison = new Comparison().file(bytes, CodeMode.BITS_64, false, start)
                .file(bytes, CodeMode.BITS_64, true, start);

        check(comparison, "libc");
        assertTrue(comparison.lines() > (end - start) / 5, comparison::summary);
    }
}

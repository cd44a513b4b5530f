package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.soft.mmu.GuestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecoderTest {
    static final int CODE_16 = 0, CODE_32 = 1 | CpuMode.BIG_STACK | CpuMode.FLAT_DATA | CpuMode.PROTECTED;
    static final int CODE_64 = CpuMode.CODE_64 | CpuMode.PROTECTED;
    private static final int CASES = 20_000;
    private static final int[] PREFIXES = {0x66, 0x67, 0xF2, 0xF3, 0x2E, 0x36, 0x3E, 0x26, 0x64, 0x65, 0xF0};

    static Insn decode(int mode, int... bytes) {
        CodeSource source = offset -> offset - 0x1000 < bytes.length ? bytes[(int) offset - 0x1000] & 0xFF : 0x90;
        return new Decoder(source, new GuestException()).decode(0x1000, mode, Feature.ALL, -1);
    }

    @Test
    void shouldFindTheOperandsOfAnInstructionWithSibAndDisplacement() {
        // add rax, [rbx + r12*4 - 8]
        Insn in = decode(CODE_64, 0x4A, 0x03, 0x44, 0xA3, 0xF8);

        assertEquals(Op.ADD, in.op);
        assertEquals(8, in.size);
        assertEquals(Cpu.RAX, in.dst);
        assertEquals(2, in.memory);
        assertEquals(Cpu.RBX, in.base);
        assertEquals(12, in.index);
        assertEquals(2, in.scale);
        assertEquals(-8, in.disp);
        assertEquals(Insn.FLAT, in.segment);
        assertEquals(5, in.length);
    }

    @Test
    void shouldAddTheInstructionsEndToARipRelativeDisplacement() {
        // cmp dword [rip + 0x10], 5
        Insn in = decode(CODE_64, 0x83, 0x3D, 0x10, 0, 0, 0, 5);

        assertEquals(0x1000 + 7 + 0x10, in.disp);
        assertEquals(Insn.NO_REGISTER, in.base);
    }

    @Test
    void shouldIgnoreARexPrefixThatAnotherPrefixFollows() {
        Insn in = decode(CODE_64, 0x48, 0x66, 0x01, 0xD8);

        assertEquals(2, in.size);
    }

    @Test
    void shouldTakeSixteenBitsForAJumpWithAnOperandSizePrefixInLongMode() {
        Insn in = decode(CODE_64, 0x66, 0xE9, 0x00, 0x80);

        assertEquals(4, in.length);
        assertEquals(0x1004 + 0x8000 & 0xFFFF, in.target);
    }

    @Test
    void shouldRaiseGeneralProtectionForMoreThanFifteenBytes() {
        int[] bytes = new int[16];
        java.util.Arrays.fill(bytes, 0x66);

        GuestException e = assertThrows(GuestException.class, () -> decode(CODE_64, bytes));

        assertEquals(GuestException.GP, e.vector);
        assertEquals(0, e.error);
    }

    @Test
    void shouldDecodeAnInstructionOfFifteenBytes() {
        int[] bytes = new int[15];
        java.util.Arrays.fill(bytes, 0x66);
        bytes[14] = 0x90;

        assertEquals(15, decode(CODE_64, bytes).length);
    }

    @ParameterizedTest
    @CsvSource({"F0 01 D8, lock add of a register", "F0 03 03, lock with a memory source", "F0 89 03, lock mov",
        "F0 39 03, lock cmp", "F0 0F A3 03, lock bt", "8D C0, lea of a register", "0F 0B, ud2",
        "0F C7 C8, cmpxchg8b of a register"})
    void shouldNotDecode(String bytes, String what) {
        Insn in = decode(CODE_64, java.util.Arrays.stream(bytes.split(" ")).mapToInt(b -> Integer.parseInt(b, 16))
                .toArray());

        assertEquals(Op.UNDEFINED, in.op, what);
    }

    @Test
    void shouldIgnoreTheRepeatPrefixOfABitScanWithoutTheFeature() {
        CodeSource source = offset -> new int[] {0xF3, 0x0F, 0xBC, 0xC1}[(int) offset];

        Insn in = new Decoder(source, new GuestException()).decode(0, CODE_64, Feature.ALL & ~Feature.BMI1, -1);

        assertEquals(Op.BSF, in.op);
    }

    @ParameterizedTest
    @CsvSource({"0, i8086", "1, i386", "2, i386:x86-64"})
    void shouldAgreeWithTheDisassemblerOnLengthAndOperation(int codeSize, String machine, @TempDir Path folder)
            throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/objdump")), "binutils are not installed");
        int mode = codeSize == 0 ? CODE_16 : codeSize == 1 ? CODE_32 : CODE_64;
        List<byte[]> cases = randomCases(new Random(codeSize), codeSize == 2);
        List<String> listing = disassemble(cases, machine, folder);

        List<String> differences = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            String difference = Disassembly.compare(cases.get(i), listing.get(i), decode(mode, toInts(cases.get(i))),
                    mode);
            if (difference != null) {
                differences.add(difference);
            }
        }

        assertEquals(List.of(), differences);
    }

    static int[] toInts(byte[] bytes) {
        int[] ints = new int[bytes.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = bytes[i] & 0xFF;
        }
        return ints;
    }

    static List<byte[]> randomCases(Random random, boolean is64) {
        List<byte[]> cases = new ArrayList<>();
        for (int i = 0; i < CASES; i++) {
            byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            int at = 0;
            while (random.nextInt(3) == 0 && at < 3) {
                bytes[at++] = (byte) PREFIXES[random.nextInt(PREFIXES.length)];
            }
            if (is64 && random.nextInt(2) == 0) {
                bytes[at++] = (byte) (0x40 | random.nextInt(16));
            }
            int map = random.nextInt(10);
            if (map >= 5) {
                bytes[at++] = 0x0F;
                if (map >= 8) {
                    bytes[at++] = (byte) (map == 8 ? 0x38 : 0x3A);
                }
            }
            bytes[15] = (byte) 0x90;
            cases.add(bytes);
        }
        return cases;
    }

    /** One line of the listing for each case: its first instruction. */
    private static List<String> disassemble(List<byte[]> cases, String machine, Path folder)
            throws IOException, InterruptedException {
        StringBuilder source = new StringBuilder(".text\n");
        for (int i = 0; i < cases.size(); i++) {
            source.append('c').append(i).append(": .byte ");
            for (byte b : cases.get(i)) {
                source.append(b & 0xFF).append(',');
            }
            source.setCharAt(source.length() - 1, '\n');
        }
        Path assembly = Files.writeString(folder.resolve("cases.s"), source);
        Path object = folder.resolve("cases.o");
        Path listing = folder.resolve("listing");
        run(null, "as", "-o", object.toString(), assembly.toString());
        run(listing, "objdump", "-d", "-w", "-M", "intel,amd64", "-m", machine, "--insn-width=16", object.toString());
        Pattern line = Pattern.compile("^\\s*([0-9a-f]+):\\t(.*)$");
        String[] first = new String[cases.size()];
        for (String text : Files.readAllLines(listing)) {
            Matcher m = line.matcher(text);
            if (m.matches() && (Integer.parseInt(m.group(1), 16) & 15) == 0) {
                first[Integer.parseInt(m.group(1), 16) >> 4] = m.group(2);
            }
        }
        return List.of(first);
    }

    private static void run(Path output, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(output == null ? ProcessBuilder.Redirect.DISCARD
                : ProcessBuilder.Redirect.to(output.toFile()));
        assertEquals(0, builder.start().waitFor(), () -> String.join(" ", command));
    }
}

package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import jkvm.soft.fpu.FpuState;
import jkvm.soft.mmu.Mmu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Holds x87 instructions against results that a processor gave; the resource's head says which and how. */
class X87SiliconTest {
    private static final Set<String> TRANSCENDENTAL =
            Set.of("f2xm1", "fyl2x", "fyl2xp1", "fptan", "fpatan", "fsin", "fcos", "fsincos");
    /** Undefined by the manuals: whether a transcendental result was rounded up. */
    private static final int C1 = FpuState.C1;

    private final InstructionFixture fixture = new InstructionFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldGiveSiliconsResultsAndExceptions() throws IOException {
        List<String> cases = cases();

        for (String line : cases) {
            String[] words = line.split(" ");
            boolean transcendental = TRANSCENDENTAL.contains(words[0]);
            run(words);
            int ignored = transcendental ? C1 : 0;
            assertEquals(number(words[6]) & ~ignored, fixture.fpu.statusWord() & ~ignored, () -> "status: " + line);
            assertEquals(number(words[7]), fixture.fpu.tagWord(), () -> "tags: " + line);
            for (int i = 0; i < 3; i++) {
                compareRegister(words[8 + i], i, transcendental ? 1 : 0, line);
            }
            if (!words[11].equals("-")) {
                assertEquals(words[11], operand(), () -> "memory: " + line);
            }
        }
        assertTrue(cases.size() > 600);
    }

    private static List<String> cases() throws IOException {
        try (InputStream in = X87SiliconTest.class.getResourceAsStream("x87-silicon.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().filter(s -> !s.startsWith("#"))
                    .toList();
        }
    }

    private void run(String[] words) {
        FpuState fpu = fixture.fpu;
        fixture.execute(0xDB, 0xE3);
        load(words[4]);
        load(words[3]);
        fpu.controlWord(number(words[2]));
        if (!words[5].equals("-")) {
            store(HexFormat.of().parseHex(words[5]));
        }
        int code = number(words[1]);
        fixture.execute(code >> 8, code & 0xFF);
    }

    private static int number(String hex) {
        return Integer.parseInt(hex, 16);
    }

    /** FLD m80. */
    private void load(String register) {
        Mmu mmu = fixture.cpu.mmu;
        mmu.store64(InstructionFixture.OPERAND, Long.parseUnsignedLong(register.substring(4), 16));
        mmu.store16(InstructionFixture.OPERAND + 8, number(register.substring(0, 4)));
        fixture.execute(0xDB, 0x2F);
    }

    private void store(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            fixture.cpu.mmu.store8(InstructionFixture.OPERAND + i, bytes[i] & 0xFF);
        }
    }

    private String operand() {
        byte[] bytes = new byte[10];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) fixture.cpu.mmu.load8(InstructionFixture.OPERAND + i);
        }
        return HexFormat.of().formatHex(bytes);
    }

    private void compareRegister(String expected, int i, int tolerance, String line) {
        if (expected.equals("-")) {
            return;
        }
        int register = fixture.fpu.physical(i);
        long silicon = Long.parseUnsignedLong(expected.substring(4), 16);
        int exponent = number(expected.substring(0, 4));
        // One unit in the last place may cross to the next exponent.
        long distance = Math.abs(silicon - fixture.fpu.significand[register]);
        boolean crossed = exponent != fixture.fpu.exponent[register];
        boolean near = crossed ? Math.abs(exponent - fixture.fpu.exponent[register]) <= tolerance
                && (silicon == Long.MIN_VALUE || silicon == -1) : distance <= tolerance;
        assertTrue(near, () -> "ST(" + i + ") is %04x%016x: ".formatted(fixture.fpu.exponent[register],
                fixture.fpu.significand[register]) + line);
    }
}

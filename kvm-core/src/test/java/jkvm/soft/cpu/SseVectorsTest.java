package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import jkvm.soft.mmu.GuestException;
import org.junit.jupiter.api.Test;

/** SSE instructions do what the silicon did that sse-vectors.txt was captured on. */
class SseVectorsTest {
    private static final long CODE = 0x1000;
    private static final List<String> GENERAL = List.of("rax", "rcx", "rdx");

    @Test
    void shouldChangeWhatSiliconChangesAndNothingElse() throws IOException {
        int count = 0;
        try (SoftMachine machine = new SoftMachine(4); Stream<String> lines = open()) {
            machine.long64();
            for (String line : (Iterable<String>) lines.filter(l -> !l.startsWith("#"))::iterator) {
                // given
                String[] sides = line.split(" ->");
                String code = sides[0].substring(0, sides[0].indexOf(' '));
                Map<String, String> expected = parse(sides[0].substring(code.length()));
                set(machine.cpu, expected);
                expected.putAll(parse(sides.length > 1 ? sides[1].replace("#XM", "") : ""));
                machine.code(CODE, HexFormat.of().parseHex(code));

                // when
                int vector = execute(machine.cpu);

                // then
                assertEquals(line.contains("#XM") ? GuestException.XM : -1, vector, line);
                assertEquals(expected.toString(), get(machine.cpu).toString(), line);
                count++;
            }
        }
        assertTrue(count > 400, "vectors: " + count);
    }

    private static Stream<String> open() {
        return new BufferedReader(new InputStreamReader(
                SseVectorsTest.class.getResourceAsStream("sse-vectors.txt"), StandardCharsets.US_ASCII)).lines();
    }

    private static Map<String, String> parse(String side) {
        Map<String, String> values = new TreeMap<>();
        for (String field : side.trim().split(" ")) {
            if (!field.isEmpty()) {
                values.put(field.substring(0, field.indexOf('=')), field.substring(field.indexOf('=') + 1));
            }
        }
        return values;
    }

    private static void set(Cpu cpu, Map<String, String> values) {
        cpu.fpu.mxcsr = Integer.parseInt(values.get("mxcsr"), 16);
        Flags.setArithmetic(cpu, Integer.parseInt(values.get("flags"), 16));
        for (int i = 0; i < 3; i++) {
            cpu.r[i] = Long.parseUnsignedLong(values.get(GENERAL.get(i)), 16);
            String register = values.get("x" + i);
            cpu.fpu.xmm[2 * i] = Long.parseUnsignedLong(register.substring(16), 16);
            cpu.fpu.xmm[2 * i + 1] = Long.parseUnsignedLong(register.substring(0, 16), 16);
        }
    }

    private static Map<String, String> get(Cpu cpu) {
        Map<String, String> values = new TreeMap<>();
        values.put("mxcsr", Integer.toHexString(cpu.fpu.mxcsr));
        values.put("flags", Integer.toHexString(Flags.arithmetic(cpu)));
        for (int i = 0; i < 3; i++) {
            values.put(GENERAL.get(i), Long.toHexString(cpu.r[i]));
            values.put("x" + i, "%016x%016x".formatted(cpu.fpu.xmm[2 * i + 1], cpu.fpu.xmm[2 * i]));
        }
        return values;
    }

    /** @return the exception's vector, or -1 */
    private static int execute(Cpu cpu) {
        try {
            Decoder decoder = new Decoder(offset -> (int) cpu.mmu.load8(offset), cpu.fault);
            SseOps.execute(cpu, decoder.decode(CODE, cpu.mode, cpu.features, 0xFFFFFFFFL));
            return -1;
        } catch (GuestException e) {
            return e.vector;
        }
    }
}

package jkvm.disassembler;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/** Bytes for each opcode of all maps, with prefixes and operands by chance, the same for the same seed. */
final class OpcodeCases {
    private static final String[] PREFIXES = {"", "66", "f2", "f3", "67", "2e", "64", "f0", "3e", "f0f2"};
    private static final String[] PREFIXES_64 = {"48", "41", "4c", "6648", "f248", "f348", "44", "42", "40"};
    private static final String[] MAPS = {"", "0f", "0f38", "0f3a"};
    private static final int OPERAND_BYTES = 10;
    /** Enough for the longest instruction to end in, so that the next one begins where it should. */
    private static final int NOPS = 14;

    private OpcodeCases() {
    }

    /** {@code each} cases for each opcode. */
    static byte[] bytes(long seed, int each, boolean is64) {
        Random random = new Random(seed);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String map : MAPS) {
            for (int opcode = 0; opcode < 256; opcode++) {
                for (int i = 0; i < each; i++) {
                    one(bytes, random, map, opcode, is64);
                }
            }
        }
        return bytes.toByteArray();
    }

    private static void one(ByteArrayOutputStream bytes, Random random, String map, int opcode, boolean is64) {
        boolean long64 = is64 && random.nextBoolean();
        String[] prefixes = long64 ? PREFIXES_64 : PREFIXES;
        hex(bytes, prefixes[random.nextInt(prefixes.length)] + map);
        bytes.write(opcode);
        // Every second ModRM byte names a register
        bytes.write(random.nextBoolean() ? 0xC0 | random.nextInt(64) : random.nextInt(192));
        for (int i = 0; i < OPERAND_BYTES; i++) {
            bytes.write(random.nextInt(256));
        }
        for (int i = 0; i < NOPS; i++) {
            bytes.write(0x90);
        }
    }

    private static void hex(ByteArrayOutputStream bytes, String digits) {
        for (int i = 0; i < digits.length(); i += 2) {
            bytes.write(Integer.parseInt(digits, i, i + 2, 16));
        }
    }
}

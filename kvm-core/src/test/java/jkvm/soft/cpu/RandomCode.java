package jkvm.soft.cpu;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/** Random 64-bit code of common instructions that runs forward to an undefined one at its end. */
final class RandomCode {
    private static final int[] ONE_BYTE = {0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x10, 0x11, 0x13, 0x19, 0x1B, 0x20,
        0x21, 0x23, 0x28, 0x29, 0x2B, 0x30, 0x31, 0x33, 0x38, 0x39, 0x3B, 0x63, 0x69, 0x6B, 0x80, 0x81, 0x83, 0x84,
        0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8D, 0x98, 0x99, 0xC0, 0xC1, 0xC6, 0xC7, 0xD0, 0xD1, 0xD2, 0xD3,
        0xF6, 0xF7, 0xFE, 0x50, 0x53, 0x57, 0x58, 0x5A, 0x5F, 0x68, 0x6A, 0xA8, 0x05, 0x90, 0xF8, 0xF9, 0xF5, 0xB8,
        0xB1, 0xB4, 0x9E, 0x9F};
    private static final int[] TWO_BYTE = {0x40, 0x42, 0x44, 0x47, 0x4C, 0x4F, 0x92, 0x94, 0x97, 0x9C, 0x9F, 0xA3, 0xA4,
        0xAC, 0xAF, 0xB0, 0xB1, 0xB6, 0xB7, 0xBA, 0xBC, 0xBD, 0xBE, 0xBF, 0xC0, 0xC1, 0xC8, 0xCB, 0xAB, 0x6F, 0xEF,
        0xFE};
    private final Random random;
    private byte[] bytes;

    RandomCode(Random random) {
        this.random = random;
    }

    byte[] make(int instructions) {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        Decoder decoder = new Decoder(offset -> bytes[(int) offset] & 0xFF, new Cpu(null, null).fault);
        for (int i = 0; i < instructions; i++) {
            if (random.nextInt(3) == 0) {
                address(code);
            }
            while (true) {
                bytes = candidate();
                Insn in = decoder.decode(0, CpuMode.CODE_64 | CpuMode.PROTECTED, Feature.ALL, -1);
                boolean jumps = in.op == Op.JCC;
                if ((!in.ends || jumps) && in.op != Op.UNDEFINED) {
                    code.write(bytes, 0, in.length);
                    if (jumps) {
                        // Skipped or not: inc eax
                        code.write(0xFF);
                        code.write(0xC0);
                    }
                    break;
                }
            }
        }
        code.write(0x0F);
        code.write(0x0B);
        return code.toByteArray();
    }

    /** MOV of an address in the data to a register, so that later memory operands hit it. */
    private void address(ByteArrayOutputStream code) {
        int register = random.nextInt(8);
        if (register == Cpu.RSP) {
            return;
        }
        int value = 0x300000 + random.nextInt(0x600);
        code.write(0x48);
        code.write(0xC7);
        code.write(0xC0 | register);
        for (int i = 0; i < 4; i++) {
            code.write(value >> 8 * i);
        }
    }

    private byte[] candidate() {
        byte[] b = new byte[20];
        random.nextBytes(b);
        int n = 0;
        if (random.nextInt(4) == 0) {
            b[n++] = 0x66;
        }
        if (random.nextInt(12) == 0) {
            b[n++] = (byte) 0xF0;
        }
        if (random.nextInt(2) == 0) {
            b[n++] = (byte) (0x40 | random.nextInt(16));
        }
        if (random.nextInt(12) == 0) {
            return new byte[] {(byte) (0x70 + random.nextInt(16)), 2};
        }
        if (random.nextInt(4) == 0) {
            b[n++] = 0x0F;
            b[n++] = (byte) TWO_BYTE[random.nextInt(TWO_BYTE.length)];
        } else {
            b[n++] = (byte) ONE_BYTE[random.nextInt(ONE_BYTE.length)];
        }
        // Mostly registers and small displacements: other addresses fault.
        int form = random.nextInt(4);
        if (form > 0) {
            b[n] = (byte) (b[n] & 0x3F | (form == 1 ? 0x40 : 0xC0));
        }
        return b;
    }
}

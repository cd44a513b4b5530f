package jkvm.disassembler;

/**
 * Decodes VEX and EVEX prefixes (SDM volume 2, 2.3.5 and 2.7). Of the instructions with VEX only those on general
 * registers are known; others are told by {@code (avx)} and {@code (avx512)}, with the length that they have.
 */
final class VexDecoder {
    private static final int VEX_MAPS = 4;
    private static final int[] IMPLIED = {Encoding.NP, Encoding.P66, Encoding.F3, Encoding.F2};

    private final InstructionDecoder code;

    VexDecoder(InstructionDecoder code) {
        this.code = code;
    }

    Instruction decode(int first, Style style) {
        int map = 1;
        int rex = 0;
        int b = code.next();
        boolean isEvex = first == 0x62;
        if (first != 0xC5) {
            rex = ~b >> 5 & 7;
            map = b & (isEvex ? 7 : 31);
            b = code.next();
            rex |= b >> 4 & 8;
        } else {
            rex = ~b >> 5 & 4;
        }
        boolean is64 = code.mode() == CodeMode.BITS_64;
        if (isEvex) {
            code.next();
        }
        int opcode = code.next();
        if (!isEvex && (b & 4) == 0 && (map == 2 || map == 3)) {
            code.prefixes().vex(is64 ? rex : 0);
            code.vexRegister(~b >> 3 & (is64 ? 15 : 7));
            Instruction known = code.decode(VEX_MAPS + map, opcode, IMPLIED[b & 3], style);
            if (known.isKnown()) {
                return known;
            }
        }
        skip(map, opcode);
        return code.unknown(isEvex ? "(avx512)" : "(avx)", code.length());
    }

    /** Goes over ModRM, SIB, displacement and immediate. */
    private void skip(int map, int opcode) {
        if (map == 1 && opcode == 0x77) {
            return;
        }
        int modrm = code.next();
        if (modrm < 0xC0) {
            new MemoryDecoder(code, code.prefixes(), code.mode()).decode(modrm);
        }
        boolean hasImmediate = map == 3 || map == 1 && (opcode >= 0x70 && opcode <= 0x73 || opcode == 0xC2
                || opcode >= 0xC4 && opcode <= 0xC6);
        if (hasImmediate) {
            code.next();
        }
    }
}

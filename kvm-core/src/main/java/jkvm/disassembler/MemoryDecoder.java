package jkvm.disassembler;

import jkvm.disassembler.Operand.Memory;

/** Decodes a memory operand: SIB byte and displacement after the ModRM byte (SDM volume 2, 2.1.5). */
final class MemoryDecoder {
    /** Base and index of the eight forms of 16-bit addresses. */
    private static final int[] BASE_16 = {3, 3, 5, 5, 6, 7, 5, 3};
    private static final int[] INDEX_16 = {6, 7, 6, 7, Memory.NONE, Memory.NONE, Memory.NONE, Memory.NONE};

    private final InstructionDecoder code;
    private final Prefixes prefixes;
    private final CodeMode mode;

    MemoryDecoder(InstructionDecoder code, Prefixes prefixes, CodeMode mode) {
        this.code = code;
        this.prefixes = prefixes;
        this.mode = mode;
    }

    /** The operand, whose size is not yet known. */
    Memory decode(int modrm) {
        int bytes = prefixes.addressSize();
        return bytes == 2 ? short16(modrm >> 6, modrm & 7) : long32(modrm >> 6, modrm & 7, bytes);
    }

    private Memory short16(int mod, int rm) {
        int segment = prefixes.segment();
        prefixes.useAddressSize();
        if (mod == 0 && rm == 6) {
            return new Memory(segment, Memory.NONE, Memory.NONE, 0, (short) code.number(2), true, 2,
                    Operand.Size.NONE);
        }
        long displacement = mod == 1 ? (byte) code.next() : mod == 2 ? (short) code.number(2) : 0;
        return new Memory(segment, BASE_16[rm], INDEX_16[rm], 0, displacement, mod != 0, 2, Operand.Size.NONE);
    }

    private Memory long32(int mod, int rm, int bytes) {
        int segment = prefixes.segment();
        int rexB = prefixes.rexBit(Prefixes.REX_B);
        int base = rm;
        int index = Memory.NONE;
        int scale = 1;
        // A SIB byte that says no more than ModRM alone could say: the index that is none is shown then
        boolean isZero = false;
        if (rm == 4) {
            int sib = code.next();
            base = sib & 7;
            index = sib >> 3 & 7 | prefixes.rexBit(Prefixes.REX_X);
            scale = 1 << (sib >> 6);
            boolean noBase = base == 5 && mod == 0;
            if (index == 4) {
                isZero = noBase ? mode == CodeMode.BITS_32 || mode == CodeMode.BITS_64 && bytes == 4 : base != 4;
                index = scale > 1 || isZero ? Memory.ZERO : Memory.NONE;
            }
        }
        boolean noBase = base == 5 && mod == 0;
        boolean relative = noBase && rm == 5 && mode == CodeMode.BITS_64;
        int baseRegister = relative ? Memory.RIP : noBase ? Memory.NONE : base | rexB;
        long displacement = mod == 1 ? (byte) code.next() : mod == 2 || noBase ? (int) code.number(4) : 0;
        if (baseRegister != Memory.NONE || index >= 0 || isZero) {
            prefixes.useAddressSize();
        }
        return new Memory(segment, baseRegister, index, scale, displacement, mod != 0 || noBase, bytes,
                Operand.Size.NONE);
    }
}

package jkvm.soft.cpu;

import jkvm.soft.fpu.PackedInteger;
import jkvm.soft.fpu.PackedMultiply;
import jkvm.soft.fpu.PackedShift;

/**
 * The integer opcodes that MMX and SSE2 share, on 64 bits: an MMX register, or each half of an XMM register.
 * {@code a} is the destination, {@code b} the source. One method would be too large for the JVM to inline.
 */
final class PackedOps {
    private PackedOps() {
    }

    /** Map 0F: the opcodes whose lanes stay where they are. */
    static long lanes(int opcode, long a, long b) {
        return opcode < 0xD0 ? compare(opcode, a, b) : opcode < 0xE0 ? lower(opcode, a, b) : upper(opcode, a, b);
    }

    /** Opcodes 64 to 66 and 74 to 76. */
    private static long compare(int opcode, long a, long b) {
        return switch (opcode) {
            case 0x64 -> PackedInteger.pcmpgtb(a, b);
            case 0x65 -> PackedInteger.pcmpgtw(a, b);
            case 0x66 -> PackedInteger.pcmpgtd(a, b);
            case 0x74 -> PackedInteger.pcmpeqb(a, b);
            case 0x75 -> PackedInteger.pcmpeqw(a, b);
            default -> PackedInteger.pcmpeqd(a, b);
        };
    }

    /** Opcodes D1 to DF. */
    private static long lower(int opcode, long a, long b) {
        return switch (opcode) {
            case 0xD1 -> PackedShift.psrlw(a, b);
            case 0xD2 -> PackedShift.psrld(a, b);
            case 0xD3 -> PackedShift.psrlq(a, b);
            case 0xD4 -> a + b;
            case 0xD5 -> PackedMultiply.pmullw(a, b);
            case 0xD8 -> PackedInteger.psubusb(a, b);
            case 0xD9 -> PackedInteger.psubusw(a, b);
            case 0xDA -> PackedInteger.pminub(a, b);
            case 0xDB -> a & b;
            case 0xDC -> PackedInteger.paddusb(a, b);
            case 0xDD -> PackedInteger.paddusw(a, b);
            case 0xDE -> PackedInteger.pmaxub(a, b);
            default -> ~a & b;
        };
    }

    /** Opcodes E0 to FE. */
    private static long upper(int opcode, long a, long b) {
        return switch (opcode) {
            case 0xE0 -> PackedInteger.pavgb(a, b);
            case 0xE1 -> PackedShift.psraw(a, b);
            case 0xE2 -> PackedShift.psrad(a, b);
            case 0xE3 -> PackedInteger.pavgw(a, b);
            case 0xE4 -> PackedMultiply.pmulhuw(a, b);
            case 0xE5 -> PackedMultiply.pmulhw(a, b);
            case 0xE8 -> PackedInteger.psubsb(a, b);
            case 0xE9 -> PackedInteger.psubsw(a, b);
            case 0xEA -> PackedInteger.pminsw(a, b);
            case 0xEB -> a | b;
            case 0xEC -> PackedInteger.paddsb(a, b);
            case 0xED -> PackedInteger.paddsw(a, b);
            case 0xEE -> PackedInteger.pmaxsw(a, b);
            case 0xEF -> a ^ b;
            case 0xF1 -> PackedShift.psllw(a, b);
            case 0xF2 -> PackedShift.pslld(a, b);
            case 0xF3 -> PackedShift.psllq(a, b);
            case 0xF4 -> PackedMultiply.pmuludq(a, b);
            case 0xF5 -> PackedMultiply.pmaddwd(a, b);
            case 0xF6 -> PackedMultiply.psadbw(a, b);
            case 0xF8 -> PackedInteger.psubb(a, b);
            case 0xF9 -> PackedInteger.psubw(a, b);
            case 0xFA -> PackedInteger.psubd(a, b);
            case 0xFB -> a - b;
            case 0xFC -> PackedInteger.paddb(a, b);
            case 0xFD -> PackedInteger.paddw(a, b);
            default -> PackedInteger.paddd(a, b);
        };
    }

    /**
     * A shift by an immediate.
     *
     * @param opcode 71, 72 or 73
     * @param group  the ModRM byte's field that extends it
     */
    static long shift(int opcode, int group, long value, long count) {
        return switch (opcode << 4 | group) {
            case 0x712 -> PackedShift.psrlw(value, count);
            case 0x714 -> PackedShift.psraw(value, count);
            case 0x716 -> PackedShift.psllw(value, count);
            case 0x722 -> PackedShift.psrld(value, count);
            case 0x724 -> PackedShift.psrad(value, count);
            case 0x726 -> PackedShift.pslld(value, count);
            case 0x732 -> PackedShift.psrlq(value, count);
            default -> PackedShift.psllq(value, count);
        };
    }

    /** Map 0F38: SSSE3's signs and absolute values, and the products whose lanes stay where they are. */
    static long ssse3(int opcode, long a, long b) {
        return switch (opcode) {
            case 0x04 -> PackedMultiply.pmaddubsw(a, b);
            case 0x08 -> PackedInteger.psignb(a, b);
            case 0x09 -> PackedInteger.psignw(a, b);
            case 0x0A -> PackedInteger.psignd(a, b);
            case 0x0B -> PackedMultiply.pmulhrsw(a, b);
            case 0x1C -> PackedInteger.pabsb(b);
            case 0x1D -> PackedInteger.pabsw(b);
            default -> PackedInteger.pabsd(b);
        };
    }

    /** Map 0F38: SSSE3's horizontal additions and subtractions, of {@code a}'s neighbours and of {@code b}'s. */
    static long horizontal(int opcode, long a, long b) {
        return switch (opcode) {
            case 0x01 -> PackedInteger.phaddw(a, b);
            case 0x02 -> PackedInteger.phaddd(a, b);
            case 0x03 -> PackedInteger.phaddsw(a, b);
            case 0x05 -> PackedInteger.phsubw(a, b);
            case 0x06 -> PackedInteger.phsubd(a, b);
            default -> PackedInteger.phsubsw(a, b);
        };
    }
}

package jkvm.disassembler;

import java.util.Locale;

/**
 * An operand as the tables write it.
 *
 * @param kind     where it comes from
 * @param size     the letter after the kind's, 0 if there is none
 * @param indirect true for the operand of a jump through it
 * @param name     the fixed register's
 */
record OperandSpec(Kind kind, char size, boolean indirect, String name) {
    /** The letters of the manual's appendix A, mostly. */
    enum Kind {
        /** ModRM's general register or memory; its memory alone; its register alone; the register field. */
        E, M, R, G,
        /** A constant; a relative jump; a far pointer; a memory offset. */
        I, J, A, O,
        /** DS:rSI and ES:rDI of string instructions; DS:rBX of XLAT. */
        X, Y, XLAT,
        /** The register that the opcode names; that VEX.vvvv names. */
        Z, B,
        /** Segment, control and debug register of the register field. */
        S, C, D,
        /** XMM: register field, register or memory, register alone. The same for MMX, or XMM with prefix 66. */
        V, W, U, P, Q, N,
        /** An x87 register of ModRM. */
        STI,
        /** A register by name; the accumulator with the operand size, at most 32 bits of it, the address size. */
        FIXED, RAX, RAU, RAA,
        /** DX as a port. */
        PORT;

        boolean inModRm() {
            return switch (this) {
                case E, M, R, G, S, C, D, V, W, U, P, Q, N, STI -> true;
                default -> false;
            };
        }
    }

    static OperandSpec of(String text) {
        boolean indirect = text.charAt(0) == '*';
        String word = indirect ? text.substring(1) : text;
        Kind kind = switch (word) {
            case "XLAT" -> Kind.XLAT;
            case "STi" -> Kind.STI;
            case "rAX" -> Kind.RAX;
            case "rAU" -> Kind.RAU;
            case "rAA" -> Kind.RAA;
            case "PORT" -> Kind.PORT;
            case "V", "P", "U", "N" -> Kind.valueOf(word);
            default -> word.equals(word.toUpperCase(Locale.ROOT)) ? Kind.FIXED
                    : Kind.valueOf(word.substring(0, 1));
        };
        return new OperandSpec(kind, word.charAt(word.length() - 1), indirect,
                word.toLowerCase(Locale.ROOT));
    }
}

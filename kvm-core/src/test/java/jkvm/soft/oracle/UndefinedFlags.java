package jkvm.soft.oracle;

import jkvm.soft.oracle.Opcode.Group;

/**
 * The flags that the manuals leave undefined (SDM volume 2, each instruction's "Flags Affected"; APM volume 3 leaves
 * the same open). The soft CPU has AMD's: on an AMD host all flags are compared, elsewhere those of this table are not.
 */
final class UndefinedFlags {
    static final int CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, OF = 0x800;
    private static final int ALL = CF | PF | AF | ZF | SF | OF;

    private UndefinedFlags() {
    }

    /** A mask of flags that need not be the same after this snippet completes. */
    static int of(Snippet snippet) {
        if (snippet.starts != null) {
            return snippet.undefinedFlags;
        }
        int value = snippet.opcode.value();
        if (snippet.repeat && snippet.step) {
            // A fault after single steps of SCAS or CMPS: Intel's flags are those before the first
            return ALL;
        }
        return switch (snippet.opcode.map()) {
            case 0 -> oneByte(snippet, value);
            case 1 -> twoByte(snippet, value);
            case 2, 3 -> 0;
            default -> vex(snippet, value);
        };
    }

    private static int oneByte(Snippet snippet, int value) {
        int reg = snippet.reg();
        if (value < 0x40) {
            boolean logic = (value & 0x38) == 0x08 || (value & 0x38) == 0x20 || (value & 0x38) == 0x30;
            if ((value & 7) < 6) {
                return logic ? AF : 0;
            }
            return value == 0x27 || value == 0x2F ? OF : value == 0x37 || value == 0x3F ? OF | SF | ZF | PF : 0;
        }
        return switch (value) {
            case 0x80, 0x81, 0x82, 0x83 -> reg == 1 || reg == 4 || reg == 6 ? AF : 0;
            case 0x84, 0x85, 0xA8, 0xA9 -> AF;
            case 0x69, 0x6B -> SF | ZF | AF | PF;
            case 0xC0, 0xC1 -> shift(snippet, value, snippet.immediate);
            case 0xD0, 0xD1 -> shift(snippet, value, 1);
            case 0xD2, 0xD3 -> shift(snippet, value, (int) snippet.in.r[1]);
            case 0xD4, 0xD5 -> OF | AF | CF;
            case 0xF6, 0xF7 -> reg < 2 ? AF : reg < 4 ? 0 : reg < 6 ? SF | ZF | AF | PF : ALL;
            default -> 0;
        };
    }

    /** Shifts and rotates by what ModRM says. */
    private static int shift(Snippet snippet, int value, int counted) {
        int size = (value & 1) == 0 ? 8 : 8 * snippet.operandSize;
        int count = counted & (size == 64 ? 63 : 31);
        int overflow = count == 1 ? 0 : OF;
        if (count == 0) {
            return 0;
        }
        if (snippet.reg() < 4) {
            return overflow;
        }
        boolean arithmetic = snippet.reg() == 7;
        return overflow | AF | (count >= size && !arithmetic ? CF : 0);
    }

    private static int twoByte(Snippet snippet, int value) {
        return switch (value) {
            case 0xA3, 0xAB, 0xB3, 0xBB, 0xBA -> OF | SF | AF | PF;
            case 0xA4, 0xAC -> doubleShift(snippet, snippet.immediate);
            case 0xA5, 0xAD -> doubleShift(snippet, (int) snippet.in.r[1]);
            case 0xAF -> SF | ZF | AF | PF;
            case 0xBC, 0xBD -> snippet.rep ? OF | SF | AF | PF : CF | OF | SF | AF | PF;
            default -> 0;
        };
    }

    private static int doubleShift(Snippet snippet, int counted) {
        int size = 8 * snippet.operandSize;
        int count = counted & (size == 64 ? 63 : 31);
        if (count == 0) {
            return 0;
        }
        return count > size ? ALL : count == 1 ? AF : AF | OF;
    }

    /** ANDN, BLSR and kin, BZHI, BEXTR; the others leave the flags alone. */
    private static int vex(Snippet snippet, int value) {
        if (snippet.opcode.group() != Group.VEX || snippet.opcode.map() != 5) {
            return 0;
        }
        return switch (value) {
            case 0xF2, 0xF3, 0xF5 -> AF | PF;
            case 0xF7 -> AF | SF | PF;
            default -> 0;
        };
    }
}

package jkvm.soft.oracle;

import java.util.ArrayList;
import java.util.List;

/**
 * An opcode as the generator needs it, from the manuals' opcode maps (SDM volume 2, appendix A) and not from the
 * decoder that is under test.
 *
 * @param map     0 one byte, 1 after 0F, 2 after 0F38, 3 after 0F3A; 4 to 6 the same by a VEX prefix of maps 1 to 3
 * @param value   the opcode's byte
 * @param form    what follows it, a character of {@link #MAP0}
 * @param group   which part of the processor it belongs to
 */
record Opcode(int map, int value, char form, Group group) {
    enum Group { INTEGER, STRING, STACK, BRANCH, SYSTEM, X87, MMX_SSE, VEX }

    /**
     * Forms of 00 to FF. {@code 0} nothing; {@code b} imm8, {@code w} imm16, {@code z} imm16 or imm32, {@code v} imm16,
     * imm32 or imm64, {@code a} an address, {@code e} ENTER, {@code p} far pointer, {@code j} rel8, {@code J} rel16 or
     * rel32; {@code m} ModRM, {@code B} ModRM and imm8, {@code Z} ModRM and imm16 or imm32, {@code T} ModRM, and an
     * immediate with TEST only; {@code .} none of ours.
     */
    private static final String MAP0 = ""
            + "mmmmbz00mmmmbz0." + "mmmmbz00mmmmbz00" + "mmmmbz.0mmmmbz.0" + "mmmmbz.0mmmmbz.0"
            + "0000000000000000" + "0000000000000000" + "00mm....zZbB0000" + "jjjjjjjjjjjjjjjj"
            + "BZBBmmmmmmmmmmmm" + "0000000000p00000" + "aaaa0000bz000000" + "bbbbbbbbvvvvvvvv"
            + "BBw0mmBZe0w0.b00" + "mmmmbb00mmmmmmmm" + "jjjjbbbbJJpj0000" + "....00TT000000mm";
    private static final String MAP1 = ""
            + "mmmm..0000.0.m.." + "mmmmmmmmmmmmmmmm" + "mmmm....mmmmmmmm" + "0.0..0.........."
            + "mmmmmmmmmmmmmmmm" + "mmmmmmmmmmmmmmmm" + "mmmmmmmmmmmmmmmm" + "BBBBmmm0....mmmm"
            + "JJJJJJJJJJJJJJJJ" + "mmmmmmmmmmmmmmmm" + "00.mBm..00.mBmmm" + "mmmmmmmmmmBmmmmm"
            + "mmBmBBBm00000000" + "mmmmmmmmmmmmmmmm" + "mmmmmmmmmmmmmmmm" + "mmmmmmmmmmmmmmm.";
    /** Opcodes of 0F38 and 0F3A that exist up to SSE4.2, AES, PCLMULQDQ, SHA, ADX; others are #UD or later ones'. */
    private static final String MAP2 = "00-0B,10,14,15,17,1C-1E,20-25,28-2B,30-35,37-41,C8-CD,DB-DF,F0,F1,F6";
    private static final String MAP3 = "08-0F,14-17,20-22,40-42,44,60-63,CC,DF";
    private static final String VEX2 = "F2,F3,F5,F7";
    private static final String VEX3 = "F0";

    /** All that there is. */
    static List<Opcode> all() {
        List<Opcode> all = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            add(all, 0, value, MAP0.charAt(value));
            add(all, 1, value, MAP1.charAt(value));
        }
        for (int value : values(MAP2)) {
            add(all, 2, value, 'm');
        }
        for (int value : values(MAP3)) {
            add(all, 3, value, 'B');
        }
        for (int value : values(VEX2)) {
            all.add(new Opcode(5, value, 'm', Group.VEX));
        }
        for (int value : values(VEX3)) {
            all.add(new Opcode(6, value, 'B', Group.VEX));
        }
        return List.copyOf(all);
    }

    private static void add(List<Opcode> all, int map, int value, char form) {
        if (form != '.') {
            all.add(new Opcode(map, value, form, group(map, value)));
        }
    }

    private static Group group(int map, int value) {
        return switch (map) {
            case 0 -> group0(value);
            case 1 -> group1(value);
            case 2 -> value == 0xF0 || value == 0xF1 || value == 0xF6 ? Group.INTEGER : Group.MMX_SSE;
            default -> Group.MMX_SSE;
        };
    }

    private static Group group0(int value) {
        if (value >= 0xD8 && value <= 0xDF || value == 0x9B) {
            return Group.X87;
        }
        if (value >= 0xA4 && value <= 0xA7 || value >= 0xAA && value <= 0xAF) {
            return Group.STRING;
        }
        if (value >= 0x50 && value <= 0x61 || value == 0x68 || value == 0x6A || value == 0x8F || value == 0x9C
                || value == 0x9D || value == 0xC8 || value == 0xC9) {
            return Group.STACK;
        }
        if (value >= 0x70 && value <= 0x7F || value == 0xC2 || value == 0xC3 || value >= 0xE0 && value <= 0xE3
                || value == 0xE8 || value == 0xE9 || value == 0xEB) {
            return Group.BRANCH;
        }
        boolean system = value < 0x20 && (value & 6) == 6 || value == 0x63 || value >= 0x6C && value <= 0x6F
                || value == 0x8C || value == 0x8E || value == 0x9A || value == 0xC4 || value == 0xC5
                || value >= 0xCA && value <= 0xCF || value >= 0xE4 && value <= 0xEF || value == 0xF4 || value == 0xFA
                || value == 0xFB;
        return system ? Group.SYSTEM : Group.INTEGER;
    }

    private static Group group1(int value) {
        if (value < 0x10) {
            return Group.SYSTEM;
        }
        if (value >= 0x80 && value <= 0x8F) {
            return Group.BRANCH;
        }
        boolean integer = value >= 0x18 && value <= 0x1F || value >= 0x40 && value <= 0x4F
                || value >= 0x90 && value <= 0x9F || value >= 0xA3 && value <= 0xA5 || value >= 0xAB && value <= 0xAD
                || value == 0xAF || value == 0xB0 || value == 0xB1 || value == 0xB3 || value >= 0xB6 && value <= 0xC1
                || value == 0xC3 || value >= 0xC7 && value <= 0xCF;
        if (integer) {
            return Group.INTEGER;
        }
        boolean system = value >= 0x20 && value <= 0x23 || value >= 0x30 && value <= 0x37
                || value >= 0xA0 && value <= 0xA9 || value == 0xB2 || value == 0xB4 || value == 0xB5;
        return system ? Group.SYSTEM : Group.MMX_SSE;
    }

    private static List<Integer> values(String ranges) {
        List<Integer> values = new ArrayList<>();
        for (String range : ranges.split(",")) {
            String[] ends = range.split("-");
            for (int i = Integer.parseInt(ends[0], 16); i <= Integer.parseInt(ends[ends.length - 1], 16); i++) {
                values.add(i);
            }
        }
        return values;
    }

    boolean hasModrm() {
        return "mBZT".indexOf(form) >= 0;
    }
}

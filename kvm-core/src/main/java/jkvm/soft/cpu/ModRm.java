package jkvm.soft.cpu;

/**
 * Decodes the ModRM byte, SIB and displacement (SDM volume 2, 2.1.5): two registers, or one and an address in memory.
 */
final class ModRm {
    /** Base and index of the eight forms of 16-bit addresses. */
    private static final int[] BASE_16 = {Cpu.RBX, Cpu.RBX, Cpu.RBP, Cpu.RBP, Cpu.RSI, Cpu.RDI, Cpu.RBP, Cpu.RBX};
    private static final int[] INDEX_16 = {Cpu.RSI, Cpu.RDI, Cpu.RSI, Cpu.RDI, Insn.NO_REGISTER, Insn.NO_REGISTER,
        Insn.NO_REGISTER, Insn.NO_REGISTER};

    private ModRm() {
    }

    /** Reads ModRM, SIB and displacement, and fills the memory operand's address. */
    static void decode(Decoder d, Insn in) {
        int m = d.next();
        int p = in.prefixes;
        in.modrm = (short) m;
        in.reg = (byte) (m >> 3 & 7 | ((p & Insn.REX_R) != 0 ? 8 : 0));
        in.rm = (byte) (m & 7);
        if (m >= 0xC0) {
            in.rm = (byte) (in.rm | ((p & Insn.REX_B) != 0 ? 8 : 0));
        } else if (isMovOfControlRegister(in)) {
            in.rm = (byte) (in.rm | ((p & Insn.REX_B) != 0 ? 8 : 0));
            in.modrm |= 0xC0;
        } else if (in.addressSize == 2) {
            address16(d, in, m >> 6);
        } else {
            address32(d, in, m >> 6);
        }
    }

    /** MOV to and from control and debug registers take each ModRM byte as one that names a register. */
    private static boolean isMovOfControlRegister(Insn in) {
        return in.opcode >= 0x120 && in.opcode <= 0x123;
    }

    private static void address16(Decoder d, Insn in, int mod) {
        if (mod == 0 && in.rm == 6) {
            in.disp = d.word();
            d.segment(Segment.DS);
            return;
        }
        in.base = (byte) BASE_16[in.rm];
        in.index = (byte) INDEX_16[in.rm];
        in.disp = mod == 1 ? (byte) d.next() : mod == 2 ? d.word() : 0;
        d.segment(in.base == Cpu.RBP ? Segment.SS : Segment.DS);
    }

    private static void address32(Decoder d, Insn in, int mod) {
        int base = in.rm;
        if (base == 4) {
            int sib = d.next();
            base = sib & 7;
            int index = sib >> 3 & 7 | ((in.prefixes & Insn.REX_X) != 0 ? 8 : 0);
            if (index != 4) {
                in.index = (byte) index;
                in.scale = (byte) (sib >> 6);
            }
        } else if (base == 5 && mod == 0 && d.is64()) {
            d.ripRelative();
        }
        boolean noBase = base == 5 && mod == 0;
        if (!noBase) {
            in.base = (byte) (base | ((in.prefixes & Insn.REX_B) != 0 ? 8 : 0));
        }
        in.disp = mod == 1 ? (byte) d.next() : mod == 2 || noBase ? (int) d.dword() : 0;
        d.segment(!noBase && (in.base == Cpu.RSP || in.base == Cpu.RBP) ? Segment.SS : Segment.DS);
    }
}

package jkvm.soft.cpu;

/**
 * Decodes VEX prefixes (SDM volume 2, 2.3.5) and the instructions on general registers that use them: BMI1, BMI2. There
 * is no AVX.
 */
final class VexDecoder {
    private static final int[] IMPLIED = {0, Insn.OPERAND_SIZE, Insn.REP, Insn.REPNE};

    private VexDecoder() {
    }

    static void decode(Decoder d, Insn in, int first) {
        d.noEntry();
        boolean badPrefix = !d.isProtected()
                || (in.prefixes & (Insn.LOCK | Insn.REP | Insn.REPNE | Insn.OPERAND_SIZE | Insn.REX)) != 0;
        int b = d.next();
        int p = Insn.REX | ((b & 0x80) == 0 ? Insn.REX_R : 0);
        int map = 1;
        if (first == 0xC4) {
            p |= ((b & 0x40) == 0 ? Insn.REX_X : 0) | ((b & 0x20) == 0 ? Insn.REX_B : 0);
            map = b & 31;
            b = d.next();
            p |= (b & 0x80) != 0 ? Insn.REX_W : 0;
        }
        if (!d.is64()) {
            p = 0;
        }
        in.prefixes = (short) (in.prefixes & ~(Insn.REP | Insn.REPNE | Insn.OPERAND_SIZE) | p | IMPLIED[b & 3]);
        in.vvvv = (byte) (~b >> 3 & (d.is64() ? 15 : 7));
        in.vectorLength = (byte) (b >> 2 & 1);
        in.opcode = (short) (map << 8 | d.next());
        d.sizes(0);
        if (map == 0 || map > 3) {
            d.undefined();
            return;
        }
        if (in.opcode != 0x177) {
            ModRm.decode(d, in);
        }
        in.memory = (byte) (d.isMemory() ? 2 : 0);
        in.size = (byte) ((in.prefixes & Insn.REX_W) != 0 ? 8 : 4);
        boolean hasImmediate = map == 3 || in.opcode >= 0x170 && in.opcode <= 0x173 || in.opcode == 0x1C2
                || in.opcode >= 0x1C4 && in.opcode <= 0x1C6;
        if (hasImmediate) {
            in.imm = d.next();
        }
        in.op = (short) (in.vectorLength == 0 ? general(d, in) : Op.UNDEFINED);
        if (badPrefix || in.op == Op.UNDEFINED) {
            d.undefined();
        }
    }

    private static int general(Decoder d, Insn in) {
        int pp = in.prefixes & (Insn.OPERAND_SIZE | Insn.REP | Insn.REPNE);
        int op = switch (in.opcode) {
            case 0x2F2 -> pp == 0 ? Op.ANDN : Op.UNDEFINED;
            case 0x2F3 -> pp != 0 || (in.reg & 7) == 0 || (in.reg & 7) > 3 ? Op.UNDEFINED : Op.BLSR + (in.reg & 7) - 1;
            case 0x2F5 -> pp == 0 ? Op.BZHI : pp == Insn.REP ? Op.PEXT : pp == Insn.REPNE ? Op.PDEP : Op.UNDEFINED;
            case 0x2F6 -> pp == Insn.REPNE ? Op.MULX : Op.UNDEFINED;
            case 0x2F7 -> pp == 0 ? Op.BEXTR : pp == Insn.OPERAND_SIZE ? Op.SHLX : pp == Insn.REP ? Op.SARX : Op.SHRX;
            case 0x3F0 -> pp == Insn.REPNE ? Op.RORX : Op.UNDEFINED;
            default -> Op.UNDEFINED;
        };
        if (op == Op.UNDEFINED) {
            return op;
        }
        boolean bmi1 = op == Op.ANDN || op == Op.BEXTR || op == Op.BLSR || op == Op.BLSMSK || op == Op.BLSI;
        boolean toVvvv = op == Op.BLSR || op == Op.BLSMSK || op == Op.BLSI;
        in.dst = toVvvv ? in.vvvv : in.reg;
        in.src = d.isMemory() ? -1 : in.rm;
        if (op == Op.RORX && in.vvvv != 0) {
            return Op.UNDEFINED;
        }
        return d.has(bmi1 ? Feature.BMI1 : Feature.BMI2) ? op : Op.UNDEFINED;
    }
}

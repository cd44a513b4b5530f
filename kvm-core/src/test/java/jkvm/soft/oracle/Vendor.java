package jkvm.soft.oracle;

/**
 * Results that are not the same on all makers' processors, though no flags: the manuals call them undefined, or the
 * makers chose differently. The soft CPU follows AMD's current silicon (family 1Ah) where that is known; what is said
 * of Intel was seen on family 6 model 167.
 *
 * @param registers a bit for each general register that may differ
 * @param upper     a bit for each general register whose upper half may differ
 * @param memory    memory may differ
 * @param address   the address of a page fault may be another one in the same operand
 * @param x87       TOP, tags and with them the numbers of the x87's registers may differ
 */
record Vendor(int registers, int upper, boolean memory, boolean address, boolean x87) {
    static final Vendor NOTHING = new Vendor(0, 0, false, false, false);
    private static final int RAX = 0, RCX = 1, RSP = 4, RSI = 6, RDI = 7;

    /** The bits of a register that must be the same. */
    long mask(int register) {
        return (registers >> register & 1) != 0 ? 0 : (upper >> register & 1) != 0 ? 0xFFFF_FFFFL : -1;
    }

    /** @param vector how the snippet ended on the silicon */
    static Vendor of(Snippet snippet, int vector) {
        if (snippet.starts != null) {
            return NOTHING;
        }
        int value = snippet.opcode.value();
        if (snippet.opcode.group() == Opcode.Group.MMX_SSE && vector != State.COMPLETE) {
            // MMX instructions that fault: Intel has set TOP and, of some, the tags. FXSAVE and FXRSTOR try their last
            // page first, MASKMOVDQU its upper half
            boolean image = snippet.opcode.map() == 1 && value == 0xAE;
            boolean masked = snippet.opcode.map() == 1 && value == 0xF7;
            return new Vendor(0, 0, false, image || masked, !image);
        }
        return switch (snippet.opcode.map()) {
            case 0 -> oneByte(snippet, value, vector);
            case 1 -> twoByte(snippet, value);
            default -> NOTHING;
        };
    }

    private static Vendor oneByte(Snippet snippet, int value, int vector) {
        boolean repeats = (snippet.rep || snippet.repne) && snippet.addressPrefix;
        // Address size 32: Intel clears the upper halves even if no item is done
        if (snippet.repeat && repeats) {
            return new Vendor(0, 1 << RCX | 1 << RSI | 1 << RDI, false, false, false);
        }
        if (snippet.opcode.group() == Opcode.Group.X87 && snippet.hasMemoryOperand() && vector != State.COMPLETE) {
            // FLDENV, FNSTENV, FRSTOR, FNSAVE: Intel tries the last page first; FBSTP, FSTP m80 write it last
            boolean image = (value == 0xD9 || value == 0xDD) && (snippet.reg() == 4 || snippet.reg() == 6);
            boolean ten = value == 0xDF && snippet.reg() == 6 || value == 0xDB && snippet.reg() == 7;
            return new Vendor(0, 0, ten, image, false);
        }
        return switch (value) {
            // POPA that faults half-way: Intel keeps what is popped
            case 0x61 -> vector == State.COMPLETE ? NOTHING : new Vendor(0xFF, 0, false, false, false);
            // far RET, IRET: Intel reads the last item first. SP may wrap in RET n from a 16-bit stack to 64-bit code
            case 0xCA, 0xCB, 0xCF -> new Vendor(value == 0xCA && snippet.mode.base() != 0 ? 1 << RSP : 0, 0, false,
                    vector != State.COMPLETE, false);
            default -> NOTHING;
        };
    }

    private static Vendor twoByte(Snippet snippet, int value) {
        return switch (value) {
            // SHLD, SHRD of 16 bits by more than 16
            case 0xA4, 0xA5, 0xAC, 0xAD -> doubleShift(snippet, value);
            // BSF, BSR of zero with a 32-bit destination: Intel keeps all of it, or its lower half
            case 0xBC, 0xBD -> snippet.rep ? NOTHING : only(snippet.modrm >> 3 & 7 | (snippet.rex & 4) << 1);
            // CMPXCHG r32: which of the two upper halves are cleared
            case 0xB1 -> snippet.operandSize != 4 || snippet.hasMemoryOperand() ? NOTHING
                    : new Vendor(0, 1 << RAX | 1 << rm(snippet), false, false, false);
            // BSWAP of 16 bits
            case 0xC8, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF -> snippet.operandSize == 2
                    ? only(value & 7 | (snippet.rex & 1) << 3) : NOTHING;
            default -> NOTHING;
        };
    }

    private static Vendor doubleShift(Snippet snippet, int value) {
        int count = (value & 1) == 0 ? snippet.immediate : (int) snippet.in.r[1];
        if (snippet.operandSize != 2 || (count & 31) <= 16) {
            return NOTHING;
        }
        return snippet.hasMemoryOperand() ? new Vendor(0, 0, true, false, false) : only(rm(snippet));
    }

    private static int rm(Snippet snippet) {
        return snippet.modrm & 7 | (snippet.rex & 1) << 3;
    }

    private static Vendor only(int number) {
        return new Vendor(1 << number, 0, false, false, false);
    }
}

package jkvm.disassembler;

/**
 * The prefixes of one instruction, and which of them mean something to it: objdump prints the rest by name before the
 * instruction, and so do we.
 */
final class Prefixes {
    static final int REX_W = 8, REX_R = 4, REX_X = 2, REX_B = 1;
    private static final int MAX = 15;
    private static final int LOCK = 0xF0, REPNE = 0xF2, REP = 0xF3, DATA = 0x66, ADDRESS = 0x67, WAIT = 0x9B;
    private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};
    private static final String[] REX_BITS = {"", ".B", ".X", ".XB", ".R", ".RB", ".RX", ".RXB", ".W", ".WB", ".WX",
        ".WXB", ".WR", ".WRB", ".WRX", ".WRXB"};

    private final CodeMode mode;
    /** Names that are printed, by place; null for a prefix that the instruction's text shows otherwise. */
    private final String[] names = new String[MAX + 1];
    private int count;
    private int rex;
    private int rexUsed;
    private int lastLock = -1, lastRepne = -1, lastRep = -1, lastData = -1, lastAddress = -1, lastSegment = -1,
            lastRex = -1, lastWait = -1;
    /** Segment override that counts, or -1. */
    private int segment = -1;
    /** Segments that prefixes name, a bit for each: CS and DS are hints of a jump. */
    private int hints;

    Prefixes(CodeMode mode) {
        this.mode = mode;
    }

    /**
     * Takes a byte.
     *
     * @return false if it is no prefix, or one that may not follow those before it
     */
    boolean take(int b) {
        boolean isRex = mode == CodeMode.BITS_64 && (b & 0xF0) == 0x40;
        String name = isRex ? "rex" + REX_BITS[b & 15] : name(b);
        if (name == null || rex != 0 || count >= MAX || lastWait > 0 || b == WAIT && lastWait == 0) {
            return false;
        }
        if (isRex) {
            rex = b;
            lastRex = count;
        }
        switch (b) {
            case LOCK -> lastLock = count;
            case REPNE -> lastRepne = count;
            case REP -> lastRep = count;
            case DATA -> lastData = count;
            case ADDRESS -> lastAddress = count;
            case WAIT -> lastWait = count;
            case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65 -> {
                lastSegment = count;
                int number = b >= 0x64 ? b & 7 : b >> 3 & 3;
                hints |= 1 << number;
                if (mode != CodeMode.BITS_64 || number > 3) {
                    segment = number;
                }
            }
            default -> {
            }
        }
        names[count++] = b == WAIT ? null : name;
        return true;
    }

    private String name(int b) {
        return switch (b) {
            case LOCK -> "lock";
            case REPNE -> "repnz";
            case REP -> "repz";
            case DATA -> mode == CodeMode.BITS_16 ? "data32" : "data16";
            case ADDRESS -> mode == CodeMode.BITS_32 ? "addr16" : "addr32";
            case WAIT -> "fwait";
            case 0x26, 0x2E, 0x36, 0x3E -> SEGMENTS[b >> 3 & 3];
            case 0x64, 0x65 -> SEGMENTS[b & 7];
            default -> null;
        };
    }

    int count() {
        return count;
    }

    /** True if a REX prefix was the last one. A prefix after it makes it one without an instruction. */
    boolean hasRex() {
        return rex != 0;
    }

    /** REX without consulting it. */
    int rex() {
        return rex;
    }

    /** REX as a VEX prefix says it. */
    void vex(int bits) {
        rex = 0x40 | bits;
        rexUsed = rex;
    }

    boolean hasWait() {
        return lastWait >= 0;
    }

    boolean hasData() {
        return lastData >= 0;
    }

    boolean hasRepeat() {
        return lastRep >= 0 || lastRepne >= 0;
    }

    boolean hasLock() {
        return lastLock >= 0;
    }

    /** Names of prefixes before WAIT, where that is an instruction of its own. */
    String beforeWait() {
        count = lastWait;
        return unused();
    }

    /** Bytes up to WAIT and with it. */
    int lengthToWait() {
        return lastWait + 1;
    }

    /** LOCK is part of the register's number, as of CR8. */
    void useLock() {
        use(lastLock);
    }

    /** The mandatory prefix as a bit of {@link Encoding}: F3 and F2, the last of them, go before 66. */
    int mandatory() {
        return lastRep > lastRepne ? Encoding.F3 : lastRepne >= 0 ? Encoding.F2 : lastData >= 0 ? Encoding.P66
                : Encoding.NP;
    }

    void useMandatory(int bit) {
        use(switch (bit) {
            case Encoding.F3 -> lastRep;
            case Encoding.F2 -> lastRepne;
            case Encoding.P66 -> lastData;
            default -> -1;
        });
    }

    private void use(int place) {
        if (place >= 0) {
            names[place] = null;
        }
    }

    /** One bit of REX, which now has a meaning: 0 or 8 (for the fourth bit of a register's number). */
    int rexBit(int bit) {
        if ((rex & bit) == 0) {
            return 0;
        }
        rexUsed |= bit | 0x40;
        return 8;
    }

    /** True if REX is there, whatever its bits: byte registers 4 to 7 are others then. */
    boolean rexForBytes(int number) {
        if (rex != 0 && number >= 4) {
            rexUsed |= 0x40;
        }
        return rex != 0;
    }

    /** Operand size in bytes: 2, 4 or 8. */
    int operandSize() {
        return rexBit(REX_W) != 0 ? 8 : narrowSize();
    }

    /** Operand size without REX.W. */
    int narrowSize() {
        if (lastData < 0) {
            return mode.operandBytes();
        }
        use(lastData);
        return 6 - mode.operandBytes();
    }

    /** Operand size of an instruction that has 64 bits by default in 64-bit code. */
    int stackSize() {
        if (mode != CodeMode.BITS_64) {
            return narrowSize();
        }
        if (lastData < 0 || (rex & REX_W) != 0) {
            return 8;
        }
        use(lastData);
        return 2;
    }

    /** Address size in bytes, without consulting the prefix. */
    int addressSize() {
        return lastAddress < 0 ? mode.bytes() : mode == CodeMode.BITS_32 ? 2 : 4;
    }

    void useAddressSize() {
        use(lastAddress);
    }

    /** DS:rSI takes each override, though in 64-bit code it has no effect. */
    void useSegment() {
        use(lastSegment);
    }

    /** The segment that overrides, or -1. */
    int segment() {
        if (segment >= 0) {
            use(lastSegment);
        }
        return segment;
    }

    void rename(Encoding encoding, boolean memory) {
        boolean exchange = memory && (encoding.has(Encoding.HLE) && lastLock >= 0 || encoding.has(Encoding.EXCHANGE));
        if (lastRep >= 0 && names[lastRep] != null) {
            if (encoding.has(Encoding.REP)) {
                names[lastRep] = "rep";
            } else if (lastRep > lastRepne && (exchange || memory && encoding.has(Encoding.RELEASE))) {
                names[lastRep] = "xrelease";
            }
        }
        if (lastRepne >= 0 && names[lastRepne] != null) {
            if (encoding.has(Encoding.BND)) {
                names[lastRepne] = "bnd";
            } else if (exchange) {
                names[lastRepne] = "xacquire";
            }
        }
    }

    /** DS before an indirect jump is no segment. */
    void notrack() {
        if ((hints & 8) != 0 && (mode != CodeMode.BITS_64 || lastData < 0)) {
            names[lastSegment] = "notrack";
            segment = -1;
        }
    }

    /** The hint of a conditional jump in AT&amp;T's style: {@code ,pn} or {@code ,pt}, or nothing. */
    String hint() {
        int hint = hints & 10;
        if (hint != 2 && hint != 8) {
            return "";
        }
        use(lastSegment);
        return hint == 2 ? ",pn" : ",pt";
    }

    /** Forgets which prefixes have a meaning: for bytes that turn out to be no instruction. */
    String unused() {
        if (lastRex >= 0 && (rex & 0x4F) == (rexUsed & 0x4F) && rexUsed != 0) {
            names[lastRex] = null;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            if (names[i] != null) {
                text.append(names[i]).append(' ');
            }
        }
        return text.toString();
    }
}

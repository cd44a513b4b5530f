package jkvm.soft.cpu;

/**
 * The arithmetic flags, computed when they are asked for. An instruction leaves a kind and up to three values, all
 * sign-extended from its operand size, so that the size needs no remembering:
 * <table>
 * <caption>What the kinds mean</caption>
 * <tr><th>kind</th><th>a</th><th>b</th><th>result</th></tr>
 * <tr><td>RAW</td><td>the flags at their places in RFLAGS</td><td></td><td></td></tr>
 * <tr><td>ADD, ADC (carry was 1)</td><td>first operand</td><td>second</td><td>sum</td></tr>
 * <tr><td>SUB, SBB (borrow was 1)</td><td>first operand</td><td>second</td><td>difference</td></tr>
 * <tr><td>LOGIC</td><td></td><td></td><td>result; CF, OF and AF are 0</td></tr>
 * <tr><td>INC, DEC</td><td>CF</td><td>operand</td><td>result</td></tr>
 * <tr><td>MISC</td><td>CF, AF and OF at their places</td><td></td><td>result, for SF, ZF, PF</td></tr>
 * </table>
 *
 * <p>Flags that the manuals leave undefined are as current AMD processors leave them: AND, OR, XOR, TEST clear AF;
 * shifts by a count other than 0 set it; MUL and IMUL leave SF, ZF, AF and PF alone.
 */
public final class Flags {
    public static final int RAW = 0, ADD = 1, SUB = 2, LOGIC = 3, ADC = 4, SBB = 5, INC = 6, DEC = 7, MISC = 8;

    static final int CARRY_OVERFLOW = Cpu.CF | Cpu.OF;

    private Flags() {
    }

    /** CF. */
    public static boolean carry(int kind, long a, long b, long r) {
        return switch (kind) {
            case ADD -> Long.compareUnsigned(r, a) < 0;
            case SUB -> Long.compareUnsigned(a, b) < 0;
            case LOGIC -> false;
            case ADC -> Long.compareUnsigned(r, a) <= 0;
            case SBB -> Long.compareUnsigned(a, b) <= 0;
            default -> (a & 1) != 0;
        };
    }

    /** OF. */
    static boolean overflow(int kind, long a, long b, long r) {
        return switch (kind) {
            case ADD, ADC -> ((a ^ r) & (b ^ r)) < 0;
            case SUB, SBB -> ((a ^ b) & (a ^ r)) < 0;
            case LOGIC -> false;
            case INC -> (~b & r) < 0;
            case DEC -> (b & ~r) < 0;
            default -> (a & Cpu.OF) != 0;
        };
    }

    /** The condition of Jcc, SETcc and CMOVcc, 0 to 15. */
    public static boolean condition(int cc, int kind, long a, long b, long r) {
        if (kind == RAW) {
            return raw(cc, (int) a);
        }
        boolean v = switch (cc >> 1) {
            case 0 -> overflow(kind, a, b, r);
            case 1 -> carry(kind, a, b, r);
            case 2 -> r == 0;
            case 3 -> r == 0 || carry(kind, a, b, r);
            case 4 -> r < 0;
            case 5 -> isParityEven(r);
            case 6 -> r < 0 != overflow(kind, a, b, r);
            default -> r == 0 || r < 0 != overflow(kind, a, b, r);
        };
        return v ^ (cc & 1) != 0;
    }

    private static boolean raw(int cc, int f) {
        boolean less = ((f >> 4 ^ f) & Cpu.SF) != 0;
        boolean v = switch (cc >> 1) {
            case 0 -> (f & Cpu.OF) != 0;
            case 1 -> (f & Cpu.CF) != 0;
            case 2 -> (f & Cpu.ZF) != 0;
            case 3 -> (f & (Cpu.ZF | Cpu.CF)) != 0;
            case 4 -> (f & Cpu.SF) != 0;
            case 5 -> (f & Cpu.PF) != 0;
            case 6 -> less;
            default -> less || (f & Cpu.ZF) != 0;
        };
        return v ^ (cc & 1) != 0;
    }

    static boolean isParityEven(long r) {
        return (Integer.bitCount((int) r & 0xFF) & 1) == 0;
    }

    /** All six flags at their places in RFLAGS. */
    public static int materialize(int kind, long a, long b, long r) {
        if (kind == RAW) {
            return (int) a;
        }
        int f = signZeroParity(r);
        if (kind == MISC) {
            return f | (int) a;
        }
        f |= carry(kind, a, b, r) ? Cpu.CF : 0;
        f |= overflow(kind, a, b, r) ? Cpu.OF : 0;
        if (kind == ADD || kind == SUB || kind == ADC || kind == SBB) {
            f |= (int) (a ^ b ^ r) & Cpu.AF;
        } else if (kind != LOGIC) {
            f |= (int) (b ^ r) & Cpu.AF;
        }
        return f;
    }

    /** SF, ZF and PF of a sign-extended result. */
    static int signZeroParity(long r) {
        return (r < 0 ? Cpu.SF : 0) | (r == 0 ? Cpu.ZF : 0) | (isParityEven(r) ? Cpu.PF : 0);
    }

    /** The arithmetic flags of a processor. */
    public static int arithmetic(Cpu cpu) {
        return materialize(cpu.flagKind, cpu.flagA, cpu.flagB, cpu.flagResult);
    }

    /** The whole of RFLAGS. */
    public static int all(Cpu cpu) {
        return arithmetic(cpu) | cpu.systemFlags | Cpu.RESERVED_1;
    }

    /** Sets the arithmetic flags alone; other bits of the value do not matter. */
    public static void setArithmetic(Cpu cpu, int flags) {
        cpu.flagKind = RAW;
        cpu.flagA = flags & Cpu.ARITHMETIC;
    }

    /** Sets the whole of RFLAGS, as it stands in the value. {@link CpuMode#refresh} is the caller's. */
    public static void setAll(Cpu cpu, long flags) {
        setArithmetic(cpu, (int) flags);
        cpu.systemFlags = (int) flags & ~Cpu.ARITHMETIC | Cpu.RESERVED_1;
    }

    /** True if CF is set. */
    public static boolean carry(Cpu cpu) {
        return carry(cpu.flagKind, cpu.flagA, cpu.flagB, cpu.flagResult);
    }

    static boolean condition(Cpu cpu, int cc) {
        return condition(cc, cpu.flagKind, cpu.flagA, cpu.flagB, cpu.flagResult);
    }

    static void set(Cpu cpu, int kind, long a, long b, long r) {
        cpu.flagKind = kind;
        cpu.flagA = a;
        cpu.flagB = b;
        cpu.flagResult = r;
    }

    /** Flags of an instruction that says what CF, AF and OF become; SF, ZF and PF come from its result. */
    static void setMisc(Cpu cpu, int flags, long r) {
        cpu.flagKind = MISC;
        cpu.flagA = flags;
        cpu.flagResult = r;
    }

    /** Changes some of the flags and leaves the others as they are. */
    static void change(Cpu cpu, int mask, int flags) {
        int all = arithmetic(cpu);
        cpu.flagKind = RAW;
        cpu.flagA = all & ~mask | flags & mask;
    }
}

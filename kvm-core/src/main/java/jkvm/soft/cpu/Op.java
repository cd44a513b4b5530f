package jkvm.soft.cpu;

/**
 * Operations, as the decoder names them. The groups are contiguous: the interpreter's loop executes the common ones
 * itself and hands each other group to the class that owns it.
 */
public final class Op {
    /** Integer group ({@code IntegerOps}). The first eight are in the order of the opcode's bits 3 to 5. */
    public static final int ADD = 0, OR = 1, ADC = 2, SBB = 3, AND = 4, SUB = 5, XOR = 6, CMP = 7, TEST = 8, MOV = 9,
            LEA = 10, XCHG = 11, INC = 12, DEC = 13, NOT = 14, NEG = 15, MUL = 16, IMUL1 = 17, DIV = 18, IDIV = 19,
            IMUL2 = 20, MOVZX8 = 21, MOVZX16 = 22, MOVSX8 = 23, MOVSX16 = 24, MOVSXD = 25, CMOV = 26, SETCC = 27,
            CBW = 28, CWD = 29, CMPXCHG = 30, XADD = 31, CMPXCHG8B = 32, BSWAP = 33, MOVBE = 34, MOVNTI = 35,
            LAHF = 36, SAHF = 37, CLC = 38, STC = 39, CMC = 40, CLD = 41, STD = 42, SALC = 43, XLAT = 44, NOP = 45,
            FENCE = 46, CLFLUSH = 47, RDRAND = 48, RDSEED = 49, BOUND = 50;
    /** Decimal adjustment: still {@code IntegerOps}. */
    public static final int DAA = 51, DAS = 52, AAA = 53, AAS = 54, AAM = 55, AAD = 56;
    /** An encoding that does not exist: #UD. A privileged one may fault otherwise first; the decoder sees to it. */
    public static final int UNDEFINED = 57;
    /** Three-operand IMUL. */
    public static final int IMUL3 = 58;

    /** Stack and near control transfers ({@code StackOps}). */
    public static final int PUSH = 64, POP = 65, PUSHA = 66, POPA = 67, PUSHF = 68, POPF = 69, ENTER = 70, LEAVE = 71,
            CALL = 72, CALL_INDIRECT = 73, RET = 74, JMP = 75, JMP_INDIRECT = 76, JCC = 77, LOOP = 78, LOOPE = 79,
            LOOPNE = 80, JCXZ = 81;

    /** Shifts, rotates and bit manipulation ({@code BitOps}). The first eight in the order of the ModRM byte. */
    public static final int ROL = 96, ROR = 97, RCL = 98, RCR = 99, SHL = 100, SHR = 101, SAL = 102, SAR = 103,
            SHLD = 104, SHRD = 105, BT = 106, BTS = 107, BTR = 108, BTC = 109, BSF = 110, BSR = 111, TZCNT = 112,
            LZCNT = 113, POPCNT = 114, CRC32 = 115, ADCX = 116, ADOX = 117, ANDN = 118, BEXTR = 119, BLSR = 120,
            BLSMSK = 121, BLSI = 122, BZHI = 123, PDEP = 124, PEXT = 125, MULX = 126, RORX = 127, SARX = 128,
            SHLX = 129, SHRX = 130;

    /** String instructions and ports ({@code StringOps}, {@code PortOps}). */
    public static final int MOVS = 140, CMPS = 141, STOS = 142, LODS = 143, SCAS = 144, INS = 145, OUTS = 146, IN = 147,
            OUT = 148;

    /** The first and last of the system group ({@code SystemOps}). */
    public static final int FIRST_SYSTEM = 160, LAST_SYSTEM = 249;
    public static final int LGDT = 160, SGDT = 161, LIDT = 162, SIDT = 163, LLDT = 164, SLDT = 165, LTR = 166,
            STR = 167, LMSW = 168, SMSW = 169, CLTS = 170, INVLPG = 171, INVPCID = 172, INVD = 173, WBINVD = 174;
    /** MOV from and to control and debug registers: number in {@link Insn#reg}, general register in {@link Insn#rm}. */
    public static final int MOV_FROM_CR = 175, MOV_TO_CR = 176, MOV_FROM_DR = 177, MOV_TO_DR = 178;
    public static final int WRMSR = 179, RDMSR = 180, RDTSC = 181, RDTSCP = 182, RDPMC = 183, CPUID = 184, HLT = 185,
            STI = 186, CLI = 187, IRET = 188;
    /** Far transfers: with {@link Insn#memory} 0 offset in imm and selector in imm2, else through memory. */
    public static final int JMP_FAR = 189, CALL_FAR = 190, RET_FAR = 191;
    /** INT n (vector in imm), INT3, INTO, INT1. */
    public static final int INT = 192, INT3 = 193, INTO = 194, INT1 = 195;
    public static final int SYSCALL = 196, SYSRET = 197, SYSENTER = 198, SYSEXIT = 199, SWAPGS = 200;
    /** LES, LSS, LDS, LFS, LGS: segment register number in imm2, general register in dst. */
    public static final int LOAD_FAR_POINTER = 201;
    /** MOV to and from a segment register (number in {@link Insn#reg}), PUSH and POP of one (number in reg too). */
    public static final int MOV_TO_SEGMENT = 202, MOV_FROM_SEGMENT = 203, PUSH_SEGMENT = 204, POP_SEGMENT = 205;
    public static final int LAR = 206, LSL = 207, VERR = 208, VERW = 209, ARPL = 210;
    public static final int XGETBV = 211, XSETBV = 212, MONITOR = 213, MWAIT = 214, RDFSBASE = 215, RDGSBASE = 216,
            WRFSBASE = 217, WRGSBASE = 218, STAC = 219, CLAC = 220, RSM = 221, VMCALL = 222, VMMCALL = 223,
            RDPID = 224;

    /** D8 to DF, WAIT and the state instructions ({@code X87Ops}). */
    public static final int X87 = 256, FWAIT = 257, FXSAVE = 258, FXRSTOR = 259, XSAVE = 260, XRSTOR = 261,
            XSAVEOPT = 262, XSAVEC = 263, XSAVES = 264, XRSTORS = 265;
    /** MMX: no mandatory prefix and 64-bit registers ({@code MmxOps}); opcode in {@link Insn#opcode}. */
    public static final int MMX = 270;
    /** SSE of all kinds, LDMXCSR, STMXCSR, MASKMOVDQU ({@code SseOps}). */
    public static final int SSE = 271;

    private Op() {
    }

    /** True for the operations that {@code SystemOps} executes. */
    public static boolean isSystem(int op) {
        return op >= FIRST_SYSTEM && op <= LAST_SYSTEM;
    }
}

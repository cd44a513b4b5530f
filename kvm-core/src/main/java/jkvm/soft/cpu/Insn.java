package jkvm.soft.cpu;

/**
 * One decoded instruction. The decoder fills it once; the interpreter and the compiler read it. Holds everything that
 * does not change from one execution to the next, so that neither looks at the bytes again. Linux has a quarter of a
 * million of them at its prompt: fields are as small as their values.
 */
public final class Insn {
    /** As {@link #base} and {@link #index}: none. The register file has a zero in this place. */
    public static final int NO_REGISTER = 16;
    /** Number of the first of AH, CH, DH, BH among byte registers; 0 to 15 are the low bytes. */
    public static final int HIGH_BYTE = 20;
    /** As {@link #segment}: a flat one with base 0, as ES, CS, SS and DS are in 64-bit mode. */
    public static final int FLAT = -1;
    /** Bits of {@link #prefixes}. A REX prefix that another prefix follows does not count, as on the processor. */
    public static final int LOCK = 1, REP = 2, REPNE = 4, OPERAND_SIZE = 8, ADDRESS_SIZE = 16, REX = 32, REX_W = 64,
            REX_R = 128, REX_X = 256, REX_B = 512, SEGMENT = 1024;

    /** The operation, a constant of {@link Op}. */
    public short op;
    /** The interpreter's switch: operation, operand kinds and size in one number. */
    public int key;
    /** Operand size in bytes: 1, 2, 4 or 8. */
    public byte size;
    /** Bytes of the instruction, 1 to 15. */
    public byte length;
    /** The register operands: of the destination and the source; -1 where the operand is memory or an immediate. */
    public byte dst = -1, src = -1;
    /** Where a memory operand stands: 0 none, 1 it is the destination, 2 it is the source. */
    public byte memory;
    /** The memory operand's address: {@code (disp + r[base] + (r[index] << scale)) & addressMask}. */
    public byte base = NO_REGISTER, index = NO_REGISTER, scale;
    /** Displacement, sign-extended; for a RIP-relative operand the whole address. */
    public long disp;
    /** All ones, 0xFFFFFFFF or 0xFFFF. */
    public long addressMask = -1;
    /** Address size in bytes: 2, 4 or 8. */
    public byte addressSize;
    /** Segment register of the memory operand, 0 to 5 (ES CS SS DS FS GS), or {@link #FLAT}. */
    public byte segment = FLAT;
    /** True where the memory operand's segment is the stack's: faults of its address are #SS. */
    public boolean stack;
    /** The immediate, sign-extended to 64 bits; a second one (ENTER, far pointers) in {@link #imm2}. */
    public long imm, imm2;
    /** RIP (EIP, IP) of the instruction: an offset into the code segment, not a linear address. */
    public long pc;
    /** Where a near jump with an immediate goes. */
    public long target;
    /** Condition of Jcc, SETcc, CMOVcc: 0 to 15. */
    public byte condition;
    /** Opcode map and byte: 0x000 one-byte, 0x100 0F, 0x200 0F38, 0x300 0F3A. */
    public short opcode;
    /** The ModRM byte and its fields with REX applied; -1 where there is none. */
    public short modrm = -1;
    public byte reg, rm;
    /** VEX: the register in vvvv, and bits 128 (0) or 256 (1) of its L; the implied prefix is in {@link #prefixes}. */
    public byte vvvv, vectorLength;
    /** Prefix bits of this class. For SSE the mandatory prefix can be read from REP, REPNE and OPERAND_SIZE. */
    public short prefixes;

    /** True where the instruction is the last of its block: the loop has set {@link Cpu#rip} to the next one before. */
    public boolean ends;

    /** RIP after this instruction; outside 64-bit code truncated to 32 bits. */
    public long after;

    /** Kind of an SSE instruction, set by {@link SseOps} when it is executed first; 0 before. */
    short form;

    /** RIP after this instruction. */
    public long next() {
        return after;
    }
}

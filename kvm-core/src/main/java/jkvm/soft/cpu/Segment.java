package jkvm.soft.cpu;

/** A segment register with its hidden part (SDM 3.4.3). Also LDTR and TR. Plain data; belongs to its vCPU's thread. */
public final class Segment {
    /** Register numbers of {@link Cpu#segments}. */
    public static final int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5, LDTR = 6, TR = 7;
    /** Bits of {@link #access}: the descriptor's second word, bits 8 to 23, shifted right by 8. */
    public static final int TYPE_MASK = 0xF, S_BIT = 0x10, DPL_SHIFT = 5, PRESENT_BIT = 0x80, AVL_BIT = 0x1000,
            L_BIT = 0x2000, DB_BIT = 0x4000, G_BIT = 0x8000;

    public int selector;
    /** Linear address of the first byte. */
    public long base;
    /** Last valid offset in bytes, granularity applied; 0 to 0xFFFFFFFF. */
    public long limit;
    /** Attributes: type, S, DPL, P, AVL, L, D/B, G. */
    public int access;
    /** True where the register holds nothing usable (a null selector in protected mode). */
    public boolean unusable;

    public int type() {
        return access & TYPE_MASK;
    }

    public int dpl() {
        return access >> DPL_SHIFT & 3;
    }

    public boolean isPresent() {
        return (access & PRESENT_BIT) != 0;
    }

    /** D/B: default size 32 bits of code, 32-bit stack pointer of a stack segment. */
    public boolean isBig() {
        return (access & DB_BIT) != 0;
    }

    /** L: 64-bit code. */
    public boolean isLong() {
        return (access & L_BIT) != 0;
    }

    public void set(int selector, long base, long limit, int access) {
        this.selector = selector;
        this.base = base;
        this.limit = limit;
        this.access = access;
        this.unusable = false;
    }

    public void copy(Segment other) {
        set(other.selector, other.base, other.limit, other.access);
        unusable = other.unusable;
    }
}

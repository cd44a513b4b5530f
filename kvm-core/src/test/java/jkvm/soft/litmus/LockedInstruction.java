package jkvm.soft.litmus;

/** The kinds of counters of {@code counters.S}, in its order. */
enum LockedInstruction {
    INC8(1), ADD16(2), SUB32(4), XADD32(4), XADD64(8), CMPXCHG32(4), CMPXCHG64(8), CMPXCHG8B(8), CMPXCHG16B(16),
    /** A bit that is a lock, free if it is 0; and one that is free if it is 1. */
    BTS(4), BTR(4),
    /** A lock that a plain store gives back. */
    XCHG(4), ADC64(8);

    /** Bytes of the operand. */
    final int size;

    LockedInstruction(int size) {
        this.size = size;
    }

    /** The operand is a lock, and what counts lies apart. */
    boolean isGuard() {
        return this == BTS || this == BTR || this == XCHG;
    }
}

package jkvm.disassembler;

/** The size of code, which the code segment's descriptor says: default sizes of operands and addresses follow. */
public enum CodeMode {
    /** Real mode, virtual 8086 mode, and 16-bit segments. */
    BITS_16(2),
    /** 32-bit segments. */
    BITS_32(4),
    /** 64-bit mode. */
    BITS_64(8);

    private final int bytes;

    CodeMode(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of an address. */
    int bytes() {
        return bytes;
    }

    /** Bytes of an operand where no prefix says otherwise. */
    int operandBytes() {
        return this == BITS_16 ? 2 : 4;
    }

    /**
     * The mode that a code segment gives.
     *
     * @param longMode   EFER.LMA and the descriptor's L bit
     * @param bigDefault the descriptor's D bit
     */
    public static CodeMode of(boolean longMode, boolean bigDefault) {
        return longMode ? BITS_64 : bigDefault ? BITS_32 : BITS_16;
    }
}

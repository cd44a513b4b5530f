package jkvm.disassembler;

/** One operand of an {@link Instruction}. */
public sealed interface Operand {
    /** A register by its name in Intel's style: {@code eax}, {@code xmm3}, {@code st(1)}. */
    record Register(String name) implements Operand {
        /**
         * A general register, but for AH to BH.
         *
         * @param number 0 to 15
         * @param bytes  1, 2, 4 or 8
         */
        public static Register general(int number, int bytes) {
            return new Register(Registers.general(number, bytes, true));
        }
    }

    /** A constant; one that the processor extends is given extended. */
    record Immediate(long value) implements Operand {
    }

    /** The destination of a near jump or call. */
    record Target(long address) implements Operand {
    }

    /** The destination of a far jump or call. */
    record FarTarget(int selector, long offset) implements Operand {
    }

    /** The port that DX names. */
    record Port() implements Operand {
    }

    /** A jump or call through this register or memory. */
    record Indirect(Operand place) implements Operand {
    }

    /** An operand that the encoding does not allow. */
    record Bad() implements Operand {
    }

    /**
     * A place in memory: segment, base + index * scale + displacement.
     *
     * @param segment      0 to 5 for ES, CS, SS, DS, FS, GS where the text names it, else -1
     * @param base         number of the base register, {@link #NONE}, or {@link #RIP}
     * @param index        number of the index register, {@link #NONE}, or {@link #ZERO}
     * @param scale        1, 2, 4 or 8; 0 for the index of a 16-bit address
     * @param displacement extended to 64 bits
     * @param displaced    true if the text shows the displacement
     * @param addressBytes 2, 4 or 8
     * @param size         of the operand
     */
    record Memory(int segment, int base, int index, int scale, long displacement, boolean displaced, int addressBytes,
                  Size size) implements Operand {
        /** No register. */
        public static final int NONE = -1;
        /** As a base: the address of the next instruction. */
        public static final int RIP = -2;
        /** As an index: the encoding has one that is no register; the text says RIZ. */
        public static final int ZERO = -3;

        /** True if neither base nor index is a register. */
        boolean isAbsolute() {
            return base == NONE && index == NONE;
        }

        Memory withSize(Size newSize) {
            return new Memory(segment, base, index, scale, displacement, displaced, addressBytes, newSize);
        }
    }

    /** How many bytes of memory an operand has. */
    enum Size {
        /** None, or a number that the text does not say. */
        NONE(0, ""), BYTE(1, "BYTE"), WORD(2, "WORD"), DWORD(4, "DWORD"), FWORD(6, "FWORD"), QWORD(8, "QWORD"),
        TBYTE(10, "TBYTE"), XMMWORD(16, "XMMWORD"), OWORD(16, "OWORD");

        private final int bytes;
        private final String word;

        Size(int bytes, String word) {
            this.bytes = bytes;
            this.word = word;
        }

        /** The number of bytes, 0 for {@link #NONE}. */
        public int bytes() {
            return bytes;
        }

        String word() {
            return word;
        }

        static Size of(int bytes) {
            return switch (bytes) {
                case 1 -> BYTE;
                case 2 -> WORD;
                case 4 -> DWORD;
                case 6 -> FWORD;
                case 8 -> QWORD;
                case 10 -> TBYTE;
                case 16 -> XMMWORD;
                default -> NONE;
            };
        }
    }
}

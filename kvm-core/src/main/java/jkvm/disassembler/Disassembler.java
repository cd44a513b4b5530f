package jkvm.disassembler;

import java.util.Objects;

/**
 * Machine code as text, in one of two styles. Immutable: any thread may use it.
 *
 * {@snippet :
 * byte[] code = {(byte) 0x8B, 0x45, (byte) 0xFC};
 * Disassembler.intel().decode(CodeMode.BITS_64, 0x1000, code, 0).text();  // mov    eax,DWORD PTR [rbp-0x4]
 * Disassembler.att().decode(CodeMode.BITS_64, 0x1000, code, 0).text();    // mov    -0x4(%rbp),%eax
 * }
 */
public final class Disassembler {
    /** More bytes than this no instruction has. */
    public static final int MAX_LENGTH = 15;

    private final Style style;
    private final OpcodeTable table;

    private Disassembler(Style style) {
        this.style = style;
        table = Holder.TABLE;
    }

    /** The table is made when the first disassembler is. */
    private static final class Holder {
        static final OpcodeTable TABLE = new OpcodeTable();
    }

    /** Intel's style, as {@code objdump -M intel} prints it. */
    public static Disassembler intel() {
        return new Disassembler(new IntelStyle());
    }

    /** AT&amp;T's style, as {@code objdump} prints it. */
    public static Disassembler att() {
        return new Disassembler(new AttStyle());
    }

    /**
     * Decodes one instruction. Bytes that are none, and an instruction that is not all there, are
     * {@code (bad)}, with a length of the prefixes and the opcode.
     *
     * @param address of the first byte, which targets of jumps count from
     * @param code    bytes, {@link #MAX_LENGTH} from {@code offset} if there are so many
     * @throws IndexOutOfBoundsException if there is no byte at {@code offset}
     */
    public Instruction decode(CodeMode mode, long address, byte[] code, int offset) {
        Objects.checkIndex(offset, code.length);
        return new InstructionDecoder(table, mode, address, code, offset).decode(style);
    }
}

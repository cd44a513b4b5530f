package jkvm.disassembler;

import java.util.List;

/**
 * One instruction.
 *
 * @param address  of its first byte
 * @param length   bytes, at least 1
 * @param mnemonic its name, without prefixes; {@code (bad)} where the bytes are no instruction, {@code (avx)} or
 *                 {@code (avx512)} for one that is not known here
 * @param operands in Intel's order: the destination first
 * @param text     the line: prefixes, name and operands in the style that was asked for
 */
public record Instruction(long address, int length, String mnemonic, List<Operand> operands, String text) {
    /** The text of bytes that are no instruction. */
    public static final String BAD = "(bad)";

    /** True if the bytes are an instruction that is known here. */
    public boolean isKnown() {
        return mnemonic.charAt(0) != '(';
    }
}

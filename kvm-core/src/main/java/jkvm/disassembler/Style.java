package jkvm.disassembler;

import java.util.List;

/** How a line looks. */
abstract sealed class Style permits IntelStyle, AttStyle {
    private static final int NAME_WIDTH = 6;

    abstract boolean isAtt();

    abstract String operand(Operand operand);

    /**
     * The whole line.
     *
     * @param prefixes  names, each with a blank after it
     * @param keepOrder true if AT&amp;T's order is Intel's
     */
    String line(String prefixes, String name, List<Operand> operands, boolean keepOrder) {
        StringBuilder line = new StringBuilder(prefixes).append(name);
        String separator = " ";
        for (int i = 0; i < operands.size(); i++) {
            String text = operand(operands.get(isAtt() && !keepOrder ? operands.size() - 1 - i : i));
            if (text.isEmpty()) {
                continue;
            }
            if (separator.equals(" ")) {
                line.repeat(' ', Math.max(0, NAME_WIDTH - line.length()));
            }
            line.append(separator).append(text);
            separator = ",";
        }
        return line.toString();
    }

    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** A displacement with its sign. */
    static String signed(long value) {
        return value < 0 ? "-0x" + Long.toHexString(-value) : hex(value);
    }

    /** A displacement that is the whole address. */
    static String absolute(Operand.Memory memory) {
        int bytes = memory.addressBytes();
        return hex(bytes == 8 ? memory.displacement() : memory.displacement() & (1L << 8 * bytes) - 1);
    }

    static String base(Operand.Memory memory) {
        int bytes = memory.addressBytes();
        return memory.base() == Operand.Memory.RIP ? bytes == 8 ? "rip" : "eip"
                : Registers.general(memory.base(), bytes, false);
    }

    static String index(Operand.Memory memory) {
        int bytes = memory.addressBytes();
        return memory.index() == Operand.Memory.ZERO ? bytes == 8 ? "riz" : "eiz"
                : Registers.general(memory.index(), bytes, false);
    }
}

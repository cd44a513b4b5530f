package jkvm.disassembler;

/**
 * An instruction's name in one style. A mark at the end of a name in the tables says when a letter for the size
 * is added (AT&amp;T's b w l q, Intel's w d q):
 *
 * <ul>
 * <li>{@code ~} AT&amp;T's, if the operand is memory; {@code +} AT&amp;T's, always;
 * <li>{@code !} both styles, always; {@code ^} both, if the size is unusual; {@code $} AT&amp;T's, if the size is
 * not the mode's; {@code %} the same if the operand is memory;
 * <li>{@code ?} both, by REX.W alone; {@code &} AT&amp;T's in 64-bit code, by REX.W, if the operand is memory;
 * <li>{@code @} AT&amp;T's, by an address size that is not the mode's; {@code #} one of three names by address size;
 * <li>{@code :} as {@code ^}, with s for w in AT&amp;T's.
 * </ul>
 */
final class Names {
    private static final String MARKS = "~+!^$%?&@#:";
    private static final String[] PREDICATES = {"eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord"};

    private final Encoding encoding;
    private final Prefixes prefixes;
    private final CodeMode mode;

    Names(Encoding encoding, Prefixes prefixes, CodeMode mode) {
        this.encoding = encoding;
        this.prefixes = prefixes;
        this.mode = mode;
    }

    /**
     * The name.
     *
     * @param memory    the memory operand, or null
     * @param predicate the immediate that the name takes up, or -1
     */
    String name(boolean att, Operand.Memory memory, int predicate) {
        String[] variants = att ? encoding.att() : encoding.intel();
        String last = variants[variants.length - 1];
        char mark = MARKS.indexOf(last.charAt(last.length() - 1)) >= 0 ? last.charAt(last.length() - 1) : 0;
        String name = variants[variants.length == 1 ? 0 : variant(mark, variants)];
        name = mark != 0 && name.charAt(name.length() - 1) == mark ? name.substring(0, name.length() - 1) : name;
        name += mark == 0 ? "" : letter(mark, att, memory);
        if (att && encoding.has(Encoding.JCC)) {
            name += prefixes.hint();
        }
        return predicate < 0 ? name : withPredicate(name, predicate);
    }

    private int variant(char mark, String[] variants) {
        if (variants[0].equals(variants[1]) && mark != '#') {
            return prefixes.rexBit(Prefixes.REX_W) != 0 ? 2 : 1;
        }
        int size = prefixes.addressSize();
        if (mark != '#') {
            size = size();
        } else if (encoding.has(Encoding.JCC)) {
            prefixes.useAddressSize();
        }
        return size == 2 ? 0 : size == 4 ? 1 : 2;
    }

    private String letter(char mark, boolean att, Operand.Memory memory) {
        return switch (mark) {
            case '~' -> att && memory != null ? letter(memory.size().bytes(), true) : "";
            case '+' -> att ? letter(size(), true) : "";
            case '!' -> letter(size(), att);
            case '^' -> unusual(att, size());
            case ':' -> att ? unusual(true, prefixes.narrowSize()).replace('w', 's')
                    : unusual(false, prefixes.narrowSize());
            case '$' -> att ? unusual(true, narrowOrStack()) : "";
            case '%' -> att && memory != null ? unusual(true, narrowOrStack()) : "";
            case '?' -> letter(prefixes.rexBit(Prefixes.REX_W) != 0 ? 8 : 4, att);
            case '&' -> att && memory != null && mode == CodeMode.BITS_64 ? letter(memory.size().bytes(), true) : "";
            case '@' -> att ? loop() : "";
            default -> "";
        };
    }

    private String unusual(boolean att, int size) {
        int usual = isStack() && mode == CodeMode.BITS_64 ? 8 : mode.operandBytes();
        return size == usual ? "" : letter(size, att);
    }

    private String loop() {
        int size = prefixes.addressSize();
        prefixes.useAddressSize();
        return size == mode.bytes() ? "" : letter(size, true);
    }

    private int size() {
        return isStack() ? prefixes.stackSize() : prefixes.operandSize();
    }

    private int narrowOrStack() {
        return isStack() ? prefixes.stackSize() : prefixes.narrowSize();
    }

    private boolean isStack() {
        return encoding.has(Encoding.D64) || encoding.has(Encoding.N64);
    }

    private static String letter(int size, boolean att) {
        return switch (size) {
            case 1 -> "b";
            case 2 -> "w";
            case 4 -> att ? "l" : "d";
            case 8 -> "q";
            default -> "";
        };
    }

    private String withPredicate(String name, int predicate) {
        if (encoding.has(Encoding.COMPARE)) {
            return name.substring(0, 3) + PREDICATES[predicate] + name.substring(3);
        }
        return "pclmul" + ((predicate & 1) != 0 ? "h" : "l") + "q" + ((predicate & 16) != 0 ? "h" : "l") + "qdq";
    }
}

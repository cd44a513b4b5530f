package jkvm.disassembler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The tables, read from their text. A line is {@code [PREFIX.]OPCODE[/REG][m|r][=MODRM] NAME [OPERANDS] [FLAGS]}.
 *
 * <ul>
 * <li>PREFIX is mandatory: {@code np} none, {@code 66}, {@code f3}, {@code f2}; {@code mx} none or 66, with MMX or
 * XMM registers. Without it any prefix may stand there.
 * <li>{@code /REG} is the ModRM byte's register field, {@code m} and {@code r} say that it names memory or a register,
 * {@code =MODRM} is all of it. The first line that fits is taken.
 * <li>NAME: {@code INTEL|ATT}, each {@code 16/32/64} where it depends on the operand size; a mark at its end says when
 * a letter for the size is added ({@link Names}). {@code {ps,pd,ss,sd}} in it stands for four lines with mandatory
 * prefixes; {@code -} leaves one out.
 * <li>OPERANDS are in Intel's order, letters of {@link OperandSpec.Kind} with a size: b w d q x t for 1 to 16 bytes, v
 * the operand size, z the same of an immediate of at most 32 bits, y 32 or 64 bits, n none; the rest is in
 * {@link InstructionDecoder}.
 * <li>FLAGS are those of {@link Encoding} in small letters.
 * </ul>
 */
final class OpcodeTable {
    /** In the order of their bits. */
    private static final List<String> FLAGS = List.of("i64", "o64", "d64", "n64", "rep", "bnd", "notrack", "hle",
            "release", "jcc", "keep", "compare", "carryless", "exchange", "attonly");
    private static final String[] COLUMNS = {"np.", "66.", "f3.", "f2."};
    private static final String MEMORY_SIZES = "xxdq";
    private static final Encoding[] NO_ENCODINGS = {};
    private static final int MAPS = 4;

    private final Encoding[][] encodings = new Encoding[2 * MAPS * 256][];

    OpcodeTable() {
        Arrays.fill(encodings, NO_ENCODINGS);
        Stream.of(IntegerOpcodes.ONE_BYTE, IntegerOpcodes.TWO_BYTE, IntegerOpcodes.THREE_BYTE, SimdOpcodes.TWO_BYTE,
                SimdOpcodes.THREE_BYTE, X87Opcodes.TEXT).flatMap(String::lines).forEach(line -> add(line, 0));
        repeated().forEach(line -> add(line, 0));
        IntegerOpcodes.VEX.lines().forEach(line -> add(line, MAPS));
    }

    /**
     * Finds an instruction.
     *
     * @param map    0 for one byte, 1 for 0F, 2 for 0F38, 3 for 0F3A; plus 4 after VEX
     * @param prefix the mandatory prefix that is there, a bit of {@link Encoding}
     * @return null if there is none
     */
    Encoding find(int map, int opcode, int prefix, int modrm, boolean is64) {
        for (Encoding encoding : encodings[map << 8 | opcode]) {
            if (encoding.matches(prefix, modrm, is64)) {
                return encoding;
            }
        }
        return null;
    }

    /** True if an instruction with this opcode has a ModRM byte. */
    boolean hasModRm(int map, int opcode) {
        for (Encoding encoding : encodings[map << 8 | opcode]) {
            if (encoding.hasModRm()) {
                return true;
            }
        }
        return false;
    }

    /** True if F2 or F3 makes another instruction of this opcode: then 66 is taken as well. */
    boolean selectsByPrefix(int map, int opcode, int modrm, boolean is64) {
        for (Encoding encoding : encodings[map << 8 | opcode]) {
            int repeat = encoding.prefixes() & (Encoding.F2 | Encoding.F3);
            if (encoding.modrm() < 0 && repeat != 0 && encoding.matches(repeat, modrm, is64)) {
                return true;
            }
        }
        return false;
    }

    /** Lines for the rows of the maps that repeat one form. */
    private static List<String> repeated() {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String name = IntegerOpcodes.ARITHMETIC[i];
            String hle = i == 7 ? "" : " hle";
            String[] forms = {" Eb,Gb" + hle, " Ev,Gv" + hle, " Gb,Eb", " Gv,Ev", " AL,Ib", " rAX,Iz"};
            for (int form = 0; form < forms.length; form++) {
                lines.add("%02x %s%s".formatted(i << 3 | form, name, forms[form]));
            }
            lines.add("80/%d %s~ Eb,Ib%s".formatted(i, name, hle));
            lines.add("81/%d %s~ Ev,Iz%s".formatted(i, name, hle));
            lines.add("82/%d %s~ Eb,Ib i64%s".formatted(i, name, hle));
            lines.add("83/%d %s~ Ev,Is%s".formatted(i, name, hle));
            String shift = IntegerOpcodes.SHIFTS[i];
            String[] counts = {"c0/%d %s~ Eb,Ib", "c1/%d %s~ Ev,Ib", "d0/%d %s~ Eb,ONE", "d1/%d %s~ Ev,ONE",
                "d2/%d %s~ Eb,CL", "d3/%d %s~ Ev,CL"};
            for (String count : counts) {
                lines.add(count.formatted(i, shift));
            }
            String unary = IntegerOpcodes.UNARY[i];
            String rest = i < 2 ? ",Ib" : i < 4 ? " hle" : "";
            lines.add("f6/%d %s~ Eb%s".formatted(i, unary, rest));
            lines.add("f7/%d %s~ Ev%s".formatted(i, unary, rest.replace('b', 'z')));
            String operation = X87Opcodes.ARITHMETIC[i];
            lines.add("d8/%dm f%s|f%2$ss Md".formatted(i, operation));
            lines.add("da/%dm fi%s|fi%2$sl Md".formatted(i, operation));
            lines.add("dc/%dm f%s|f%2$sl Mq".formatted(i, operation));
            lines.add("de/%dm fi%s|fi%2$ss Mw".formatted(i, operation));
        }
        for (int i = 0; i < 16; i++) {
            String condition = IntegerOpcodes.CONDITIONS[i];
            lines.add("7%x j%s Jb jcc bnd".formatted(i, condition));
            lines.add("0f8%x j%s Jz n64 jcc bnd".formatted(i, condition));
            lines.add("0f4%x cmov%s Gv,Ev".formatted(i, condition));
            lines.add("0f9%x set%s Eb".formatted(i, condition));
        }
        return lines;
    }

    private void add(String line, int firstMap) {
        int brace = line.indexOf('{');
        if (brace < 0) {
            addOne(line, firstMap);
            return;
        }
        String[] variants = line.substring(brace + 1, line.indexOf('}')).split(",");
        for (int column = 0; column < variants.length; column++) {
            if (!variants[column].equals("-")) {
                addOne(COLUMNS[column] + line.replaceFirst("\\{.*}", variants[column])
                        .replace('#', MEMORY_SIZES.charAt(column)), firstMap);
            }
        }
    }

    private void addOne(String line, int firstMap) {
        String[] words = line.split(" ");
        Key key = Key.of(words[0]);
        int next = 2;
        OperandSpec[] operands = {};
        if (words.length > 2 && !isFlag(words[2])) {
            operands = Arrays.stream(words[2].split(",")).map(OperandSpec::of).toArray(OperandSpec[]::new);
            next = 3;
        }
        int flags = 0;
        for (; next < words.length; next++) {
            flags |= 1 << FLAGS.indexOf(words[next]);
        }
        String[] styles = words[1].replace('_', ' ').split("\\|");
        put(key.opcodes, firstMap, new Encoding(key.prefixes, key.modrm, key.reg, key.form, styles[0].split("/"),
                styles[styles.length - 1].split("/"), operands, flags));
    }

    /** The first word of a line. */
    private record Key(int prefixes, String opcodes, int modrm, int reg, char form) {
        static Key of(String word) {
            int dot = word.indexOf('.');
            int prefixes = dot < 0 ? 0 : switch (word.substring(0, dot)) {
                case "np" -> Encoding.NP;
                case "66" -> Encoding.P66;
                case "f3" -> Encoding.F3;
                case "f2" -> Encoding.F2;
                default -> Encoding.NP | Encoding.P66;
            };
            char last = word.charAt(word.length() - 1);
            char form = last == 'm' || last == 'r' ? last : 0;
            String rest = word.substring(dot + 1, word.length() - (form == 0 ? 0 : 1));
            int mark = Math.max(rest.indexOf('/'), rest.indexOf('='));
            if (mark < 0) {
                return new Key(prefixes, rest, -1, -1, form);
            }
            int value = Integer.parseInt(rest.substring(mark + 1), 16);
            boolean isReg = rest.charAt(mark) == '/';
            return new Key(prefixes, rest.substring(0, mark), isReg ? -1 : value, isReg ? value : -1, form);
        }
    }

    private static boolean isFlag(String word) {
        return FLAGS.contains(word);
    }

    private void put(String range, int firstMap, Encoding encoding) {
        String[] ends = range.split("-");
        int first = index(ends[0], firstMap);
        int last = index(ends[ends.length - 1], firstMap);
        for (int i = first; i <= last; i++) {
            Encoding[] old = encodings[i];
            encodings[i] = Arrays.copyOf(old, old.length + 1);
            encodings[i][old.length] = encoding;
        }
    }

    private static int index(String opcode, int firstMap) {
        int map = opcode.startsWith("0f38") && opcode.length() == 6 ? 2
                : opcode.startsWith("0f3a") && opcode.length() == 6 ? 3
                : opcode.startsWith("0f") && opcode.length() == 4 ? 1 : 0;
        return firstMap + map << 8 | Integer.parseInt(opcode.substring(opcode.length() - 2), 16);
    }
}

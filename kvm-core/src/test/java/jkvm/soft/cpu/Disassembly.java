package jkvm.soft.cpu;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Compares a decoded instruction with a line of objdump's listing (Intel syntax). */
final class Disassembly {
    private static final Set<String> PREFIXES = Set.of("lock", "rep", "repz", "repnz", "repe", "repne", "data16",
            "data32", "addr16", "addr32", "cs", "ds", "es", "ss", "fs", "gs", "rex", "xacquire", "xrelease", "bnd",
            "notrack");
    private static final List<String> CONDITIONS = List.of("o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p",
            "np", "l", "ge", "le", "g");
    private static final Map<String, Integer> OPERATIONS = new HashMap<>();

    static {
        int op = Op.ADD;
        for (String name : "add or adc sbb and sub xor cmp test mov lea xchg inc dec not neg mul".split(" ")) {
            put(op++, name);
        }
        put(Op.DIV, "div");
        put(Op.IDIV, "idiv");
        put(Op.MOV, "movabs");
        put(Op.MOVSXD, "movsxd");
        put(Op.XADD, "xadd");
        put(Op.CMPXCHG, "cmpxchg");
        put(Op.CMPXCHG8B, "cmpxchg8b", "cmpxchg16b");
        put(Op.BSWAP, "bswap");
        put(Op.MOVBE, "movbe");
        put(Op.MOVNTI, "movnti");
        put(Op.XLAT, "xlat");
        put(Op.RDRAND, "rdrand");
        put(Op.RDSEED, "rdseed");
        put(Op.BOUND, "bound");
        put(Op.PUSH, "push", "pushw", "pushq");
        put(Op.CALL, "call", "callw");
        put(Op.RET, "ret", "retw");
        put(Op.JMP, "jmp", "jmpw");
        put(Op.ENTER, "enter", "enterw");
        put(Op.LEAVE, "leave", "leavew");
        op = Op.ROL;
        for (String name : ("rol ror rcl rcr shl shr shl sar shld shrd bt bts btr btc bsf bsr tzcnt lzcnt popcnt crc32"
                + " adcx adox andn bextr blsr blsmsk blsi bzhi pdep pext mulx rorx sarx shlx shrx").split(" ")) {
            put(op++, name);
        }
        put(Op.SHL, "shl");
    }

    /** Instructions that this processor does not have. */
    private static final Pattern OTHERS = Pattern.compile(
            "femms|getsec|vm(ptrld|ptrst|clear|xon|xoff|launch|resume|func|read|write|run|load|save)|wru?ss[dq]"
            + "|skinit|stgi|clgi|invlpga|inv(ept|vpid)|xcrypt.*|xsha.*|xstore.*|montmul|ptwrite|encl[vus]|tpause"
            + "|umwait|umonitor|rdsspd|rdsspq|incsspd|incsspq|saveprevssp|rstorssp|clrssbsy|setssbsy"
            + "|x(begin|end|test|abort)|clzero|rdpru|monitorx|mwaitx|pconfig|wrpkru|rdpkru|cldemote|clui|stui"
            + "|testui|uiret|senduipi|mcommit|psmash|pvalidate|rmp.*|serialize|xsusldtrk|xresldtrk|xsetbv|v.*|k.*"
            + "|movdir.*|enqcmd.*|aesdecwide.*|aesencwide.*|aesenc...kl|aesdec...kl|encodekey.*|loadiwkey|hreset"
            + "|seamcall|tlbsync|invlpgb|seamops|seamret|tdcall|wbnoinvd|pf.*|pi2f.*|t(ile|dp|z).*|.*tilecfg");

    private Disassembly() {
    }

    private static void put(int op, String... names) {
        for (String name : names) {
            OPERATIONS.put(name, op);
        }
    }

    /** The difference in words, or null. */
    static String compare(byte[] bytes, String line, Insn in, int mode) {
        int tab = line.indexOf('\t');
        int length = line.substring(0, tab).trim().split(" ").length;
        String text = line.substring(tab + 1).trim();
        String[] words = text.split("[ ,]+");
        int i = 0;
        while (i < words.length - 1 && isPrefix(words[i])) {
            i++;
        }
        String name = words[i].replaceAll("\\{.*", "");
        if (text.contains("(bad)") || isPrefix(name) || isOutside(name, in)) {
            return null;
        }
        String what = HexFormat.of().formatHex(bytes, 0, 15) + " is " + text + ": ";
        if (in.op == Op.UNDEFINED) {
            return isUndefined(name, text, in) ? null : what + "undefined";
        }
        if (in.length != length) {
            return what + "length " + in.length;
        }
        Integer op = OPERATIONS.get(name);
        if (op != null && op != in.op && !isAlias(name, in)) {
            return what + "operation " + in.op;
        }
        int condition = condition(name);
        return condition >= 0 && condition != in.condition ? what + "condition " + in.condition : null;
    }

    private static boolean isPrefix(String word) {
        return PREFIXES.contains(word) || word.startsWith("rex.");
    }

    private static int condition(String name) {
        String rest = name.startsWith("set") ? name.substring(3) : name.startsWith("cmov") ? name.substring(4)
                : name.startsWith("j") ? name.substring(1) : "";
        return CONDITIONS.indexOf(rest);
    }

    /** True for instructions that this processor lacks, or that the disassembler knows under other rules. */
    private static boolean isOutside(String name, Insn in) {
        // The disassembler takes WAIT for a part of the instruction that follows.
        return OTHERS.matcher(name).matches() || in.op == Op.FWAIT;
    }

    /** Right to be undefined although it has a name. */
    private static boolean isUndefined(String name, String text, Insn in) {
        boolean noRegister = name.equals("mov") && (text.contains("?") || text.contains("tr") || text.contains(" cs,"));
        boolean badPrefix = in.opcode == 0x1AE && (in.prefixes & (Insn.REP | Insn.REPNE | Insn.OPERAND_SIZE)) != 0;
        return (in.prefixes & Insn.LOCK) != 0 || name.startsWith("ud") || noRegister || badPrefix;
    }

    private static boolean isAlias(String name, Insn in) {
        return switch (name) {
            case "mov" -> in.op == Op.MOV_FROM_SEGMENT || in.op == Op.MOV_TO_SEGMENT
                    || in.op >= Op.MOV_FROM_CR && in.op <= Op.MOV_TO_DR;
            case "push", "pushw", "pushq" -> in.op == Op.PUSH_SEGMENT;
            case "call", "callw" -> in.op == Op.CALL_INDIRECT || in.op == Op.CALL_FAR;
            case "jmp", "jmpw" -> in.op == Op.JMP_INDIRECT || in.op == Op.JMP_FAR;
            case "shl" -> in.op == Op.SAL;
            case "xchg" -> in.op == Op.NOP;
            default -> Arrays.asList("ret").contains(name) && in.op == Op.RET_FAR;
        };
    }
}

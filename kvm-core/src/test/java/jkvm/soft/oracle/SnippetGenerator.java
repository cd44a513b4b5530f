package jkvm.soft.oracle;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes snippets: one instruction each, of any of the given opcodes with any operands, from a number that decides
 * everything. Addresses mostly point to memory that exists, and what an instruction expects in registers (an address to
 * return to, a divisor, a count) is mostly there.
 */
final class SnippetGenerator {
    private static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;
    private static final int[] SEGMENT_PREFIXES = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
    private static final int FS_PREFIX = 0x64, GS_PREFIX = 0x65, OPERAND_SIZE = 0x66, ADDRESS_SIZE = 0x67, LOCK = 0xF0,
            REPNE = 0xF2, REP = 0xF3;
    private static final int[] SELECTORS = {0, 3, 0x2B, 0x33, 0x23, 0x2A, 0x28, 0x10, 0x13, 0x18, 0x08, 0x43, 0x07,
            0x0F, 0x17, 0x1F, 0x27, 0x2F, 0x37, 0xFFFB, 0x2C};

    private final List<Opcode> opcodes;
    private final List<Snippet.Mode> modes;
    private SplittableRandom random;
    private Values values;
    private MemoryOperand memory;
    private StateGenerator states;
    private Snippet snippet;
    private Opcode opcode;
    private boolean isLong;
    private int addressSize;
    private int segmentPrefix;
    /** Linear address that the memory operand is made for. */
    private long target;

    /** @param modes those that the host can run, each with its weight in the number of its occurrences */
    SnippetGenerator(List<Opcode> opcodes, List<Snippet.Mode> modes) {
        this.opcodes = opcodes;
        this.modes = modes;
    }

    /** Fills the snippet. False: this number makes an instruction that must not be run; take another. */
    boolean make(long seed, Snippet out) {
        random = new SplittableRandom(mix(seed));
        values = new Values(random);
        memory = new MemoryOperand(random, values);
        states = new StateGenerator(random, values);
        snippet = out;
        out.begin(seed);
        out.mode = modes.get(random.nextInt(modes.size()));
        isLong = out.mode == Snippet.Mode.LONG;
        states.fill(out);
        opcode = opcodes.get(random.nextInt(opcodes.size()));
        out.opcode = opcode;
        out.modrm = -1;
        out.place(place());
        target = target();
        registers();
        prefixes();
        if (!body() || out.size > 40) {
            return false;
        }
        special();
        for (int i = 0; i < 16 && !isLong; i++) {
            out.in.r[i] &= 0xFFFF_FFFFL;
        }
        out.repeat = opcode.group() == Opcode.Group.STRING;
        out.step = random.nextInt(64) == 0;
        return Exclusions.mayRun(out);
    }

    /** Neighbouring seeds would give streams that are each other's continuation. */
    static long mix(long seed) {
        long z = (seed ^ seed >>> 33) * 0xFF51_AFD7_ED55_8CCDL;
        z = (z ^ z >>> 33) * 0xC4CE_B9FE_1A85_EC53L;
        return z ^ z >>> 33;
    }

    private long place() {
        return switch (random.nextInt(32)) {
            case 0 -> Windows.CODE_PAGES + Windows.CODE_SIZE - 1 - random.nextInt(12);
            case 1, 2 -> Windows.CODE_PAGES + 0x1000 - random.nextInt(12);
            default -> Windows.CODE_PAGES + 0x100 + random.nextInt(0x1E00);
        };
    }

    private long target() {
        boolean vector = opcode.group() == Opcode.Group.MMX_SSE && random.nextInt(4) != 0;
        int align = vector ? ~15 : random.nextInt(3) == 0 ? ~7 : -1;
        return switch (random.nextInt(32)) {
            case 0, 1 -> Windows.HIGH + Windows.HIGH_SIZE - random.nextInt(16);
            case 2, 3, 4 -> Windows.LOW + 256 - random.nextInt(16);
            case 5 -> Windows.READ_ONLY_PAGE + 64 + (random.nextInt(128) & align);
            case 6 -> random.nextInt(3) == 0 ? values.integer() : Windows.READ_ONLY_PAGE - 4096 + random.nextInt(64);
            case 7, 8, 9, 10, 11 -> Windows.HIGH + 64 + (random.nextInt(96) & align);
            default -> Windows.LOW + 64 + (random.nextInt(Windows.LOW_SIZE - 192) & align);
        };
    }

    /** Registers that instructions use without naming them. */
    private void registers() {
        long[] r = snippet.in.r;
        long offset = target - snippet.mode.base();
        if (opcode.group() == Opcode.Group.STRING) {
            r[RSI] = offset;
            r[RDI] = target() - snippet.mode.base();
            r[RCX] = random.nextInt(16) == 0 ? 0 : random.nextInt(20);
        } else if (random.nextInt(4) == 0) {
            r[RDI] = offset;
        }
        if (opcode.map() == 0 && opcode.value() == 0xD7) {
            r[RBX] = offset - (r[RAX] & 0xFF);
        }
        if (opcode.group() == Opcode.Group.BRANCH && opcode.value() >= 0xE0 && opcode.value() <= 0xE3
                && random.nextBoolean()) {
            r[RCX] = random.nextInt(3);
        }
    }

    private void prefixes() {
        boolean string = opcode.group() == Opcode.Group.STRING;
        boolean sse = opcode.group() == Opcode.Group.MMX_SSE;
        int mandatory = sse ? random.nextInt(4) : -1;
        snippet.operandPrefix = sse ? mandatory == 1 : random.nextInt(4) == 0;
        snippet.rep = sse ? mandatory == 2 : random.nextInt(string ? 2 : 12) == 0;
        snippet.repne = sse ? mandatory == 3 : !snippet.rep && random.nextInt(string ? 3 : 16) == 0;
        snippet.lock = random.nextInt(opcode.group() == Opcode.Group.INTEGER ? 12 : 40) == 0;
        if (opcode.map() >= 4) {
            snippet.operandPrefix = random.nextInt(40) == 0;
            snippet.rep = false;
            snippet.repne = false;
            snippet.lock = false;
        }
        boolean address = random.nextInt(12) == 0;
        addressSize = isLong ? address ? 4 : 8 : (snippet.mode.bits == 16) == address ? 4 : 2;
        snippet.addressPrefix = address;
        segmentPrefix = random.nextInt(8) == 0 ? SEGMENT_PREFIXES[random.nextInt(6)] : 0;
        int[] prefixes = {snippet.operandPrefix ? OPERAND_SIZE : 0, snippet.rep ? REP : snippet.repne ? REPNE : 0,
                snippet.lock ? LOCK : 0, address ? ADDRESS_SIZE : 0, segmentPrefix};
        int first = random.nextInt(prefixes.length);
        for (int i = 0; i < prefixes.length; i++) {
            int prefix = prefixes[(first + i) % prefixes.length];
            for (int n = prefix == 0 ? 0 : random.nextInt(200) == 0 ? random.nextInt(1, 12) : 1; n > 0; n--) {
                snippet.add(prefix);
            }
        }
        snippet.rex = isLong && random.nextBoolean() ? 0x40 | random.nextInt(16) : 0;
    }

    /** REX, opcode, ModRM, operands and immediates. */
    private boolean body() {
        if (isLong && opcode.map() == 0 && (opcode.value() & 0xF0) == 0x40) {
            return false;
        }
        if (isLong && isVexElsewhere()) {
            return false;
        }
        boolean wide = isLong && (snippet.rex & 8) != 0;
        boolean half = snippet.operandPrefix != (snippet.mode.bits == 16);
        snippet.operandSize = wide ? 8 : half ? 2 : 4;
        boolean inMemory = opcode.hasModrm() && random.nextInt(5) < 3;
        int modrm = random.nextInt(256);
        inMemory |= isVexElsewhere();
        int reg = modrm >> 3 & 7;
        int immediate = immediateSize(reg);
        if (inMemory) {
            memory.choose(operandAddress(), addressSize, snippet.in.r, isLong, false);
            if (memory.rex != 0 || snippet.rex != 0) {
                snippet.rex = 0x40 | snippet.rex & 0xC | memory.rex;
            }
        }
        if (opcode.map() >= 4) {
            addVex();
        } else {
            addOpcode();
        }
        if (inMemory) {
            memory.encode(snippet, reg, immediate, snippet.place - snippet.mode.base());
        } else if (opcode.hasModrm()) {
            snippet.modrm = modrm | 0xC0;
            snippet.add(snippet.modrm);
        }
        addImmediate(immediate);
        return true;
    }

    /** BOUND, LES, LDS: VEX and EVEX prefixes in 64-bit code, and in other code with a register in ModRM. */
    private boolean isVexElsewhere() {
        int value = opcode.value();
        return opcode.map() == 0 && (value == 0x62 || value == 0xC4 || value == 0xC5);
    }

    private long operandAddress() {
        long offset = target - snippet.mode.base();
        if (isLong && segmentPrefix == FS_PREFIX) {
            return offset - snippet.in.fsBase;
        }
        return isLong && segmentPrefix == GS_PREFIX ? offset - snippet.in.gsBase : offset;
    }

    private void addOpcode() {
        if (snippet.rex != 0) {
            snippet.add(snippet.rex);
        }
        if (opcode.map() > 0) {
            snippet.add(0x0F);
        }
        if (opcode.map() > 1) {
            snippet.add(opcode.map() == 2 ? 0x38 : 0x3A);
        }
        snippet.add(opcode.value());
    }

    private void addVex() {
        int inverted = isLong ? ~snippet.rex & 7 : 7;
        snippet.add(0xC4);
        snippet.add((inverted & 4) << 5 | (inverted & 2) << 5 | (inverted & 1) << 5 | opcode.map() - 3);
        int length = random.nextInt(20) == 0 ? 4 : 0;
        int register = isLong ? random.nextInt(16) : 8 | random.nextInt(8);
        snippet.operandSize = isLong && (snippet.rex & 8) != 0 ? 8 : 4;
        snippet.add((snippet.rex & 8) << 4 | register << 3 | length | random.nextInt(4));
        snippet.add(opcode.value());
    }

    private int immediateSize(int reg) {
        int z = snippet.operandSize == 2 ? 2 : 4;
        return switch (opcode.form()) {
            case 'b', 'j', 'B' -> 1;
            case 'w' -> 2;
            case 'z', 'Z' -> z;
            case 'v' -> snippet.operandSize;
            case 'J' -> isLong ? 4 : z;
            case 'a' -> addressSize;
            case 'p' -> z + 2;
            case 'e' -> 3;
            case 'T' -> reg > 1 ? 0 : opcode.value() == 0xF6 ? 1 : z;
            default -> 0;
        };
    }

    private void addImmediate(int size) {
        long value = values.integer();
        switch (opcode.form()) {
            case 'j', 'J' -> value = branch(size);
            case 'a' -> value = operandAddress();
            case 'e' -> value = random.nextInt(64) | random.nextInt(4) << 16;
            case 'p' -> {
                long offset = codeAddress() - snippet.mode.base();
                int selector = SELECTORS[random.nextInt(SELECTORS.length)];
                value = offset & (1L << 8 * size - 16) - 1 | (long) selector << 8 * size - 16;
            }
            default -> {
            }
        }
        snippet.immediate = (int) value & 0xFF;
        snippet.add(value, size);
    }

    /** A distance to somewhere in the code pages outside this instruction, where INT3 is. */
    private long branch(int size) {
        long end = snippet.place + snippet.size + size;
        long distance = size == 1 ? random.nextInt(2) == 0 ? random.nextInt(100) : -random.nextInt(20, 100)
                : random.nextInt(8) == 0 ? (int) values.integer() : codeAddress() - end;
        boolean loops = distance < 0 && distance >= -40;
        return loops ? distance - 40 : distance;
    }

    private long codeAddress() {
        long address;
        do {
            address = Windows.CODE_PAGES + random.nextInt(Windows.CODE_SIZE);
        } while (address > snippet.place - 16 && address < snippet.place + 32);
        return address;
    }

    /** Sets registers that make an instruction more likely to have an effect. */
    private void special() {
        long[] r = snippet.in.r;
        int value = opcode.value();
        if (opcode.map() == 0) {
            if (value == 0xC2 || value == 0xC3 || value == 0xCA || value == 0xCB || value == 0xCF) {
                returnAddress();
            } else if (value == 0xF6 || value == 0xF7) {
                divide();
            } else if (value == 0xFF && snippet.reg() >= 2 && snippet.reg() <= 5) {
                indirect();
            } else if (value == 0x07 || value == 0x17 || value == 0x1F) {
                snippet.in.poke(r[RSP] + snippet.mode.base(), SELECTORS[random.nextInt(SELECTORS.length)], 2);
            } else if (value == 0x8E) {
                setRm(SELECTORS[random.nextInt(SELECTORS.length)]);
            }
        } else if (opcode.map() == 1) {
            if (value == 0xB0 || value == 0xB1 || value == 0xC7) {
                compare();
            } else if ((value & 0xE7) == 0xA3 && snippet.hasMemoryOperand() && random.nextBoolean()) {
                r[snippet.reg() | (snippet.rex & 4) << 1] = random.nextInt(-500, 500);
            } else if (value == 0xA1 || value == 0xA9) {
                snippet.in.poke(r[RSP] + snippet.mode.base(), SELECTORS[random.nextInt(SELECTORS.length)], 2);
            } else if (value == 0xB2 || value == 0xB4 || value == 0xB5) {
                snippet.in.poke(target + snippet.operandSize, SELECTORS[random.nextInt(SELECTORS.length)], 2);
            } else if (value == 2 || value == 3 || value == 0) {
                setRm(SELECTORS[random.nextInt(SELECTORS.length)]);
            }
        }
    }

    private void setRm(long value) {
        if (snippet.hasMemoryOperand()) {
            snippet.in.poke(target, value, 2);
        } else {
            snippet.in.r[snippet.modrm & 7 | (snippet.rex & 1) << 3] = value;
        }
    }

    /** RET, far RET and IRET find what they take from the stack. */
    private void returnAddress() {
        int size = snippet.operandSize;
        if (isLong && (opcode.value() & 0xFE) == 0xC2) {
            size = 8;
        }
        long at = snippet.in.r[RSP] + snippet.mode.base();
        snippet.in.poke(at, codeAddress() - snippet.mode.base(), size);
        int selector = random.nextInt(3) == 0 ? SELECTORS[random.nextInt(SELECTORS.length)] : snippet.in.cs;
        if ((opcode.value() & 0xFE) != 0xC2) {
            snippet.in.poke(at + size, selector, size);
        }
        if (opcode.value() == 0xCF) {
            // TF and AC act on what follows, which is no longer the snippet
            snippet.in.poke(at + 2L * size, values.integer() & ~0x40100, size);
            snippet.in.poke(at + 3L * size, snippet.in.r[RSP], size);
            snippet.in.poke(at + 4L * size, snippet.in.ss, size);
        }
    }

    private void divide() {
        long[] r = snippet.in.r;
        if (snippet.reg() < 6 || random.nextInt(4) == 0) {
            return;
        }
        boolean signed = snippet.reg() == 7;
        if (opcode.value() == 0xF6) {
            r[RAX] = signed ? r[RAX] & ~0xFFFFL | (byte) r[RAX] & 0xFFFF : r[RAX] & ~0xFF00L;
        } else {
            r[RDX] = signed && (r[RAX] << 64 - 8 * snippet.operandSize) < 0 ? -1 : random.nextInt(3);
        }
    }

    private void indirect() {
        long offset = codeAddress() - snippet.mode.base();
        if (!snippet.hasMemoryOperand()) {
            setRm(random.nextInt(8) == 0 ? values.integer() : offset);
            return;
        }
        boolean far = snippet.reg() == 3 || snippet.reg() == 5;
        int size = !far && isLong ? 8 : snippet.operandSize;
        if (random.nextInt(8) != 0) {
            snippet.in.poke(target, offset, size);
        }
        if (far) {
            int selector = random.nextInt(3) == 0 ? SELECTORS[random.nextInt(SELECTORS.length)] : snippet.in.cs;
            // As in Exclusions: from other code to 64-bit code
            boolean leaves = selector == Windows.CODE64_SELECTOR && !isLong;
            snippet.in.poke(target + size, leaves ? snippet.in.cs : selector, 2);
        }
    }

    /** CMPXCHG, CMPXCHG8B: half of them find what they compare with. */
    private void compare() {
        long[] r = snippet.in.r;
        if (random.nextBoolean()) {
            return;
        }
        if (!snippet.hasMemoryOperand()) {
            r[RAX] = r[snippet.modrm & 7 | (snippet.rex & 1) << 3];
        } else if (opcode.value() == 0xC7) {
            boolean sixteen = (snippet.rex & 8) != 0;
            r[RAX] = sixteen ? snippet.in.peek(target) : snippet.in.peek(target) & 0xFFFF_FFFFL;
            r[RDX] = sixteen ? snippet.in.peek(target + 8) : snippet.in.peek(target) >>> 32;
        } else {
            r[RAX] = snippet.in.peek(target);
        }
    }
}

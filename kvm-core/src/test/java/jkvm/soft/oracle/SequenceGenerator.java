package jkvm.soft.oracle;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes sequences of two to ten integer instructions, for what one alone does not show: flags that are computed when
 * they are asked for, pairs that the soft CPU executes as one, memory that is written and read again. Keeps account of
 * the flags that an instruction leaves undefined, and lets none read them.
 */
final class SequenceGenerator {
    private static final int CF = UndefinedFlags.CF, PF = UndefinedFlags.PF, AF = UndefinedFlags.AF,
            ZF = UndefinedFlags.ZF, SF = UndefinedFlags.SF, OF = UndefinedFlags.OF;
    private static final int ALL = CF | PF | AF | ZF | SF | OF;
    /** Flags that conditions 0, 2, 4, ... read. */
    private static final int[] READ = {OF, CF, ZF, CF | ZF, SF, PF, SF | OF, ZF | SF | OF};
    private static final Opcode SEQUENCE = new Opcode(0, 0x90, '0', Opcode.Group.INTEGER);
    private static final int RSP = 4;
    /** Where a loop counts down, and its stack: neither is where the instructions' operands are. */
    private static final int COUNTER = Windows.HIGH + 64, STACK = Windows.LOW + 400;

    private final List<Snippet.Mode> modes;
    private SplittableRandom random;
    private Values values;
    private Snippet snippet;
    private boolean isLong;
    /** Flags that are undefined by now. */
    private int undefined;

    /** @param modes of which LONG and FLAT32 are used */
    SequenceGenerator(List<Snippet.Mode> modes) {
        this.modes = modes.stream().filter(mode -> mode.base() == 0).toList();
    }

    boolean make(long seed, Snippet out) {
        random = new SplittableRandom(SnippetGenerator.mix(seed));
        values = new Values(random);
        snippet = out;
        out.begin(seed);
        out.mode = modes.get(random.nextInt(modes.size()));
        isLong = out.mode == Snippet.Mode.LONG;
        new StateGenerator(random, values).fill(out);
        out.in.flags &= ~0x40000; // AC
        out.opcode = SEQUENCE;
        out.modrm = -1;
        out.place(Windows.CODE_PAGES + (random.nextInt(8) == 0 ? 0x1000 - random.nextInt(32) : random.nextInt(0x1F00)));
        undefined = 0;
        int count = random.nextInt(2, 11);
        out.starts = new int[count + 1];
        out.undefinedAt = new int[count + 1];
        for (int i = 0; i < count && out.size < 48; i++) {
            out.starts[i] = out.size;
            out.undefinedAt[i] = undefined;
            instruction();
            out.starts[i + 1] = out.size;
            out.undefinedAt[i + 1] = undefined;
        }
        out.undefinedFlags = undefined;
        return true;
    }

    /** Makes a sequence that is executed many times, so that the soft CPU compiles it. */
    boolean makeLoop(long seed, int iterations, Snippet out) {
        make(seed, out);
        if (!isLong || out.size > 48) {
            return false;
        }
        out.in.r[RSP] = STACK;
        for (int i = 0; i < 4; i++) {
            out.in.memory[COUNTER - Windows.HIGH + Windows.LOW_SIZE + i] = (byte) (iterations >> 8 * i);
        }
        // dec dword ptr [COUNTER]; jnz the beginning
        out.add(0xFF);
        out.add(0x0C);
        out.add(0x25);
        out.add(COUNTER, 4);
        out.add(0x75);
        out.add(-out.size - 1);
        out.starts = new int[] {0, out.size};
        out.undefinedAt = new int[] {0, undefined & UndefinedFlags.CF};
        out.undefinedFlags = out.undefinedAt[1];
        return true;
    }

    private void instruction() {
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> arithmetic();
            case 3 -> arithmeticImmediate();
            case 4 -> unary();
            case 5 -> shift();
            case 6 -> conditional(0x90);
            case 7 -> conditional(0x40);
            case 8 -> jump();
            case 9 -> carry();
            case 10 -> other();
            default -> move();
        }
    }

    /** ADD, OR, ADC, SBB, AND, SUB, XOR, CMP; TEST. */
    private void arithmetic() {
        int operation = random.nextInt(9);
        int direction = random.nextInt(operation == 8 ? 2 : 4);
        if ((operation == 2 || operation == 3) && (undefined & CF) != 0) {
            return;
        }
        operand(operation == 8 ? 0x84 | direction : operation << 3 | direction, -1);
        defined(operation);
    }

    private void arithmeticImmediate() {
        int operation = random.nextInt(8);
        if ((operation == 2 || operation == 3) && (undefined & CF) != 0) {
            return;
        }
        int form = new int[] {0x80, 0x81, 0x83}[random.nextInt(3)];
        int size = operand(form, operation);
        snippet.add(values.integer(), form != 0x81 ? 1 : size == 2 ? 2 : 4);
        defined(operation);
    }

    private void defined(int operation) {
        boolean logic = operation == 1 || operation == 4 || operation == 6 || operation == 8;
        undefined = logic ? AF : 0;
    }

    /** INC, DEC, NOT, NEG. */
    private void unary() {
        switch (random.nextInt(4)) {
            case 0 -> {
                operand(0xFE | random.nextInt(2), random.nextInt(2));
                undefined &= CF;
            }
            case 1 -> operand(0xF6 | random.nextInt(2), 2);
            default -> {
                operand(0xF6 | random.nextInt(2), 3);
                undefined = 0;
            }
        }
    }

    private void shift() {
        int operation = random.nextInt(8);
        if ((operation == 2 || operation == 3) && (undefined & CF) != 0) {
            return;
        }
        boolean one = random.nextBoolean();
        int count = one ? 1 : random.nextInt(2, 8);
        operand((one ? 0xD0 : 0xC0) | random.nextInt(2), operation);
        if (!one) {
            snippet.add(count);
        }
        int overflow = one ? 0 : OF;
        undefined = operation < 4 ? undefined & ~(CF | OF) | overflow : AF | overflow;
    }

    /** SETcc and CMOVcc. */
    private void conditional(int opcode) {
        int condition = condition();
        if (condition < 0) {
            return;
        }
        operand(0x0F00 | opcode | condition, -1);
    }

    /** A condition whose flags are defined; -1 if chance finds none. */
    private int condition() {
        int condition = random.nextInt(16);
        return (READ[condition >> 1] & undefined) != 0 ? -1 : condition;
    }

    /** A jump over an instruction that leaves the flags alone. */
    private void jump() {
        int condition = condition();
        if (condition < 0) {
            return;
        }
        snippet.add(0x70 | condition);
        snippet.add(0);
        int from = snippet.size;
        move();
        snippet.code[from - 1] = (byte) (snippet.size - from);
    }

    private void carry() {
        switch (random.nextInt(6)) {
            case 0 -> {
                if ((undefined & CF) == 0) {
                    snippet.add(0xF5);
                }
            }
            case 1 -> set(0xF8, CF);
            case 2 -> set(0xF9, CF);
            case 3 -> set(0x9E, ALL & ~OF);
            default -> {
                if ((undefined & ~OF) == 0) {
                    snippet.add(0x9F);
                }
            }
        }
    }

    private void set(int opcode, int defines) {
        snippet.add(opcode);
        undefined &= ~defines;
    }

    /** BT, XADD, BSWAP, IMUL, POPCNT, PUSH and POP. */
    private void other() {
        switch (random.nextInt(6)) {
            case 0 -> {
                operand(0x0FBA, 4);
                snippet.add(random.nextInt(64));
                undefined = undefined & ZF | OF | SF | AF | PF;
            }
            case 1 -> {
                operand(0x0FC0 | random.nextInt(2), -1);
                undefined = 0;
            }
            case 2 -> {
                operand(0x0FAF, -1);
                undefined = ALL & ~(CF | OF);
            }
            case 3 -> {
                snippet.add(0x50 | register());
                snippet.add(0x58 | register());
            }
            case 4 -> {
                snippet.add(0xF3);
                operand(0x0FB8, -1);
                undefined = 0;
            }
            default -> {
                snippet.add(0x0F);
                snippet.add(0xC8 | register());
            }
        }
    }

    /** MOV, MOVZX, MOVSX, LEA, XCHG: no flags. */
    private void move() {
        switch (random.nextInt(5)) {
            case 0 -> operand(0x88 | random.nextInt(4), -1);
            case 1 -> operand(0x0FB6 | random.nextInt(2), -1);
            case 2 -> operand(0x0FBE | random.nextInt(2), -1);
            case 3 -> operand(0x86 | random.nextInt(2), -1);
            default -> {
                snippet.add(0xB8 | register());
                snippet.add(values.integer(), 4);
            }
        }
    }

    private int register() {
        int register = random.nextInt(8);
        return register == RSP ? 0 : register;
    }

    /**
     * Prefixes, opcode and ModRM with a register or an absolute address.
     *
     * @param extension bits 3 to 5 of ModRM, or -1 for a register
     * @return operand size as prefixes and mode say
     */
    private int operand(int opcode, int extension) {
        boolean half = opcode != 0x0FB8 && random.nextInt(4) == 0;
        boolean wide = isLong && random.nextBoolean();
        if (half) {
            snippet.add(0x66);
        }
        int rex = wide ? 0x48 : isLong && random.nextInt(4) == 0 ? 0x40 : 0;
        boolean inMemory = random.nextInt(3) == 0;
        if (rex != 0 && random.nextBoolean()) {
            rex |= inMemory ? 4 : 5;
        }
        if (rex != 0) {
            snippet.add(rex);
        }
        if (opcode > 0xFF) {
            snippet.add(opcode >> 8);
        }
        snippet.add(opcode);
        int reg = extension >= 0 ? extension : register();
        if (inMemory) {
            int target = Windows.LOW + 128 + random.nextInt(16) * (random.nextInt(8) == 0 ? 3 : 8);
            snippet.add(reg << 3 | 4);
            snippet.add(0x25);
            snippet.add(target, 4);
        } else {
            snippet.add(0xC0 | reg << 3 | register());
        }
        return wide ? 8 : half ? 2 : 4;
    }
}

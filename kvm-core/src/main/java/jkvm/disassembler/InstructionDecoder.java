package jkvm.disassembler;

import java.util.ArrayList;
import java.util.List;

/** Decodes one instruction: prefixes, opcode, ModRM byte, and operands as the table's line says. Used once. */
final class InstructionDecoder {
    private static final int MAX_LENGTH = 15;

    private final OpcodeTable table;
    private final CodeMode mode;
    private final long address;
    private final byte[] code;
    private final int start;
    private final Prefixes prefixes;
    private final List<Operand> operands = new ArrayList<>(4);
    private int position;
    private boolean exhausted;
    private int opcode;
    private int modrm;
    private int vexRegister;
    private int mandatory;
    private Encoding encoding;
    private Operand.Memory memory;
    /** The constant that is part of the name, or -1. */
    private int predicate = -1;
    private boolean isBad;

    InstructionDecoder(OpcodeTable table, CodeMode mode, long address, byte[] code, int start) {
        this.table = table;
        this.mode = mode;
        this.address = address;
        this.code = code;
        this.start = start;
        position = start;
        prefixes = new Prefixes(mode);
    }

    Instruction decode(Style style) {
        while (prefixes.take(peek())) {
            position++;
        }
        int b = next();
        if (prefixes.hasWait() && (b < 0xD8 || b > 0xDF)) {
            String text = prefixes.beforeWait() + "fwait";
            return new Instruction(address, prefixes.lengthToWait(), "fwait", List.of(), text);
        }
        if (prefixes.hasRex() && isPrefix(b)) {
            // The processor ignores such a REX prefix; objdump gives it a line of its own
            return new Instruction(address, prefixes.count(), "rex", List.of(), prefixes.unused().strip());
        }
        if ((b == 0xC4 || b == 0xC5 || b == 0x62) && (mode == CodeMode.BITS_64 || peek() >= 0xC0)) {
            return new VexDecoder(this).decode(b, style);
        }
        int map = 0;
        if (b == 0x0F) {
            map = 1;
            b = next();
            if (b == 0x38 || b == 0x3A) {
                map = b == 0x38 ? 2 : 3;
                b = next();
            }
        }
        return decode(map, b, prefixes.mandatory(), style);
    }

    private boolean isPrefix(int b) {
        return new Prefixes(mode).take(b);
    }

    /** The rest, from the ModRM byte on. */
    Instruction decode(int map, int opcodeByte, int prefix, Style style) {
        opcode = opcodeByte;
        mandatory = prefix;
        modrm = table.hasModRm(map, opcode) ? peek() : -1;
        encoding = find(map, prefix);
        if (encoding == null) {
            boolean isX87 = map == 0 && opcode >= 0xD8 && opcode <= 0xDF;
            return bad(map == 0 ? isX87 ? 2 : 1 : Math.min(map + 1, 3));
        }
        if (encoding.hasModRm()) {
            position++;
            if (encoding.has(Encoding.NOTRACK)) {
                prefixes.notrack();
            }
            if (modrm < 0xC0 && usesMemory()) {
                memory = new MemoryDecoder(this, prefixes, mode).decode(modrm);
            }
        }
        for (OperandSpec spec : encoding.operands()) {
            Operand operand = operand(spec);
            if (predicate < 0) {
                operands.add(spec.indirect() ? new Operand.Indirect(operand) : operand);
            }
        }
        if (isBad) {
            return bad(1);
        }
        return finish(style);
    }

    private Encoding find(int map, int prefix) {
        if (map == 0 && opcode == 0x90 && (prefixes.hasData() || (prefixes.rex() & Prefixes.REX_B) != 0)
                && prefix != Encoding.F3) {
            prefixes.useMandatory(prefix & Encoding.P66);
            return table.find(0, 0x91, prefix, modrm, mode == CodeMode.BITS_64);
        }
        Encoding found = table.find(map, opcode, prefix, modrm, mode == CodeMode.BITS_64);
        boolean selects = found != null && found.prefixes() != 0
                || prefix == Encoding.P66 && table.selectsByPrefix(map, opcode, modrm, mode == CodeMode.BITS_64);
        if (selects && map < 4) {
            prefixes.useMandatory(prefix);
        }
        return found;
    }

    private boolean usesMemory() {
        for (OperandSpec spec : encoding.operands()) {
            switch (spec.kind()) {
                case E, M, W, Q -> {
                    return true;
                }
                default -> {
                }
            }
        }
        return false;
    }

    private Instruction finish(Style style) {
        int length = position - start;
        if (exhausted) {
            return bad(1);
        }
        if (length > MAX_LENGTH) {
            return new Instruction(address, MAX_LENGTH, Instruction.BAD, List.of(), prefixes.unused() + "(bad)");
        }
        boolean hasMemory = memory != null;
        String name = new Names(encoding, prefixes, mode).name(style.isAtt(), memory, predicate);
        prefixes.rename(encoding, hasMemory);
        name = name.replace("N", prefixes.hasWait() ? "" : "n");
        boolean without = encoding.has(Encoding.ATTONLY) && !style.isAtt();
        String text = style.line(prefixes.unused(), name, without ? List.of() : operands,
                encoding.has(Encoding.KEEP));
        if (memory != null && memory.base() == Operand.Memory.RIP) {
            long target = address + length + memory.displacement();
            text += "        # 0x" + Long.toHexString(target);
        }
        return new Instruction(address, length, name, List.copyOf(operands), text);
    }

    /** Bytes that are no instruction: prefixes and some bytes more. */
    private Instruction bad(int bytes) {
        int length = Math.min(prefixes.count() + bytes, code.length - start);
        return new Instruction(address, length, Instruction.BAD, List.of(), prefixes.unused() + Instruction.BAD);
    }

    Instruction unknown(String name, int length) {
        return new Instruction(address, length, name, List.of(), prefixes.unused() + name);
    }

    private Operand operand(OperandSpec spec) {
        return switch (spec.kind()) {
            case E, M, R -> general(spec);
            case W, U, Q, N -> vector(spec);
            case G -> register(modrm >> 3 & 7 | prefixes.rexBit(Prefixes.REX_R), size(spec.size(), false));
            case B -> register(vexRegister, size(spec.size(), false));
            case V -> new Operand.Register("xmm" + (modrm >> 3 & 7 | prefixes.rexBit(Prefixes.REX_R)));
            case P -> isXmm() ? new Operand.Register("xmm" + (modrm >> 3 & 7 | prefixes.rexBit(Prefixes.REX_R)))
                    : new Operand.Register("mm" + (modrm >> 3 & 7));
            case S -> new Operand.Register(Registers.segment(modrm >> 3 & 7));
            case C -> control();
            case D -> new Operand.Register("dr" + (modrm >> 3 & 7 | prefixes.rexBit(Prefixes.REX_R)));
            case I -> immediate(spec);
            case J -> target(spec);
            case A -> farTarget();
            case O -> memoryOffset();
            case X -> string(6, true, spec);
            case Y -> string(7, false, spec);
            case XLAT -> string(3, true, spec);
            case Z -> register(opcode & 7 | prefixes.rexBit(Prefixes.REX_B), size(spec.size(), false));
            case RAX -> register(0, size('v', false));
            case RAU -> register(0, size('u', false));
            case RAA -> {
                prefixes.useAddressSize();
                yield register(0, prefixes.addressSize());
            }
            case FIXED -> new Operand.Register(spec.name());
            case PORT -> new Operand.Port();
            case STI -> new Operand.Register("st(" + (modrm & 7) + ")");
        };
    }

    private Operand badOperand() {
        isBad = true;
        return new Operand.Bad();
    }

    private Operand general(OperandSpec spec) {
        if (modrm < 0xC0 && spec.kind() != OperandSpec.Kind.R) {
            memory = memory.withSize(memorySize(spec.size()));
            return memory;
        }
        if (spec.kind() == OperandSpec.Kind.M) {
            return badOperand();
        }
        return register(modrm & 7 | prefixes.rexBit(Prefixes.REX_B), size(spec.size(), false));
    }

    private Operand vector(OperandSpec spec) {
        boolean xmm = spec.kind() == OperandSpec.Kind.W || spec.kind() == OperandSpec.Kind.U || isXmm()
                && encoding.prefixes() == (Encoding.NP | Encoding.P66);
        if (modrm < 0xC0) {
            boolean whole = spec.kind() == OperandSpec.Kind.Q && xmm;
            memory = memory.withSize(whole ? Operand.Size.XMMWORD : memorySize(spec.size()));
            return memory;
        }
        return xmm ? new Operand.Register("xmm" + (modrm & 7 | prefixes.rexBit(Prefixes.REX_B)))
                : new Operand.Register("mm" + (modrm & 7));
    }

    /** True if an operand that is MMX by itself is XMM by its prefix. */
    private boolean isXmm() {
        return encoding.prefixes() == (Encoding.NP | Encoding.P66) && mandatory == Encoding.P66;
    }

    private Operand register(int number, int bytes) {
        return new Operand.Register(Registers.general(number, bytes, bytes == 1 && prefixes.rexForBytes(number)));
    }

    private Operand control() {
        int number = modrm >> 3 & 7 | prefixes.rexBit(Prefixes.REX_R);
        if (mode != CodeMode.BITS_64 && prefixes.hasLock()) {
            prefixes.useLock();
            number |= 8;
        }
        return new Operand.Register("cr" + number);
    }

    /** Bytes of a register, or of memory, with this letter. */
    private int size(char letter, boolean isMemory) {
        return switch (letter) {
            case 'b' -> 1;
            case 'w' -> 2;
            case 'd' -> 4;
            case 'q' -> 8;
            case 't' -> 10;
            case 'x' -> 16;
            case 'v' -> encoding.has(Encoding.N64) && mode == CodeMode.BITS_64 ? 8
                    : encoding.has(Encoding.D64) ? prefixes.stackSize() : prefixes.operandSize();
            case 'z' -> prefixes.operandSize();
            case 'u' -> (prefixes.rex() & Prefixes.REX_W) != 0 ? 4 : prefixes.narrowSize();
            case 'y' -> prefixes.rexBit(Prefixes.REX_W) != 0 ? 8 : 4;
            case 'c' -> mode == CodeMode.BITS_64 ? 8 : 4;
            case 'n' -> isMemory ? 0 : mode == CodeMode.BITS_64 ? 8 : 4;
            case 'm' -> isMemory ? 2 : prefixes.operandSize();
            case 'g' -> isMemory ? 1 : 4;
            case 'h' -> isMemory ? 2 : 4;
            case 'p' -> prefixes.narrowSize() + 2;
            case 'j' -> 2 * prefixes.narrowSize();
            case 'o' -> 16;
            case 'i' -> prefixes.rexBit(Prefixes.REX_W) != 0 ? 16 : 8;
            default -> 0;
        };
    }

    private Operand.Size memorySize(char letter) {
        int bytes = size(letter, true);
        return letter == 'o' || letter == 'i' && bytes == 16 ? Operand.Size.OWORD : Operand.Size.of(bytes);
    }

    private Operand immediate(OperandSpec spec) {
        long value;
        switch (spec.size()) {
            case 'b' -> value = next();
            case 'w' -> value = number(2);
            case 's' -> value = masked((byte) next(), size('v', false));
            case 'z' -> {
                int bytes = size('v', false);
                value = masked(bytes == 2 ? number(2) : (int) number(4), bytes);
            }
            default -> value = number(size('v', false));
        }
        if (encoding.has(Encoding.COMPARE) && value < 8 || encoding.has(Encoding.CARRYLESS) && (value & ~0x11) == 0) {
            predicate = (int) value;
        }
        return new Operand.Immediate(value);
    }

    private static long masked(long value, int bytes) {
        return bytes == 8 ? value : value & (1L << 8 * bytes) - 1;
    }

    private Operand target(OperandSpec spec) {
        int bytes = spec.size() == 'b' ? 1 : Math.min(prefixes.stackSize(), 4);
        long offset = bytes == 1 ? (byte) next() : bytes == 2 ? (short) number(2) : (int) number(4);
        long after = address + position - start;
        long target = after + offset;
        if (bytes == 2) {
            // 16-bit code stays in its segment of 64 KiB; a prefix alone makes the address one of 16 bits
            return new Operand.Target(target & 0xFFFF | (prefixes.hasData() ? 0 : after & ~0xFFFFL));
        }
        return new Operand.Target(mode == CodeMode.BITS_64 ? target : target & 0xFFFFFFFFL);
    }

    private Operand farTarget() {
        long offset = number(prefixes.narrowSize());
        return new Operand.FarTarget((int) number(2), offset);
    }

    private Operand memoryOffset() {
        int bytes = prefixes.addressSize();
        int segment = prefixes.segment();
        long offset = number(bytes);
        memory = new Operand.Memory(segment, Operand.Memory.NONE, Operand.Memory.NONE, 1, offset, true, bytes,
                Operand.Size.NONE);
        return memory;
    }

    private Operand string(int register, boolean mayOverride, OperandSpec spec) {
        int bytes = prefixes.addressSize();
        prefixes.useAddressSize();
        int segment = mayOverride ? prefixes.segment() : 0;
        if (mayOverride) {
            prefixes.useSegment();
        }
        int size = spec.kind() == OperandSpec.Kind.XLAT ? 1 : size(spec.size(), true);
        Operand.Memory place = new Operand.Memory(mayOverride && segment < 0 ? 3 : segment, register,
                Operand.Memory.NONE, 1, 0, false, bytes, Operand.Size.of(size));
        memory = place;
        return place;
    }

    int next() {
        int b = peek();
        position++;
        return b;
    }

    int peek() {
        if (position >= code.length) {
            exhausted = true;
            return 0;
        }
        return code[position] & 0xFF;
    }

    long number(int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) next() << 8 * i;
        }
        return value;
    }

    Prefixes prefixes() {
        return prefixes;
    }

    CodeMode mode() {
        return mode;
    }

    void vexRegister(int number) {
        vexRegister = number;
    }

    int length() {
        return position - start;
    }
}

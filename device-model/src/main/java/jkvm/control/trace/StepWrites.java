package jkvm.control.trace;

import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import jkvm.disassembler.Instruction;
import jkvm.disassembler.Operand;
import jkvm.disassembler.Operand.Memory;
import jkvm.machine.DebugMemory;

/**
 * The memory that an instruction has written, as far as its operands tell: the operand itself, and the stack. The areas
 * of XSAVE and MASKMOVDQU's bytes are not shown.
 */
final class StepWrites {
    private static final HexFormat BYTES = HexFormat.ofDelimiter(" ");
    /** Their first operand may be memory, which they read only. */
    private static final Set<String> READERS = Set.of("cmp", "test", "bt", "push", "call", "jmp", "lcall", "ljmp",
            "mul", "imul", "div", "idiv", "nop", "lgdt", "lidt", "lldt", "ltr", "lmsw", "verr", "verw", "invlpg",
            "clflush",
            "clflushopt", "clwb", "cldemote", "cmps", "outs", "xlat", "ldmxcsr", "fxrstor", "fxrstor64", "xrstor",
            "xrstor64", "vmptrld", "frstor", "prefetch", "prefetchw", "prefetchwt1", "prefetchnta", "prefetcht0",
            "prefetcht1", "prefetcht2");
    private static final List<String> X87_WRITERS = List.of("fst", "fist", "fbstp", "fnst", "fnsave", "fsave",
            "fxsave");
    private static final List<String> PUSHERS = List.of("push", "call", "lcall", "int", "enter");
    private static final List<String> ACCUMULATORS = List.of("al", "ax", "eax", "rax");
    private static final long DIRECTION_BIT = 1 << 10;
    private static final int MAX_STACK = 64, MAX_BYTES = 512;
    private static final int FXSAVE_BYTES = 512;
    private static final int REGISTERS = 16;
    private static final int SP = 4, BP = 5, CX = 1;
    private static final int ES = 0, SS = 2, DS = 3;

    private final StepState before;
    private final StepState after;
    private final DebugMemory memory;

    StepWrites(StepState before, StepState after, DebugMemory memory) {
        this.before = before;
        this.after = after;
        this.memory = memory;
    }

    /**
     * The places, each after two blanks: {@code memory 0x500 = 34 12}.
     *
     * @param isDelivered true if an interrupt's frame was pushed as well
     */
    String text(Instruction instruction, boolean isDelivered) {
        String name = instruction.mnemonic();
        StringBuilder text = new StringBuilder();
        if (!instruction.operands().isEmpty() && instruction.operands().getFirst() instanceof Memory place
                && isWriter(name) && !isDone(instruction)) {
            int bytes = bytes(place, instruction) * items(instruction);
            place(text, linear(place, instruction), Math.min(bytes, MAX_BYTES));
        }
        if (isDelivered || PUSHERS.stream().anyMatch(name::startsWith)) {
            stack(text);
        }
        return text.toString();
    }

    private static boolean isWriter(String name) {
        // AT&T's names may end in a letter for the size
        boolean hasLetter = "bwlq".indexOf(name.charAt(name.length() - 1)) >= 0;
        String plain = hasLetter ? name.substring(0, name.length() - 1) : name;
        if (READERS.contains(name) || READERS.contains(plain)) {
            return false;
        }
        return name.charAt(0) != 'f' || X87_WRITERS.stream().anyMatch(name::startsWith);
    }

    /** True for a repeated instruction whose count was zero. */
    private boolean isDone(Instruction instruction) {
        return instruction.text().startsWith("rep") && before.general(CX) == 0;
    }

    /** How many items a repeated instruction has written: one, but for a KVM that executes all in one step. */
    private int items(Instruction instruction) {
        boolean isUp = (before.regs().rflags() & DIRECTION_BIT) == 0;
        long done = (before.general(CX) - after.general(CX)) & 0xFFFF;
        return instruction.text().startsWith("rep") && isUp && done > 1 ? (int) done : 1;
    }

    private int bytes(Memory place, Instruction instruction) {
        if (place.size() != Operand.Size.NONE) {
            return place.size().bytes();
        }
        String name = instruction.mnemonic();
        if (name.startsWith("mov") && instruction.operands().getLast() instanceof Operand.Register register) {
            // MOV of the accumulator to an offset: the text leaves the size to the register's name
            return ACCUMULATORS.indexOf(register.name()) < 0 ? 0 : 1 << ACCUMULATORS.indexOf(register.name());
        }
        return name.startsWith("fxsave") ? FXSAVE_BYTES
                : name.startsWith("sgdt") || name.startsWith("sidt") ? before.isLong() ? 10 : 6 : 0;
    }

    /** The linear address of an operand, by the registers before the instruction. */
    private long linear(Memory place, Instruction instruction) {
        long offset = place.displacement();
        if (place.base() == Memory.RIP) {
            offset += instruction.address() + instruction.length();
        } else if (place.base() >= 0) {
            offset += before.general(place.base());
        }
        if (place.index() >= 0) {
            offset += before.general(place.index()) * Math.max(1, place.scale());
        }
        if (instruction.mnemonic().startsWith("bt")
                && instruction.operands().getLast() instanceof Operand.Register bit) {
            offset += bitOffset(bit.name(), place.size().bytes());
        }
        if (place.addressBytes() < Long.BYTES) {
            offset &= (1L << Byte.SIZE * place.addressBytes()) - 1;
        }
        int usual = place.base() == SP || place.base() == BP ? SS : DS;
        return before.linear(place.segment() >= ES ? place.segment() : usual, offset);
    }

    /** BTS and the like take a bit of a register's number beyond the operand, by whole operands. */
    private long bitOffset(String register, int bytes) {
        for (int i = 0; i < REGISTERS; i++) {
            if (register.equals(Operand.Register.general(i, bytes).name())) {
                int unused = Long.SIZE - bytes * Byte.SIZE;
                long bit = before.general(i) << unused >> unused;
                return Math.floorDiv(bit, bytes * Byte.SIZE) * bytes;
            }
        }
        return 0;
    }

    private void stack(StringBuilder text) {
        long mask = before.isLong() ? -1 : before.sregs().ss().isDb() ? 0xFFFF_FFFFL : 0xFFFF;
        long bottom = after.general(SP) & mask;
        long bytes = (before.general(SP) & mask) - bottom;
        if (bytes > 0 && bytes <= MAX_STACK) {
            place(text, after.linear(SS, bottom), (int) bytes);
        }
    }

    private void place(StringBuilder text, long linear, int bytes) {
        byte[] now = bytes == 0 ? null : memory.read(linear, bytes);
        if (now != null) {
            text.append("  memory 0x").append(Long.toHexString(linear)).append(" = ").append(BYTES.formatHex(now));
        }
    }
}

package jkvm.disassembler;

import jkvm.disassembler.Operand.Memory;

/** {@code mov %ecx,0x10(%rax,%rbx,4)}. */
final class AttStyle extends Style {
    @Override
    boolean isAtt() {
        return true;
    }

    @Override
    String operand(Operand operand) {
        return switch (operand) {
            case Operand.Register register -> register(register.name());
            case Operand.Immediate immediate -> "$" + hex(immediate.value());
            case Operand.Target target -> hex(target.address());
            case Operand.FarTarget far -> "$" + hex(far.selector()) + ",$" + hex(far.offset());
            case Operand.Port port -> "(%dx)";
            case Operand.Indirect indirect -> "*" + operand(indirect.place());
            case Operand.Bad bad -> Instruction.BAD;
            case Memory memory -> memory(memory);
        };
    }

    /** A shift by one has no operand for it; debug registers have their old name. */
    private static String register(String name) {
        return name.equals("one") ? "" : "%" + (name.startsWith("dr") ? "db" + name.substring(2) : name);
    }

    private static String memory(Memory memory) {
        StringBuilder text = new StringBuilder();
        if (memory.segment() >= 0) {
            text.append('%').append(Registers.segment(memory.segment())).append(':');
        }
        if (memory.isAbsolute()) {
            boolean signed = memory.addressBytes() == 2;
            return text.append(signed ? signed(memory.displacement()) : absolute(memory)).toString();
        }
        if (memory.displaced()) {
            text.append(signed(memory.displacement()));
        }
        text.append('(');
        if (memory.base() != Memory.NONE) {
            text.append('%').append(base(memory));
        }
        if (memory.index() != Memory.NONE) {
            text.append(",%").append(index(memory));
            text.append(memory.scale() == 0 ? "" : "," + memory.scale());
        }
        return text.append(')').toString();
    }
}

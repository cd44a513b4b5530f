package jkvm.disassembler;

import jkvm.disassembler.Operand.Memory;

/** {@code mov DWORD PTR [rax+rbx*4+0x10],ecx}. */
final class IntelStyle extends Style {
    @Override
    boolean isAtt() {
        return false;
    }

    @Override
    String operand(Operand operand) {
        return switch (operand) {
            case Operand.Register register -> register.name().equals("one") ? "1" : register.name();
            case Operand.Immediate immediate -> hex(immediate.value());
            case Operand.Target target -> hex(target.address());
            case Operand.FarTarget far -> hex(far.selector()) + ":" + hex(far.offset());
            case Operand.Port port -> "dx";
            case Operand.Indirect indirect -> operand(indirect.place());
            case Operand.Bad bad -> Instruction.BAD;
            case Memory memory -> memory(memory);
        };
    }

    private static String memory(Memory memory) {
        StringBuilder text = new StringBuilder();
        if (memory.size() != Operand.Size.NONE) {
            text.append(memory.size().word()).append(" PTR ");
        }
        if (memory.segment() >= 0) {
            text.append(Registers.segment(memory.segment())).append(':');
        } else if (memory.isAbsolute()) {
            text.append("ds:");
        }
        if (memory.isAbsolute()) {
            return text.append(absolute(memory)).toString();
        }
        text.append('[');
        if (memory.base() != Memory.NONE) {
            text.append(base(memory));
        }
        if (memory.index() != Memory.NONE) {
            text.append(memory.base() != Memory.NONE ? "+" : "").append(index(memory));
            text.append(memory.scale() == 0 ? "" : "*" + memory.scale());
        }
        if (memory.displaced()) {
            // objdump leaves the sign of a displacement from RIP out
            boolean unsigned = memory.base() == Memory.RIP;
            text.append(memory.displacement() < 0 && !unsigned ? "" : "+")
                    .append(unsigned ? hex(memory.displacement()) : signed(memory.displacement()));
        }
        return text.append(']').toString();
    }
}

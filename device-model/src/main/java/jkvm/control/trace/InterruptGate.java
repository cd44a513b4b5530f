package jkvm.control.trace;

import jkvm.abi.KvmDtable;
import jkvm.machine.DebugMemory;

/** Finds an interrupt's handler in the guest's tables (SDM volume 3, 6.10 and 21.1.4). */
final class InterruptGate {
    /** There is none, or it is not where this class looks. */
    static final long NONE = -1;
    private static final long EFER_LMA_BIT = 1 << 10, FLAGS_VM_BIT = 1 << 17;
    private static final int REAL_BYTES = 4, GATE_BYTES = 8, LONG_GATE_BYTES = 16, DESCRIPTOR_BYTES = 8;
    private static final int PRESENT_BIT = 0x80, TYPE_MASK = 0xF, INTERRUPT_GATE = 0xE;

    private final StepState state;
    private final DebugMemory memory;

    InterruptGate(StepState state, DebugMemory memory) {
        this.state = state;
        this.memory = memory;
    }

    /** The linear address of a vector's handler, or {@link #NONE}. */
    long handler(int vector) {
        if (!state.isProtected()) {
            byte[] entry = entry(state.sregs().idt(), vector, REAL_BYTES);
            return entry == null ? NONE : (number(entry, 2, 2) << 4) + number(entry, 0, 2);
        }
        boolean isLong = (state.sregs().efer() & EFER_LMA_BIT) != 0;
        byte[] gate = entry(state.sregs().idt(), vector, isLong ? LONG_GATE_BYTES : GATE_BYTES);
        boolean isGate = gate != null && (gate[5] & PRESENT_BIT) != 0 && (gate[5] & TYPE_MASK) >= INTERRUPT_GATE;
        if (!isGate || (state.regs().rflags() & FLAGS_VM_BIT) != 0) {
            return NONE;
        }
        long offset = number(gate, 0, 2) | number(gate, 6, 2) << 16;
        if (isLong) {
            return offset | number(gate, 8, 4) << 32;
        }
        byte[] segment = entry(state.sregs().gdt(), (int) number(gate, 2, 2) >> 3, DESCRIPTOR_BYTES);
        return segment == null ? NONE : offset + (number(segment, 2, 3) | number(segment, 7, 1) << 24) & 0xFFFF_FFFFL;
    }

    private byte[] entry(KvmDtable table, int index, int bytes) {
        boolean isInside = (index + 1L) * bytes - 1 <= table.limit();
        return isInside ? memory.read(table.base() + (long) index * bytes, bytes) : null;
    }

    private static long number(byte[] bytes, int at, int length) {
        long value = 0;
        for (int i = at + length - 1; i >= at; i--) {
            value = value << Byte.SIZE | bytes[i] & 0xFF;
        }
        return value;
    }
}

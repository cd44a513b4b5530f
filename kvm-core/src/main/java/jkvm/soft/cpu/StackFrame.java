package jkvm.soft.cpu;

import jkvm.soft.mmu.GuestException;

/**
 * A stack in the middle of a far transfer: pushes and pops move a pointer of their own, and SS:RSP changes only when
 * the transfer can no longer fault. May be the stack in force or one of another privilege level.
 */
final class StackFrame {
    private final Cpu cpu;
    /** The stack segment; SS gets it when the transfer is done. */
    final Segment segment = new Segment();
    private long pointer;
    private long mask;
    private boolean is64;
    private int context;
    private int error;

    StackFrame(Cpu cpu) {
        this.cpu = cpu;
    }

    /** The stack in force. */
    StackFrame current() {
        return current(cpu.mmu.context);
    }

    /** The stack in force, for pushes that count as the processor's own: SMAP holds whatever AC says. */
    StackFrame implicit() {
        return current(Segments.contextOf(cpu.cpl));
    }

    private StackFrame current(int context) {
        segment.copy(cpu.segments[Segment.SS]);
        begin(cpu.r[Cpu.RSP], (cpu.mode & CpuMode.CODE_64) != 0, context, 0);
        return this;
    }

    /**
     * The stack of another privilege level, whose segment has been put into {@link #segment}.
     *
     * @param error selector for the error code of #SS
     */
    StackFrame other(long pointer, boolean is64, int cpl, int error) {
        begin(pointer, is64, Segments.contextOf(cpl), error);
        return this;
    }

    private void begin(long pointer, boolean is64, int context, int error) {
        this.pointer = pointer;
        this.is64 = is64;
        this.context = context;
        this.error = error;
        mask = is64 ? -1 : segment.isBig() ? 0xFFFFFFFFL : 0xFFFF;
    }

    void push(int size, long value) {
        pointer -= size;
        long address = address(pointer & mask, size);
        int before = cpu.mmu.context;
        cpu.mmu.context = context;
        try {
            cpu.mmu.store(address, size, value);
        } finally {
            cpu.mmu.context = before;
        }
    }

    /** Pops a value, zero-extended. */
    long pop(int size) {
        long value = peek(0, size);
        pointer += size;
        return value;
    }

    /**
     * Pushes a segment register. Of an item of 32 bits only the lower 16 are written, as SDM volume 2, PUSH, says of
     * recent processors.
     */
    void pushSelector(int size, int selector) {
        if (size != 4) {
            push(size, selector);
            return;
        }
        pointer -= 2;
        push(2, selector);
    }

    /** Reads a selector without popping it: 16 bits, whatever the size of the item. */
    int peekSelector(int distance) {
        return (int) peek(distance, 2);
    }

    /** Pops a selector. */
    int popSelector(int size) {
        int selector = peekSelector(0);
        pointer += size;
        return selector;
    }

    /** Reads without popping. */
    long peek(int distance, int size) {
        long address = address(pointer + distance & mask, size);
        int before = cpu.mmu.context;
        cpu.mmu.context = context;
        try {
            return cpu.mmu.load(address, size);
        } finally {
            cpu.mmu.context = before;
        }
    }

    /** Moves the pointer: as RET n does. */
    void skip(long bytes) {
        pointer += bytes;
    }

    private long address(long offset, int size) {
        if (is64) {
            if (!Segments.isCanonical(cpu, offset)) {
                throw Segments.fault(cpu, GuestException.SS, error);
            }
            return offset;
        }
        boolean usable = !segment.unusable || !Segments.isProtected(cpu);
        if (!usable || !Segments.isAccessible(segment, offset, size)) {
            throw Segments.fault(cpu, GuestException.SS, error);
        }
        return segment.base + offset & 0xFFFFFFFFL;
    }

    /** Writes the stack pointer. */
    void commitPointer() {
        long[] r = cpu.r;
        r[Cpu.RSP] = mask == 0xFFFF ? r[Cpu.RSP] & ~0xFFFFL | pointer & 0xFFFF : pointer & mask;
    }

    /** Writes SS and the stack pointer. */
    void commit() {
        cpu.segments[Segment.SS].copy(segment);
        commitPointer();
    }
}

package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.ValueLayout;
import jkvm.soft.mmu.GuestException;

/**
 * A machine with descriptor tables, for tests of transfers: flat code and data of each privilege level, a task state
 * segment, and handlers' gates.
 */
final class DescriptorFixture implements AutoCloseable {
    static final int GDT = 0x1000, IDT = 0x2000, TSS = 0x3000, OTHER_TSS = 0x3800;
    static final int CODE_0 = 0x08, DATA_0 = 0x10, CODE_3 = 0x1B, DATA_3 = 0x23, TASK = 0x28, CONFORMING = 0x38,
            CODE_16 = 0x40, OTHER_TASK = 0x48, GATE = 0x50, CODE_64 = 0x60, CODE_64_USER = 0x6B, ABSENT = 0x70,
            ABSENT_DATA = 0x78, DATA_1 = 0x81, CODE_1 = 0x88, LOCAL = 0x90;
    static final int HANDLER = 0x10000, STACK_0 = 0x20000, STACK_3 = 0x30000, START = 0x40000;
    static final int INTERRUPT_GATE = 0x8E, TRAP_GATE = 0x8F, TASK_GATE = 0x85, CALL_GATE = 0x8C;

    final SoftMachine machine = new SoftMachine(4);
    final Cpu cpu = machine.cpu;

    DescriptorFixture() {
        descriptor(CODE_0, 0, 0xFFFFF, 0xC09A);
        descriptor(DATA_0, 0, 0xFFFFF, 0xC092);
        descriptor(CODE_3, 0, 0xFFFFF, 0xC0FA);
        descriptor(DATA_3, 0, 0xFFFFF, 0xC0F2);
        descriptor(CONFORMING, 0, 0xFFFFF, 0xC09E);
        descriptor(CODE_16, 0x10000, 0xFFFF, 0x009A);
        descriptor(CODE_64, 0, 0xFFFFF, 0xA09A);
        descriptor(CODE_64_USER, 0, 0xFFFFF, 0xA0FA);
        descriptor(ABSENT, 0, 0xFFFFF, 0xC01A);
        descriptor(ABSENT_DATA, 0, 0xFFFFF, 0xC012);
        descriptor(DATA_1, 0, 0xFFFFF, 0xC0B2);
        descriptor(CODE_1, 0, 0xFFFFF, 0xC0BA);
        descriptor(TASK, TSS, 0x67, 0x89);
        descriptor(OTHER_TASK, OTHER_TSS, 0x67, 0x89);
        descriptor(LOCAL, 0x1800, 0x17, 0x82);
        cpu.gdtBase = GDT;
        cpu.gdtLimit = 0x9F;
        cpu.idtBase = IDT;
        cpu.idtLimit = 0x7FF;
        cpu.segments[Segment.TR].set(TASK, TSS, 0x67, 0x8B);
        cpu.segments[Segment.LDTR].unusable = true;
        machine.flat32();
        put32(TSS + 4, STACK_0);
        put32(TSS + 8, DATA_0);
    }

    /** Goes to 4-level paging; GDT and TSS stay where they are. */
    void longMode() {
        machine.long64();
        put64(TSS + 4, STACK_0);
        cpu.segments[Segment.CS].set(CODE_64, 0, 0xFFFFFFFFL, 0xA09B);
        CpuMode.refresh(cpu);
        cpu.rip = START;
        cpu.r[Cpu.RSP] = STACK_0 - 0x103;
    }

    /** At privilege level 0 in 32-bit code. */
    DescriptorFixture kernel() {
        cpu.segments[Segment.CS].set(CODE_0, 0, 0xFFFFFFFFL, 0xC09B);
        enter(0, DATA_0, 0xC093, STACK_0 - 0x100);
        return this;
    }

    /** At privilege level 3 in 32-bit code. */
    DescriptorFixture user() {
        cpu.segments[Segment.CS].set(CODE_3, 0, 0xFFFFFFFFL, 0xC0FB);
        enter(3, DATA_3, 0xC0F3, STACK_3);
        return this;
    }

    private void enter(int cpl, int data, int access, int stack) {
        for (int i : new int[] {Segment.ES, Segment.SS, Segment.DS, Segment.FS, Segment.GS}) {
            cpu.segments[i].set(data, 0, 0xFFFFFFFFL, access);
        }
        cpu.cpl = cpl;
        cpu.rip = START;
        cpu.r[Cpu.RSP] = stack;
        Flags.setAll(cpu, 0x202);
        CpuMode.refresh(cpu);
    }

    /** Virtual-8086 mode. */
    DescriptorFixture vm86() {
        Flags.setAll(cpu, 0x202 | Cpu.VM);
        for (int i = 0; i <= Segment.GS; i++) {
            Segments.loadReal(cpu, i, 0x100 * (i + 1));
        }
        cpu.cpl = 3;
        cpu.rip = 0x123;
        cpu.r[Cpu.RSP] = 0x456;
        CpuMode.refresh(cpu);
        return this;
    }

    void descriptor(int selector, long base, long limit, int access) {
        long low = limit & 0xFFFF | (base & 0xFFFFFF) << 16 | (long) (access & 0xFF) << 40 | (limit >> 16 & 15) << 48
                | (long) (access >> 12 & 15) << 52 | (base >> 24 & 0xFF) << 56;
        put64(GDT + (selector & ~7), low);
    }

    /** A gate of 32 bits in the IDT. */
    void gate(int vector, int selector, long offset, int access) {
        put64(IDT + 8 * vector, gateValue(selector, offset, access));
    }

    /** A gate of 64 bits in the IDT. */
    void longGate(int vector, int selector, long offset, int access, int stack) {
        put64(IDT + 16 * vector, gateValue(selector, offset, access) | (long) stack << 32);
        put64(IDT + 16 * vector + 8, offset >>> 32);
    }

    static long gateValue(int selector, long offset, int access) {
        return offset & 0xFFFF | (long) selector << 16 | (long) access << 40 | (offset >> 16 & 0xFFFF) << 48;
    }

    long get64(long address) {
        return machine.ram.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    void put64(long address, long value) {
        machine.ram.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    int get32(long address) {
        return machine.ram.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    void put32(long address, int value) {
        machine.ram.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    int get16(long address) {
        return machine.ram.get(ValueLayout.JAVA_SHORT_UNALIGNED, address) & 0xFFFF;
    }

    void put16(long address, int value) {
        machine.ram.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) value);
    }

    int selector(int register) {
        return cpu.segments[register].selector;
    }

    /** Asserts that {@code work} raises this exception with this error code. */
    static void expect(int vector, int error, Runnable work) {
        GuestException e = assertThrows(GuestException.class, work::run);
        assertEquals(vector, e.vector);
        assertEquals(error, e.error);
    }

    @Override
    public void close() {
        machine.close();
    }
}

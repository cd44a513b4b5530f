package jkvm.soft.cpu;

import jkvm.soft.mmu.AccessWatch;

/**
 * Breakpoints in the debug registers (SDM vol. 3, 18.2.4): the guest's, or user space's while it debugs with hardware
 * breakpoints (KVM API 4.87). While one is armed, instructions are executed one by one.
 */
final class Breakpoints implements AccessWatch {
    /** Bit of {@link Cpu#guestDebug}: user space's breakpoints are in force. */
    private static final int USER_BREAKPOINTS = 0x20000;
    private static final int ENABLED = 0xFF;

    private final Cpu cpu;
    private long[] registers;
    private boolean armed;
    /** Bits of DR6 for the accesses of the current instruction. */
    private long hits;

    Breakpoints(Cpu cpu) {
        this.cpu = cpu;
        registers = cpu.dr;
    }

    /** Takes over the registers as they are now. */
    void refresh() {
        registers = (cpu.guestDebug & USER_BREAKPOINTS) != 0 ? cpu.userDr : cpu.dr;
        boolean now = (registers[7] & ENABLED) != 0;
        if (now || armed) {
            armed = now;
            cpu.mmu.watchAccesses(now ? this : null);
        }
    }

    boolean isArmed() {
        return armed;
    }

    /** The breakpoints that the instruction at RIP hits before it is executed: bits of DR6. Forgets older hits. */
    long before() {
        boolean is64 = CpuMode.is64(cpu);
        long linear = is64 ? cpu.rip : cpu.segments[Segment.CS].base + cpu.rip & 0xFFFFFFFFL;
        hits = 0;
        boolean resumed = (cpu.systemFlags & Cpu.RF) != 0;
        return resumed ? 0 : DebugRegisters.hits(registers, registers[7], DebugRegisters.EXECUTE, linear, 1);
    }

    /** The breakpoints that the instruction has hit by what it has accessed: bits of DR6. */
    long after(Insn in) {
        if (in.key == Key.PORT && (cpu.cr4 & Cpu.CR4_DE) != 0) {
            long port = in.src >= 0 ? cpu.r[Cpu.RDX] & 0xFFFF : in.imm;
            hits |= DebugRegisters.hits(registers, registers[7], DebugRegisters.IO, port, Math.min(in.size, 4));
        }
        return hits;
    }

    @Override
    public void accessed(long linear, int size, boolean write) {
        int kind = write ? DebugRegisters.WRITE : DebugRegisters.ACCESS;
        hits |= DebugRegisters.hits(registers, registers[7], kind, linear, size);
    }
}

package jkvm.soft.cpu;

import jkvm.soft.mmu.GuestException;

/** Not there yet: #UD. */
final class X87Ops {
    private X87Ops() {
    }

    static void execute(Cpu cpu, Insn in) {
        throw cpu.fault.of(GuestException.UD);
    }
}

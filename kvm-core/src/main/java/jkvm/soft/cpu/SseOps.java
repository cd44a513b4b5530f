package jkvm.soft.cpu;

import jkvm.soft.mmu.GuestException;

/** Not there yet: #UD. */
final class SseOps {
    private SseOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        throw cpu.fault.of(GuestException.UD);
    }
}

package jkvm.soft.cpu;

import jkvm.soft.mmu.GuestException;

/** Hands an instruction to the class that executes its group. */
final class Groups {
    private Groups() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.key) {
            case Key.STRING -> StringOps.execute(cpu, in);
            case Key.PORT -> PortOps.execute(cpu, in);
            case Key.STACK -> StackOps.execute(cpu, in);
            case Key.BITS -> BitOps.execute(cpu, in);
            case Key.INTEGER -> IntegerOps.execute(cpu, in);
            case Key.SYSTEM -> SystemOps.execute(cpu, in);
            case Key.X87 -> X87Ops.execute(cpu, in);
            case Key.MMX -> MmxOps.execute(cpu, in);
            case Key.SSE -> SseOps.execute(cpu, in);
            default -> throw cpu.fault.of(GuestException.UD);
        }
    }
}

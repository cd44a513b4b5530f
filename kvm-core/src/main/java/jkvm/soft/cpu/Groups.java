package jkvm.soft.cpu;

import jkvm.soft.mmu.GuestException;

/** Hands an instruction to the class that executes its group. */
public final class Groups {
    private Groups() {
    }

    /** Executes an instruction that the interpreter's loop does not execute itself. */
    static void execute(Cpu cpu, Insn in) {
        execute(cpu, in, in.key);
    }

    /** Executes any instruction that does not end a block, a common one too. Leaves RIP as it is. */
    public static void executeAny(Cpu cpu, Insn in) {
        execute(cpu, in, Key.group(in.op));
    }

    private static void execute(Cpu cpu, Insn in, int group) {
        switch (group) {
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

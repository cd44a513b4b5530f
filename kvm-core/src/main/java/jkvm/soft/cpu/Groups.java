package jkvm.soft.cpu;

import java.lang.invoke.MethodHandles;
import java.util.List;
import jkvm.soft.mmu.GuestException;

/** Hands an instruction to the class that executes its group. */
public final class Groups {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private Groups() {
    }

    /**
     * Initialises the classes that execute groups of instructions. The JVM's compiler takes a call into a class that
     * was never used for one that does not happen: at the guest's first x87 instruction it would throw away the
     * compiled loop of the interpreter, into which these calls are inlined.
     */
    static void initialize() {
        try {
            for (Class<?> owner : List.of(StringOps.class, PortOps.class, StackOps.class, BitOps.class, ShiftOps.class,
                    IntegerOps.class, MultiplyOps.class, ExchangeOps.class, DecimalOps.class, SystemOps.class,
                    ControlOps.class, DescriptorOps.class, SegmentOps.class, MsrOps.class, FastCalls.class,
                    FarTransfers.class, InterruptReturn.class, X87Ops.class, X87MemoryOps.class, FpuSaveOps.class,
                    MmxOps.class, SseOps.class, SseMoves.class, SseFloatOps.class, SseIntegerOps.class,
                    SseConversions.class, SseStringOps.class, Sse38Ops.class, Sse3aOps.class)) {
                LOOKUP.ensureInitialized(owner);
            }
        } catch (IllegalAccessException e) {
            throw new AssertionError("a class of this package", e);
        }
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

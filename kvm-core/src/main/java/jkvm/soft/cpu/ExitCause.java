package jkvm.soft.cpu;

/** Reasons for which {@code Processor.run()} and {@code Processor.step()} return to the KVM around them. */
public final class ExitCause {
    /** Nothing: {@code Processor.step()} has executed its instruction. Also {@link Cpu#exit}: go on. */
    public static final int NONE = 0;
    /**
     * {@link Cpu#raiseAttention()} was called, or some 100,000 instructions have run. All instructions are complete;
     * look for interrupts, signals and immediate_exit, then call again.
     */
    public static final int ATTENTION = 1;
    /** HLT is complete; {@link Cpu#halted} is set. */
    public static final int HALTED = 2;
    /**
     * User space has to answer before the current instruction can complete: a port, a read of MMIO, an MSR, a
     * hypercall. {@link CpuHost} or the bus has noted what; RIP is at the instruction, which is executed again.
     */
    public static final int USER_SPACE = 3;
    /**
     * An instruction that was executed alone is complete: it may have queued MMIO writes for user space. Look, then
     * call again. Also after a write into decoded code.
     */
    public static final int WRITTEN = 4;
    /** The host has no memory at a slot's address: EFAULT; RIP is at the instruction. */
    public static final int HOST_FAULT = 5;
    /** Triple fault. */
    public static final int SHUTDOWN = 6;
    /**
     * A debug exception that user space asked for (guest debug); {@link Cpu#fault} tells the vector and the payload.
     */
    public static final int DEBUG = 7;
    /** RIP is in a page that is no RAM: KVM's internal error "emulation failed". */
    public static final int NO_CODE = 8;
    /** Something that user space has to see and that is complete already: CR8 lowered without an in-kernel LAPIC. */
    public static final int COMPLETED = 9;

    private ExitCause() {
    }
}

package jkvm.soft.mmu;

/**
 * Ends the current instruction before it changed any register: it is executed again later. Shared objects without a
 * stack trace, told apart by identity.
 */
@SuppressWarnings("StaticAssignmentOfThrowable")   // they carry no stack trace and cost no allocation
public final class Interruption extends RuntimeException {
    /**
     * The access needs user space's answer (a read of MMIO). {@link PhysicalBus#read} has noted it; the instruction is
     * executed again when the data are there.
     */
    public static final Interruption EXIT = new Interruption("exit to user space");
    /**
     * The processor must check its state after this access: a write to MMIO that exits, or to code that is decoded.
     * The instruction is executed again alone, with {@link Mmu#single} set.
     */
    public static final Interruption ALONE = new Interruption("execute this instruction alone");
    /**
     * The instruction looks at the time, or changes what depends on it, and time is counted in instructions. It is
     * executed again alone, when it is known how many came before it.
     */
    public static final Interruption COUNTED = new Interruption("execute this instruction at a known count");
    /** The host has no memory at the slot's address: KVM_RUN ends with EFAULT, the instruction stays to be executed. */
    public static final Interruption HOST_FAULT = new Interruption("host address not accessible");
    /**
     * A page table lies in no memory slot. The host's KVM tries again until it is interrupted; here KVM_RUN ends with
     * an internal error.
     */
    public static final Interruption PAGE_TABLE = new Interruption("page table outside of memory");
    /** An instruction is fetched from where there is no memory: KVM_RUN ends with an internal error. */
    public static final Interruption FETCH = new Interruption("instruction fetch outside of memory");
    private static final long serialVersionUID = 1;

    private Interruption(String what) {
        super(what, null, false, false);
    }
}

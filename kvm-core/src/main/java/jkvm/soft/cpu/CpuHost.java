package jkvm.soft.cpu;

/**
 * The KVM around a processor, as the processor sees it; memory is {@link jkvm.soft.mmu.PhysicalBus}. Called on the
 * vCPU's thread, in the middle of an instruction whose registers are not yet changed.
 */
public interface CpuHost {
    /** Answers of {@link #portIn} and {@link #portOut}, {@link #readMsr} and {@link #writeMsr}. */
    int DONE = 0, EXIT = 1, FAULT = 2, UNKNOWN = 3;

    /**
     * A port read of the current instruction.
     *
     * @return {@link #DONE} with the value in {@link Cpu#transfer}, or {@link #EXIT}: KVM_RUN returns with exit IO
     *         before the instruction has changed anything; it is executed again once user space has answered
     */
    int portIn(int port, int size);

    /**
     * A port write. {@link #DONE} if a chip inside KVM or an ioeventfd took it, or if it is the exit's completion;
     * {@link #EXIT} as above.
     */
    int portOut(int port, int size, long value);

    /**
     * A port write of one item of OUTS, which is complete with it in any case. {@link #EXIT}: the instruction takes the
     * item as written and ends; KVM_RUN returns with exit IO.
     */
    int portOutString(int port, int size, long value);

    /**
     * One exit for many items of INS: what the instruction may take from the data that user space gave.
     *
     * @param size   of an item: 1, 2 or 4 bytes
     * @param count  how many the guest wants, at least 1
     * @param toPageEnd items up to the end of the destination's page, by KVM's arithmetic, at least 1
     * @return how many items are there now, in {@link #stringInput}; 0 for an exit
     */
    int portInString(int port, int size, long count, int toPageEnd);

    /** Item {@code index} of the data of {@link #portInString}, taken in order. */
    long stringInput(int index);

    /**
     * RDMSR of a register that {@link Msrs} does not hold itself: APIC, x2APIC, TSC deadline, paravirtual clock.
     *
     * @return {@link #DONE} with the value in {@link Cpu#transfer}, {@link #EXIT}, {@link #FAULT} for #GP, or
     *         {@link #UNKNOWN}
     */
    int readMsr(int index);

    /** WRMSR, as {@link #readMsr}. */
    int writeMsr(int index, long value);

    /**
     * True if user space wants to see this access to an MSR, or the filter denies it: asked before the processor's own.
     */
    boolean filtersMsrs();

    /**
     * An access to an MSR that fails: nobody has the register, or it does not take the value. Asked for accesses that
     * were not refused by this object itself.
     *
     * @return {@link #FAULT} for #GP; {@link #EXIT} where user space wants to see it: it is asked again, by
     *         {@link #readMsr} or {@link #writeMsr}, when the instruction is executed again
     */
    default int refuseMsr(int index, boolean write, long value, boolean isUnknown) {
        return FAULT;
    }

    /** The time stamp counter of this vCPU: host time scaled, with the guest's offset. */
    long timeStamp();

    /** CR8, the task priority's upper four bits, for MOV from CR8. */
    long taskPriority();

    /**
     * MOV to CR8.
     *
     * @return {@link #DONE} or {@link #EXIT} after the instruction (no in-kernel LAPIC, CR8 lowered)
     */
    int taskPriority(long value);

    /**
     * VMCALL and VMMCALL: number in RAX.
     *
     * @return {@link #DONE} with RAX's new value in transfer, or {@link #EXIT}
     */
    int hypercall();

    /** False if no other processor writes to this one's memory. */
    default boolean hasPeers() {
        return true;
    }

    /** IRET has ended the blocking of NMIs; something that opens a window for interrupts has happened. */
    void interruptWindowOpened();
}

package jkvm.soft.mmu;

/**
 * The guest physical address space: memory slots, chips inside KVM, and MMIO of user space. Called on the
 * thread of the vCPU that accesses, but where noted.
 */
public interface PhysicalBus {

    /**
     * The host address of the 4 KiB page of RAM or ROM that holds {@code gpa}; 0 if no slot covers it.
     *
     * @throws Interruption {@link Interruption#HOST_FAULT} where the host has no readable memory there
     */
    long readablePage(long gpa);

    /**
     * The host address of the page if the guest may write there; 0 if no slot covers it or the slot is read-only.
     * Counts as a write: the page is marked in the dirty log.
     *
     * @throws Interruption {@link Interruption#HOST_FAULT} where the host has no writable memory there
     */
    long writablePage(long gpa);

    /**
     * Reads where there is no RAM. Answers from a chip inside KVM, or with what user space gave for this access.
     *
     * @param size 1 to 8 bytes inside one page; 3, 5, 6 and 7 are parts of accesses that cross a page end
     * @return the value, zero-extended
     * @throws Interruption {@link Interruption#EXIT} if user space has to answer first
     */
    long read(long gpa, int size);

    /**
     * True where a write reaches user space, or ends an interrupt that user space may hear of, so that the vCPU has to
     * stop after the instruction. False for other writes to chips inside KVM, ioeventfds and coalesced MMIO.
     */
    boolean writeExits(long gpa, int size, long value);

    /** Writes where there is no writable RAM; what user space has to see is queued for after the instruction. */
    void write(long gpa, int size, long value);
}

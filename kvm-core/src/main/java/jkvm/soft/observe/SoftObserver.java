package jkvm.soft.observe;

/**
 * Watches a vCPU of the KVM in Java from inside: what a processor does between two exits and hides from user space.
 * Called on the vCPU's thread in the middle of an instruction, after each event: an observer returns soon and touches
 * nothing of the VM. Only slow paths call it, so that a vCPU without one is not slower. All methods do nothing unless
 * overridden.
 *
 * <pre>{@code
 * SoftObserver walks = new SoftObserver() {
 *     @Override
 *     public void pageWalked(long linear, Access access, int levels, long physical) {
 *         System.out.printf("%x is at %x%n", linear, physical);
 *     }
 * };
 * Kvm kvm = Accelerators.openSoft(vcpu -> walks).openKvm();
 * }</pre>
 */
public interface SoftObserver {
    /** The purpose of an access to memory. */
    enum Access { READ, WRITE, FETCH }

    /**
     * A walk through the guest's page tables has found a page. There is none while paging is off.
     *
     * @param linear   the address that was translated
     * @param levels   how many entries were read: 1 to 5
     * @param physical the guest physical address that {@code linear} stands for
     */
    default void pageWalked(long linear, Access access, int levels, long physical) {
    }

    /**
     * A walk has ended in a page fault, which is about to be delivered to the guest.
     *
     * @param error the error code that the guest's handler gets
     */
    default void pageFaulted(long linear, Access access, int error) {
    }

    /**
     * The translation of a page of 4 KiB has entered the TLB: from now on accesses to it need no walk.
     *
     * @param linear   the address whose page it is
     * @param physical the guest physical address of the page
     */
    default void tlbFilled(long linear, Access access, long physical) {
    }

    /** Translations were dropped: all, or all that are not global. Single pages dropped by INVLPG are not told. */
    default void tlbFlushed() {
    }

    /**
     * An interrupt or exception has been delivered: the next instruction is its handler's first.
     *
     * @param vector 0 to 255
     * @param returns RIP that the handler returns to: of the instruction that faulted, or of the next one
     * @param handler RIP of the handler
     */
    default void delivered(int vector, long returns, long handler) {
    }

    /**
     * The guest has executed some more instructions, in compiled code or not: a sample of where it spends them, taken
     * every 101 instructions at first and every 10,007 in a long run, at the start of the next block or loop.
     *
     * @param linear       the address of the next instruction
     * @param instructions how many there were since the last sample
     * @param isUser       the processor is at privilege level 3
     */
    default void executed(long linear, long instructions, boolean isUser) {
    }

    /**
     * Asked for once, before the vCPU runs.
     *
     * @return counts the jumps of the guest from now on, which makes it slower; null for no count
     */
    default EdgeCoverage coverage() {
        return null;
    }
}

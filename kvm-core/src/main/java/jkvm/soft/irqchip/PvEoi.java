package jkvm.soft.irqchip;

/**
 * The flag in a guest's memory by which it ends an interrupt without an access to the APIC (MSR 0x4B564D04 of KVM's
 * paravirtual interface). Called on the vCPU's thread with the chips' lock held.
 */
public interface PvEoi {
    /** For a guest that does not use it. */
    PvEoi NONE = new PvEoi() {
        @Override
        public boolean isMarked() {
            return false;
        }

        @Override
        public void mark() {
            // There is no flag: the guest writes the EOI register.
        }

        @Override
        public boolean takeBack() {
            return false;
        }
    };

    /** True between {@link #mark()} and {@link #takeBack()}. */
    boolean isMarked();

    /** Sets the flag: the guest may end its interrupt by clearing it. */
    void mark();

    /**
     * Clears the flag.
     *
     * @return true if it was still set: the interrupt has not ended
     */
    boolean takeBack();
}

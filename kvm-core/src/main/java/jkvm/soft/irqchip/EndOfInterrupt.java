package jkvm.soft.irqchip;

/**
 * Ends the interrupts in service of one local APIC: by a write to its register, or by the guest's flag in memory
 * (MSR 0x4B564D04 of KVM's paravirtual interface). Tells the IOAPIC here or, by an exit, user space's.
 * Public methods may be called by any thread and take the chips' lock unless they say otherwise; the others are called
 * with it held.
 */
public final class EndOfInterrupt {
    private static final int NOTHING = -1;

    private final IrqChips chips;
    private final Object lock;
    private final Lapic lapic;
    private final ApicPage page;
    /** The vector whose end user space does not know yet. */
    private volatile int exit = NOTHING;
    private PvEoi flag = PvEoi.NONE;

    EndOfInterrupt(IrqChips chips, Lapic lapic, ApicPage page) {
        this.chips = chips;
        this.lock = chips.lock();
        this.lapic = lapic;
        this.page = page;
    }

    /** Ends the most urgent interrupt in service. */
    void end() {
        int vector = page.inService.highest();
        if (vector == NOTHING) {
            return;
        }
        page.inService.clear(vector);
        page.updatePriority();
        boolean directed = (page.get(ApicRegister.SPURIOUS_VECTOR) & ApicRegister.SPURIOUS_DIRECTED_EOI_BIT) != 0;
        if (!chips.isSplit()) {
            chips.ioapic().endOfInterrupt(lapic, vector, page.triggerMode.contains(vector), directed);
        } else if (chips.isEoiWanted(lapic, vector)) {
            exit = vector;
            lapic.attend();
        }
        lapic.updateInterrupt();
    }

    // The exit for user space's IOAPIC.

    /** True if {@link #takeExit()} may have a vector. No lock. */
    public boolean hasExit() {
        return exit != NOTHING;
    }

    /**
     * A vector whose end user space's IOAPIC wants to see (KVM_EXIT_IOAPIC_EOI), on a split irqchip; it is told once.
     *
     * @return -1 without one, also where its route has gone since
     */
    public int takeExit() {
        synchronized (lock) {
            int vector = exit;
            exit = NOTHING;
            return vector != NOTHING && chips.isEoiWanted(lapic, vector) ? vector : NOTHING;
        }
    }

    /** True if a write to memory ends an interrupt that user space may want to hear of. No lock. */
    public boolean mayExit(long gpa, int size) {
        return chips.isSplit() && size == Integer.BYTES && gpa - page.address() == ApicRegister.EOI;
    }

    // Paravirtual end of interrupt.

    /** Where the guest's memory has its flag from now on. */
    public void setFlag(PvEoi flag) {
        synchronized (lock) {
            // The guest may have ended its interrupt by the old flag a moment ago.
            collect();
            this.flag = flag;
        }
    }

    /** There is no flag any more. */
    void forget() {
        flag = PvEoi.NONE;
    }

    /**
     * Before the vCPU looks for interrupts, and before each access to the APIC: if the guest has cleared the flag that
     * {@link #mark()} set, the interrupt in service has ended. If it has not, takes the flag back.
     */
    public void collect() {
        synchronized (lock) {
            if (flag.isMarked() && !flag.takeBack()) {
                end();
            }
        }
    }

    /** Before guest code runs: permits the guest to end its interrupt by clearing the flag, if that is enough. */
    public void mark() {
        synchronized (lock) {
            int vector = page.inService.highest();
            if (vector != NOTHING && page.requests.highest() == NOTHING && !chips.wantsEoi(lapic, vector)) {
                flag.mark();
            }
        }
    }
}

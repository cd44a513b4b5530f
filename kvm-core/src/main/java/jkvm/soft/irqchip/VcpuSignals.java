package jkvm.soft.irqchip;

/**
 * A vCPU as the interrupt controllers see it. Called by any thread with the chips' lock held: implementations note the
 * event, wake the vCPU, and return; they neither block nor call the chips.
 */
public interface VcpuSignals {
    /**
     * {@link Lapic#hasInterrupt()} or {@link EndOfInterrupt#hasExit()} may have become true: the vCPU stops executing
     * guest code, or being halted, and looks.
     */
    void attention();

    /** A non-maskable interrupt. */
    void nmi();

    /** INIT, from an IPI or a message: the vCPU resets itself and then waits for a SIPI, unless it is the boot CPU. */
    void init();

    /** A start-up IPI: a vCPU that waits for it begins at {@code vector << 12} in real mode; others ignore it. */
    void startup(int vector);

    /**
     * A system management interrupt.
     *
     * @return true if it was accepted; false where there is no SMM
     */
    boolean smi();

    /**
     * When this vCPU's time stamp counter reaches a value.
     *
     * @return nanoseconds of {@link Timers#nanos()}; the present or the past if the counter is there already
     */
    long nanosAtTsc(long tsc);
}

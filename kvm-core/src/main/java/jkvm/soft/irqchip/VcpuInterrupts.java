package jkvm.soft.irqchip;

/**
 * What interrupt controllers may ask of a vCPU. Any thread may call, with or without a chip's lock held: an
 * implementation only notes what is asked and wakes the vCPU's thread, which then looks for itself.
 */
public interface VcpuInterrupts {
    /** An interrupt or event may be ready: the vCPU looks at its controllers soon, and wakes up if it is halted. */
    void attend();

    /** A non-maskable interrupt (LVT or message of delivery mode NMI). */
    void nmi();

    /** INIT, the edge: the vCPU resets and waits for a start-up interrupt, unless it is the boot processor. */
    void init();

    /** A start-up interrupt. @param vector the page that execution begins in, 0 to 255 */
    void startUp(int vector);
}

package jkvm.bench;

import java.util.stream.Stream;

/**
 * What the laps of a loop in {@code exits.S} do, in its order. Where kvm-unit-tests' vmexit measures the same, the name
 * is the one that it has there.
 */
enum ExitKind {
    PORT_WRITE("portio-no-eventfd"),
    PORT_READ("inl_from_qemu"),
    /** KVM leaves for each byte. */
    STRING_WRITE("rep_outsb"),
    MEMORY_WRITE("mmio-no-eventfd"),
    MEMORY_READ("mmio_read"),
    HLT("hlt"),
    HYPERCALL_EXIT("hypercall_exit"),
    INTERRUPT("irqfd_to_handler"),
    CPUID("cpuid"),
    HYPERCALL("vmcall"),
    KERNEL_READ("inl_from_kernel"),
    KERNEL_WRITE("outl_to_kernel"),
    PORT_EVENT("portio-wildcard-eventfd"),
    MEMORY_EVENT("mmio-wildcard-eventfd"),
    COALESCED("portio-coalesced"),
    /** KVM_RUN returns before it enters the guest, whichever that is. */
    IMMEDIATE_EXIT("immediate_exit");

    /**
     * Times that the kernel does the work of {@link #CPUID} and those that follow, for one exit. By its arithmetic
     * KVM may take the ring of coalesced writes for full when half of it is.
     */
    static final int LAPS = 80;
    private static final int LOOP_SIZE = 64;
    private final String text;

    ExitKind(String text) {
        this.text = text;
    }

    static ExitKind named(String text) {
        return Stream.of(values()).filter(kind -> kind.text.equals(text)).findFirst().orElseThrow();
    }

    /** Where its loop begins in the image. */
    int offset() {
        return this == IMMEDIATE_EXIT ? 0 : ordinal() * LOOP_SIZE;
    }

    /** True if the VM has interrupt controllers, without which HLT leaves the kernel. */
    boolean hasIrqchip() {
        return this == INTERRUPT || this == KERNEL_READ || this == KERNEL_WRITE;
    }

    @Override
    public String toString() {
        return text;
    }
}

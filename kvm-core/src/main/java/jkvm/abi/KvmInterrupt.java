package jkvm.abi;

/** {@code struct kvm_interrupt}: a vector to inject (KVM API 4.16, KVM_INTERRUPT). */
public final class KvmInterrupt extends KvmStruct {
    public static final long SIZE = 4;
    public static final long IRQ_OFFSET = 0;

    /** A zeroed struct in memory of its own. */
    public KvmInterrupt() {
        super(allocate(SIZE));
    }

    /** The vector, 0 to 255. */
    public int irq() {
        return getInt(IRQ_OFFSET);
    }

    public void irq(int value) {
        setInt(IRQ_OFFSET, value);
    }
}

package jkvm.abi;

/** {@code struct kvm_irq_level}: the level of an interrupt line (KVM API 4.25, KVM_IRQ_LINE). */
public final class KvmIrqLevel extends KvmStruct {
    public static final long SIZE = 8;
    public static final long IRQ_OFFSET = 0;
    public static final long STATUS_OFFSET = 0;
    public static final long LEVEL_OFFSET = 4;

    /** A zeroed struct in memory of its own. */
    public KvmIrqLevel() {
        super(allocate(SIZE));
    }

    /** The GSI. */
    public int irq() {
        return getInt(IRQ_OFFSET);
    }

    public void irq(int value) {
        setInt(IRQ_OFFSET, value);
    }

    /** After KVM_IRQ_LINE_STATUS: above zero delivered, zero coalesced, below zero masked. */
    public int status() {
        return getInt(STATUS_OFFSET);
    }

    /** 1 or 0. */
    public int level() {
        return getInt(LEVEL_OFFSET);
    }

    public void level(int value) {
        setInt(LEVEL_OFFSET, value);
    }
}

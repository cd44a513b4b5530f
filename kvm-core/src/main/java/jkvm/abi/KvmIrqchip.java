package jkvm.abi;

/** {@code struct kvm_irqchip}: the state of one interrupt controller of the VM (KVM API 4.26, KVM_GET_IRQCHIP). */
public final class KvmIrqchip extends KvmStruct {
    public static final long SIZE = 520;
    public static final long CHIP_ID_OFFSET = 0;
    public static final long CHIP_OFFSET = 8;
    public static final int PIC_MASTER = 0;
    public static final int PIC_SLAVE = 1;
    public static final int IOAPIC = 2;

    /** @param chipId which controller: a constant of this class */
    public KvmIrqchip(int chipId) {
        super(allocate(SIZE));
        chipId(chipId);
    }

    /** One of the constants of this class. */
    public int chipId() {
        return getInt(CHIP_ID_OFFSET);
    }

    public void chipId(int value) {
        setInt(CHIP_ID_OFFSET, value);
    }

    /** The state if this is a PIC. */
    public KvmPicState pic() {
        return new KvmPicState(segment().asSlice(CHIP_OFFSET, KvmPicState.SIZE));
    }

    /** The state if this is the IOAPIC. */
    public KvmIoapicState ioapic() {
        return new KvmIoapicState(segment().asSlice(CHIP_OFFSET, KvmIoapicState.SIZE));
    }
}

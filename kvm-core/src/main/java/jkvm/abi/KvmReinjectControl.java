package jkvm.abi;

/**
 * {@code struct kvm_reinject_control}: whether timer interrupts that the guest missed are delivered later
 * (KVM_REINJECT_CONTROL).
 */
public final class KvmReinjectControl extends KvmStruct {
    public static final long SIZE = 32;
    public static final long PIT_REINJECT_OFFSET = 0;

    /** A zeroed struct in memory of its own. */
    public KvmReinjectControl() {
        super(allocate(SIZE));
    }

    public boolean isPitReinject() {
        return getByte(PIT_REINJECT_OFFSET) != 0;
    }

    public void pitReinject(boolean value) {
        setByte(PIT_REINJECT_OFFSET, (byte) (value ? 1 : 0));
    }
}

package jkvm.abi;

/**
 * {@code struct kvm_guest_debug}: single step and breakpoints (KVM API 4.87, KVM_SET_GUEST_DEBUG). With hardware
 * breakpoints {@link #debugreg} holds their addresses (0-3) and DR7.
 */
public final class KvmGuestDebug extends KvmStruct {
    public static final long SIZE = 72;
    public static final long CONTROL_OFFSET = 0;
    public static final long DEBUGREG_OFFSET = 8;
    public static final int ENABLE = 1;
    public static final int SINGLESTEP = 2;
    /** INT3 leads to an exit instead of to the guest's handler. */
    public static final int USE_SW_BP = 0x10000;
    /** The debug registers of this struct are in force instead of the guest's. */
    public static final int USE_HW_BP = 0x20000;
    public static final int INJECT_DB = 0x40000;
    public static final int INJECT_BP = 0x80000;
    /** No interrupts while single-stepping (needs KVM_CAP_SET_GUEST_DEBUG2). */
    public static final int BLOCKIRQ = 0x100000;

    /** A zeroed struct in memory of its own. */
    public KvmGuestDebug() {
        super(allocate(SIZE));
    }

    /** ENABLE and what is to be debugged; zero ends debugging. */
    public int control() {
        return getInt(CONTROL_OFFSET);
    }

    public void control(int value) {
        setInt(CONTROL_OFFSET, value);
    }

    /** Debug register {@code i}: DR0-DR3 are addresses, DR7 says what they trap. */
    public long debugreg(int i) {
        return getLong(element(DEBUGREG_OFFSET, i, 8, 8));
    }

    public void debugreg(int i, long value) {
        setLong(element(DEBUGREG_OFFSET, i, 8, 8), value);
    }
}

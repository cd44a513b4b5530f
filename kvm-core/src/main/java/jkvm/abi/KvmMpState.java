package jkvm.abi;

/** {@code struct kvm_mp_state}: whether a vCPU runs, halts or waits (KVM API 4.38, KVM_GET_MP_STATE). */
public final class KvmMpState extends KvmStruct {
    public static final long SIZE = 4;
    public static final long MP_STATE_OFFSET = 0;
    public static final int RUNNABLE = 0;
    /** Waits for its first INIT: every vCPU but the boot processor at power-on. */
    public static final int UNINITIALIZED = 1;
    /** Waits for a SIPI. */
    public static final int INIT_RECEIVED = 2;
    public static final int HALTED = 3;
    public static final int SIPI_RECEIVED = 4;
    public static final int AP_RESET_HOLD = 9;

    /** A zeroed struct in memory of its own. */
    public KvmMpState() {
        super(allocate(SIZE));
    }

    /** One of the constants of this class. */
    public int mpState() {
        return getInt(MP_STATE_OFFSET);
    }

    public void mpState(int value) {
        setInt(MP_STATE_OFFSET, value);
    }
}

package jkvm.abi;

/**
 * {@code struct kvm_lapic_state}: the local APIC's register page (KVM API 4.57, KVM_GET_LAPIC). Registers are 32 bits
 * wide and 16 bytes apart (Intel SDM volume 3, table 11-1).
 */
public final class KvmLapicState extends KvmStruct {
    public static final long SIZE = 1024;
    public static final int ID_REGISTER = 0x20;
    public static final int VERSION_REGISTER = 0x30;
    public static final int TPR_REGISTER = 0x80;
    public static final int SPURIOUS_REGISTER = 0xF0;
    public static final int ICR_REGISTER = 0x300;
    public static final int LVT_LINT0_REGISTER = 0x350;
    public static final int LVT_LINT1_REGISTER = 0x360;
    private static final int REGISTERS = 64;
    private static final int STRIDE = 16;

    /** A zeroed struct in memory of its own. */
    public KvmLapicState() {
        super(allocate(SIZE));
    }

    /** @param offset of a register from the APIC's base, a multiple of 16 below 0x400 */
    public int register(int offset) {
        return getInt(element(0, offset / STRIDE, REGISTERS, STRIDE));
    }

    /** @param offset of a register from the APIC's base, a multiple of 16 below 0x400 */
    public void register(int offset, int value) {
        setInt(element(0, offset / STRIDE, REGISTERS, STRIDE), value);
    }
}

package jkvm.abi;

/** {@code struct kvm_x86_mce}: a machine check to inject (KVM_X86_SET_MCE). */
public final class KvmX86Mce extends KvmStruct {
    public static final long SIZE = 64;
    public static final long STATUS_OFFSET = 0;
    public static final long ADDR_OFFSET = 8;
    public static final long MISC_OFFSET = 16;
    public static final long MCG_STATUS_OFFSET = 24;
    public static final long BANK_OFFSET = 32;

    /** A zeroed struct in memory of its own. */
    public KvmX86Mce() {
        super(allocate(SIZE));
    }

    public long status() {
        return getLong(STATUS_OFFSET);
    }

    public void status(long value) {
        setLong(STATUS_OFFSET, value);
    }

    public long addr() {
        return getLong(ADDR_OFFSET);
    }

    public void addr(long value) {
        setLong(ADDR_OFFSET, value);
    }

    public long misc() {
        return getLong(MISC_OFFSET);
    }

    public void misc(long value) {
        setLong(MISC_OFFSET, value);
    }

    public long mcgStatus() {
        return getLong(MCG_STATUS_OFFSET);
    }

    public void mcgStatus(long value) {
        setLong(MCG_STATUS_OFFSET, value);
    }

    public int bank() {
        return Byte.toUnsignedInt(getByte(BANK_OFFSET));
    }

    public void bank(int value) {
        setByte(BANK_OFFSET, (byte) value);
    }
}

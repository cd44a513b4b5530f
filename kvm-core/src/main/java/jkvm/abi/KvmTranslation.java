package jkvm.abi;

/**
 * {@code struct kvm_translation}: a linear address looked up in the guest's page tables (KVM API 4.15, KVM_TRANSLATE).
 */
public final class KvmTranslation extends KvmStruct {
    public static final long SIZE = 24;
    public static final long LINEAR_ADDRESS_OFFSET = 0;
    public static final long PHYSICAL_ADDRESS_OFFSET = 8;
    public static final long VALID_OFFSET = 16;
    public static final long WRITEABLE_OFFSET = 17;
    public static final long USERMODE_OFFSET = 18;

    /** A zeroed struct in memory of its own. */
    public KvmTranslation() {
        super(allocate(SIZE));
    }

    public long linearAddress() {
        return getLong(LINEAR_ADDRESS_OFFSET);
    }

    public void linearAddress(long value) {
        setLong(LINEAR_ADDRESS_OFFSET, value);
    }

    public long physicalAddress() {
        return getLong(PHYSICAL_ADDRESS_OFFSET);
    }

    public void physicalAddress(long value) {
        setLong(PHYSICAL_ADDRESS_OFFSET, value);
    }

    /** False where the guest has no mapping. */
    public boolean isValid() {
        return getByte(VALID_OFFSET) != 0;
    }

    public void valid(boolean value) {
        setByte(VALID_OFFSET, (byte) (value ? 1 : 0));
    }

    public boolean isWriteable() {
        return getByte(WRITEABLE_OFFSET) != 0;
    }

    public void writeable(boolean value) {
        setByte(WRITEABLE_OFFSET, (byte) (value ? 1 : 0));
    }

    public boolean isUsermode() {
        return getByte(USERMODE_OFFSET) != 0;
    }

    public void usermode(boolean value) {
        setByte(USERMODE_OFFSET, (byte) (value ? 1 : 0));
    }
}

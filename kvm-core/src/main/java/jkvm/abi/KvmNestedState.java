package jkvm.abi;

/**
 * {@code struct kvm_nested_state}: the state of a guest that is a hypervisor itself (KVM API 4.114,
 * KVM_GET_NESTED_STATE). Needs as many bytes as KVM_CAP_NESTED_STATE says.
 */
public final class KvmNestedState extends KvmStruct {
    public static final long SIZE = 128;
    public static final long FLAGS_OFFSET = 0;
    public static final long FORMAT_OFFSET = 2;
    public static final long SIZE_OFFSET = 4;
    public static final long VMXON_PA_OFFSET = 8;
    public static final long VMCS12_PA_OFFSET = 16;
    public static final long VMCB_PA_OFFSET = 8;
    public static final long DATA_OFFSET = 128;
    public static final int FORMAT_VMX = 0;
    public static final int FORMAT_SVM = 1;

    /** A zeroed struct of {@code size} bytes, header included. */
    public KvmNestedState(int size) {
        super(allocate(Math.max(SIZE, size)));
        size((int) segment().byteSize());
    }

    public int flags() {
        return Short.toUnsignedInt(getShort(FLAGS_OFFSET));
    }

    public void flags(int value) {
        setShort(FLAGS_OFFSET, (short) value);
    }

    /** 0 for VMX, 1 for SVM. */
    public int format() {
        return Short.toUnsignedInt(getShort(FORMAT_OFFSET));
    }

    public void format(int value) {
        setShort(FORMAT_OFFSET, (short) value);
    }

    /** Bytes of the struct and the data after it. */
    public int size() {
        return getInt(SIZE_OFFSET);
    }

    public void size(int value) {
        setInt(SIZE_OFFSET, value);
    }

    public long vmxonPa() {
        return getLong(VMXON_PA_OFFSET);
    }

    public void vmxonPa(long value) {
        setLong(VMXON_PA_OFFSET, value);
    }

    public long vmcs12Pa() {
        return getLong(VMCS12_PA_OFFSET);
    }

    public void vmcs12Pa(long value) {
        setLong(VMCS12_PA_OFFSET, value);
    }

    public long vmcbPa() {
        return getLong(VMCB_PA_OFFSET);
    }

    public void vmcbPa(long value) {
        setLong(VMCB_PA_OFFSET, value);
    }
}

package jkvm.abi;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct kvm_vcpu_events}: exceptions, interrupts, NMIs and SMIs that wait or are being delivered (KVM API 4.31,
 * KVM_GET_VCPU_EVENTS).
 */
public final class KvmVcpuEvents extends KvmStruct {
    public static final long SIZE = 64;
    public static final long EXCEPTION_INJECTED_OFFSET = 0;
    public static final long EXCEPTION_NR_OFFSET = 1;
    public static final long EXCEPTION_HAS_ERROR_CODE_OFFSET = 2;
    public static final long EXCEPTION_PENDING_OFFSET = 3;
    public static final long EXCEPTION_ERROR_CODE_OFFSET = 4;
    public static final long INTERRUPT_INJECTED_OFFSET = 8;
    public static final long INTERRUPT_NR_OFFSET = 9;
    public static final long INTERRUPT_SOFT_OFFSET = 10;
    public static final long INTERRUPT_SHADOW_OFFSET = 11;
    public static final long NMI_INJECTED_OFFSET = 12;
    public static final long NMI_PENDING_OFFSET = 13;
    public static final long NMI_MASKED_OFFSET = 14;
    public static final long SIPI_VECTOR_OFFSET = 16;
    public static final long FLAGS_OFFSET = 20;
    public static final long SMI_SMM_OFFSET = 24;
    public static final long SMI_PENDING_OFFSET = 25;
    public static final long SMI_INSIDE_NMI_OFFSET = 26;
    public static final long SMI_LATCHED_INIT_OFFSET = 27;
    public static final long TRIPLE_FAULT_PENDING_OFFSET = 28;
    public static final long EXCEPTION_HAS_PAYLOAD_OFFSET = 55;
    public static final long EXCEPTION_PAYLOAD_OFFSET = 56;
    public static final int VALID_NMI_PENDING = 1;
    public static final int VALID_SIPI_VECTOR = 2;
    public static final int VALID_SHADOW = 4;
    public static final int VALID_SMM = 8;
    public static final int VALID_PAYLOAD = 16;
    public static final int VALID_TRIPLE_FAULT = 32;

    /** A zeroed struct in memory of its own. */
    public KvmVcpuEvents() {
        this(allocate(SIZE));
    }

    /** A view of a struct inside other memory. */
    public KvmVcpuEvents(MemorySegment segment) {
        super(segment);
    }

    public boolean isExceptionInjected() {
        return getByte(EXCEPTION_INJECTED_OFFSET) != 0;
    }

    public void exceptionInjected(boolean value) {
        setByte(EXCEPTION_INJECTED_OFFSET, (byte) (value ? 1 : 0));
    }

    public int exceptionNr() {
        return Byte.toUnsignedInt(getByte(EXCEPTION_NR_OFFSET));
    }

    public void exceptionNr(int value) {
        setByte(EXCEPTION_NR_OFFSET, (byte) value);
    }

    public boolean isExceptionHasErrorCode() {
        return getByte(EXCEPTION_HAS_ERROR_CODE_OFFSET) != 0;
    }

    public void exceptionHasErrorCode(boolean value) {
        setByte(EXCEPTION_HAS_ERROR_CODE_OFFSET, (byte) (value ? 1 : 0));
    }

    public boolean isExceptionPending() {
        return getByte(EXCEPTION_PENDING_OFFSET) != 0;
    }

    public void exceptionPending(boolean value) {
        setByte(EXCEPTION_PENDING_OFFSET, (byte) (value ? 1 : 0));
    }

    public int exceptionErrorCode() {
        return getInt(EXCEPTION_ERROR_CODE_OFFSET);
    }

    public void exceptionErrorCode(int value) {
        setInt(EXCEPTION_ERROR_CODE_OFFSET, value);
    }

    public boolean isInterruptInjected() {
        return getByte(INTERRUPT_INJECTED_OFFSET) != 0;
    }

    public void interruptInjected(boolean value) {
        setByte(INTERRUPT_INJECTED_OFFSET, (byte) (value ? 1 : 0));
    }

    public int interruptNr() {
        return Byte.toUnsignedInt(getByte(INTERRUPT_NR_OFFSET));
    }

    public void interruptNr(int value) {
        setByte(INTERRUPT_NR_OFFSET, (byte) value);
    }

    public boolean isInterruptSoft() {
        return getByte(INTERRUPT_SOFT_OFFSET) != 0;
    }

    public void interruptSoft(boolean value) {
        setByte(INTERRUPT_SOFT_OFFSET, (byte) (value ? 1 : 0));
    }

    /** 1 after MOV SS, 2 after STI: interrupts wait for one instruction. */
    public int interruptShadow() {
        return Byte.toUnsignedInt(getByte(INTERRUPT_SHADOW_OFFSET));
    }

    public void interruptShadow(int value) {
        setByte(INTERRUPT_SHADOW_OFFSET, (byte) value);
    }

    public boolean isNmiInjected() {
        return getByte(NMI_INJECTED_OFFSET) != 0;
    }

    public void nmiInjected(boolean value) {
        setByte(NMI_INJECTED_OFFSET, (byte) (value ? 1 : 0));
    }

    public int nmiPending() {
        return Byte.toUnsignedInt(getByte(NMI_PENDING_OFFSET));
    }

    public void nmiPending(int value) {
        setByte(NMI_PENDING_OFFSET, (byte) value);
    }

    public boolean isNmiMasked() {
        return getByte(NMI_MASKED_OFFSET) != 0;
    }

    public void nmiMasked(boolean value) {
        setByte(NMI_MASKED_OFFSET, (byte) (value ? 1 : 0));
    }

    public int sipiVector() {
        return getInt(SIPI_VECTOR_OFFSET);
    }

    public void sipiVector(int value) {
        setInt(SIPI_VECTOR_OFFSET, value);
    }

    /** VALID_ constants of this class: which fields KVM_SET_VCPU_EVENTS takes. */
    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    public boolean isSmiSmm() {
        return getByte(SMI_SMM_OFFSET) != 0;
    }

    public void smiSmm(boolean value) {
        setByte(SMI_SMM_OFFSET, (byte) (value ? 1 : 0));
    }

    public boolean isSmiPending() {
        return getByte(SMI_PENDING_OFFSET) != 0;
    }

    public void smiPending(boolean value) {
        setByte(SMI_PENDING_OFFSET, (byte) (value ? 1 : 0));
    }

    public boolean isSmiInsideNmi() {
        return getByte(SMI_INSIDE_NMI_OFFSET) != 0;
    }

    public void smiInsideNmi(boolean value) {
        setByte(SMI_INSIDE_NMI_OFFSET, (byte) (value ? 1 : 0));
    }

    public boolean isSmiLatchedInit() {
        return getByte(SMI_LATCHED_INIT_OFFSET) != 0;
    }

    public void smiLatchedInit(boolean value) {
        setByte(SMI_LATCHED_INIT_OFFSET, (byte) (value ? 1 : 0));
    }

    public boolean isTripleFaultPending() {
        return getByte(TRIPLE_FAULT_PENDING_OFFSET) != 0;
    }

    public void tripleFaultPending(boolean value) {
        setByte(TRIPLE_FAULT_PENDING_OFFSET, (byte) (value ? 1 : 0));
    }

    public boolean isExceptionHasPayload() {
        return getByte(EXCEPTION_HAS_PAYLOAD_OFFSET) != 0;
    }

    public void exceptionHasPayload(boolean value) {
        setByte(EXCEPTION_HAS_PAYLOAD_OFFSET, (byte) (value ? 1 : 0));
    }

    public long exceptionPayload() {
        return getLong(EXCEPTION_PAYLOAD_OFFSET);
    }

    public void exceptionPayload(long value) {
        setLong(EXCEPTION_PAYLOAD_OFFSET, value);
    }
}

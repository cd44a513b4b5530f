package jkvm.abi;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** {@code struct kvm_fpu}: x87 and SSE registers in the layout of FXSAVE (KVM API 4.22, KVM_GET_FPU). */
public final class KvmFpu extends KvmStruct {
    public static final long SIZE = 416;
    public static final long FPR_OFFSET = 0;
    public static final long FCW_OFFSET = 128;
    public static final long FSW_OFFSET = 130;
    public static final long FTWX_OFFSET = 132;
    public static final long LAST_OPCODE_OFFSET = 134;
    public static final long LAST_IP_OFFSET = 136;
    public static final long LAST_DP_OFFSET = 144;
    public static final long XMM_OFFSET = 152;
    public static final long MXCSR_OFFSET = 408;

    /** A zeroed struct in memory of its own. */
    public KvmFpu() {
        this(allocate(SIZE));
    }

    /** A view of a struct inside other memory. */
    public KvmFpu(MemorySegment segment) {
        super(segment);
    }

    public int fcw() {
        return Short.toUnsignedInt(getShort(FCW_OFFSET));
    }

    public void fcw(int value) {
        setShort(FCW_OFFSET, (short) value);
    }

    public int fsw() {
        return Short.toUnsignedInt(getShort(FSW_OFFSET));
    }

    public void fsw(int value) {
        setShort(FSW_OFFSET, (short) value);
    }

    /** The abridged tag word of FXSAVE: a set bit marks a register in use. */
    public int ftwx() {
        return Byte.toUnsignedInt(getByte(FTWX_OFFSET));
    }

    public void ftwx(int value) {
        setByte(FTWX_OFFSET, (byte) value);
    }

    public int lastOpcode() {
        return Short.toUnsignedInt(getShort(LAST_OPCODE_OFFSET));
    }

    public void lastOpcode(int value) {
        setShort(LAST_OPCODE_OFFSET, (short) value);
    }

    public long lastIp() {
        return getLong(LAST_IP_OFFSET);
    }

    public void lastIp(long value) {
        setLong(LAST_IP_OFFSET, value);
    }

    public long lastDp() {
        return getLong(LAST_DP_OFFSET);
    }

    public void lastDp(long value) {
        setLong(LAST_DP_OFFSET, value);
    }

    /** KVM neither tells nor takes it here: it is in {@link KvmXsave#mxcsr()}. */
    public int mxcsr() {
        return getInt(MXCSR_OFFSET);
    }

    public void mxcsr(int value) {
        setInt(MXCSR_OFFSET, value);
    }

    /** The 16 bytes that hold x87 register {@code i}, 0 to 7; the value takes the first ten. */
    public MemorySegment fpr(int i) {
        return segment().asSlice(FPR_OFFSET + Objects.checkIndex(i, 8) * 16L, 16);
    }

    /** The 16 bytes of XMM register {@code i}, 0 to 15. */
    public MemorySegment xmm(int i) {
        return segment().asSlice(XMM_OFFSET + Objects.checkIndex(i, 16) * 16L, 16);
    }
}

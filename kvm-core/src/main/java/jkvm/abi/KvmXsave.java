package jkvm.abi;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct kvm_xsave}: the XSAVE area of a vCPU in the host's layout (CPUID leaf 0xD; KVM API 4.42,
 * KVM_GET_XSAVE). KVM_GET_XSAVE2 needs as many bytes as KVM_CAP_XSAVE2 says, KVM_GET_XSAVE always 4096.
 */
public final class KvmXsave extends KvmStruct {
    public static final long SIZE = 4096;
    public static final long FCW_OFFSET = 0;
    public static final long XSTATE_BV_OFFSET = 512;
    public static final long MXCSR_OFFSET = 24;

    /** A zeroed area of 4096 bytes. */
    public KvmXsave() {
        this(SIZE);
    }

    /** A zeroed area of {@code size} bytes, at least 4096. */
    public KvmXsave(long size) {
        super(allocate(Math.max(SIZE, size)));
    }

    public int fcw() {
        return Short.toUnsignedInt(getShort(FCW_OFFSET));
    }

    public void fcw(int value) {
        setShort(FCW_OFFSET, (short) value);
    }

    /** The state components that the area holds, a bit each as in XCR0. */
    public long xstateBv() {
        return getLong(XSTATE_BV_OFFSET);
    }

    public void xstateBv(long value) {
        setLong(XSTATE_BV_OFFSET, value);
    }

    public int mxcsr() {
        return getInt(MXCSR_OFFSET);
    }

    public void mxcsr(int value) {
        setInt(MXCSR_OFFSET, value);
    }

    /** Bytes of the area. */
    public long size() {
        return segment().byteSize();
    }

    /** A part of the area, such as a component at the offset that CPUID leaf 0xD gives. */
    public MemorySegment slice(long offset, long size) {
        return segment().asSlice(offset, size);
    }
}

package jkvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_dtable}: GDTR or IDTR. Lies inside {@link KvmSregs}. */
public final class KvmDtable extends KvmStruct {
    public static final long SIZE = 16;
    public static final long BASE_OFFSET = 0;
    public static final long LIMIT_OFFSET = 8;

    KvmDtable(MemorySegment segment) {
        super(segment);
    }

    public long base() {
        return getLong(BASE_OFFSET);
    }

    public void base(long value) {
        setLong(BASE_OFFSET, value);
    }

    public int limit() {
        return Short.toUnsignedInt(getShort(LIMIT_OFFSET));
    }

    public void limit(int value) {
        setShort(LIMIT_OFFSET, (short) value);
    }
}

package jkvm.abi;

import java.lang.foreign.ValueLayout;

/**
 * {@code struct kvm_signal_mask} with the kernel's 64-bit signal set: signals blocked during KVM_RUN (KVM API 4.21).
 */
public final class KvmSignalMask extends KvmStruct {
    public static final long SIZE = 12;
    public static final long LEN_OFFSET = 0;
    public static final long SIGSET_OFFSET = 4;

    /** A mask that blocks no signal. */
    public KvmSignalMask() {
        super(allocate(SIZE));
        len(Long.BYTES);
    }

    /** Bytes of the set; always 8. */
    public int len() {
        return getInt(LEN_OFFSET);
    }

    public void len(int value) {
        setInt(LEN_OFFSET, value);
    }

    /** Bit n-1 blocks signal n. */
    public long sigset() {
        return segment().get(ValueLayout.JAVA_LONG_UNALIGNED, SIGSET_OFFSET);
    }

    public void sigset(long value) {
        segment().set(ValueLayout.JAVA_LONG_UNALIGNED, SIGSET_OFFSET, value);
    }
}

package jkvm.abi;

/** {@code struct kvm_pit_state2}: the interval timer (KVM API 4.72, KVM_GET_PIT2). */
public final class KvmPitState2 extends KvmStruct {
    public static final long SIZE = 112;
    public static final long CHANNELS_OFFSET = 0;
    public static final long FLAGS_OFFSET = 72;
    public static final int HPET_LEGACY = 1;
    public static final int SPEAKER_DATA_ON = 2;

    /** A zeroed struct in memory of its own. */
    public KvmPitState2() {
        super(allocate(SIZE));
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    /** Counter {@code i}, 0 to 2. */
    public KvmPitChannelState channel(int i) {
        return new KvmPitChannelState(segment().asSlice(
                element(CHANNELS_OFFSET, i, 3, KvmPitChannelState.SIZE), KvmPitChannelState.SIZE));
    }
}

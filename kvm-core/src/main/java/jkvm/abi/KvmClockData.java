package jkvm.abi;

/** {@code struct kvm_clock_data}: the VM's kvmclock (KVM API 4.29, KVM_GET_CLOCK). */
public final class KvmClockData extends KvmStruct {
    public static final long SIZE = 48;
    public static final long CLOCK_OFFSET = 0;
    public static final long FLAGS_OFFSET = 8;
    public static final long REALTIME_OFFSET = 16;
    public static final long HOST_TSC_OFFSET = 24;
    public static final int TSC_STABLE = 2;
    public static final int REALTIME = 4;
    public static final int HOST_TSC = 8;

    /** A zeroed struct in memory of its own. */
    public KvmClockData() {
        super(allocate(SIZE));
    }

    /** Nanoseconds. */
    public long clock() {
        return getLong(CLOCK_OFFSET);
    }

    public void clock(long value) {
        setLong(CLOCK_OFFSET, value);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    /** Host CLOCK_REALTIME in nanoseconds; valid with {@link #REALTIME}. */
    public long realtime() {
        return getLong(REALTIME_OFFSET);
    }

    public void realtime(long value) {
        setLong(REALTIME_OFFSET, value);
    }

    /** Valid with {@link #HOST_TSC}. */
    public long hostTsc() {
        return getLong(HOST_TSC_OFFSET);
    }

    public void hostTsc(long value) {
        setLong(HOST_TSC_OFFSET, value);
    }
}

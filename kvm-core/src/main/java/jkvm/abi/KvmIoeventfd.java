package jkvm.abi;

/**
 * {@code struct kvm_ioeventfd}: a port or address whose writes signal an event descriptor (KVM API 4.59,
 * KVM_IOEVENTFD).
 */
public final class KvmIoeventfd extends KvmStruct {
    public static final long SIZE = 64;
    public static final long DATAMATCH_OFFSET = 0;
    public static final long ADDR_OFFSET = 8;
    public static final long LEN_OFFSET = 16;
    public static final long FD_OFFSET = 20;
    public static final long FLAGS_OFFSET = 24;
    public static final int DATAMATCH = 1;
    public static final int PIO = 2;
    public static final int DEASSIGN = 4;

    /** A zeroed struct in memory of its own. */
    public KvmIoeventfd() {
        super(allocate(SIZE));
    }

    public long datamatch() {
        return getLong(DATAMATCH_OFFSET);
    }

    public void datamatch(long value) {
        setLong(DATAMATCH_OFFSET, value);
    }

    public long addr() {
        return getLong(ADDR_OFFSET);
    }

    public void addr(long value) {
        setLong(ADDR_OFFSET, value);
    }

    /** Bytes: 1, 2, 4, 8; zero for any. */
    public int len() {
        return getInt(LEN_OFFSET);
    }

    public void len(int value) {
        setInt(LEN_OFFSET, value);
    }

    public int fd() {
        return getInt(FD_OFFSET);
    }

    public void fd(int value) {
        setInt(FD_OFFSET, value);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }
}

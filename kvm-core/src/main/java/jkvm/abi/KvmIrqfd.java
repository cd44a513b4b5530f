package jkvm.abi;

/** {@code struct kvm_irqfd}: an event descriptor that raises a GSI (KVM API 4.75, KVM_IRQFD). */
public final class KvmIrqfd extends KvmStruct {
    public static final long SIZE = 32;
    public static final long FD_OFFSET = 0;
    public static final long GSI_OFFSET = 4;
    public static final long FLAGS_OFFSET = 8;
    public static final long RESAMPLEFD_OFFSET = 12;
    public static final int DEASSIGN = 1;
    public static final int RESAMPLE = 2;

    /** A zeroed struct in memory of its own. */
    public KvmIrqfd() {
        super(allocate(SIZE));
    }

    public int fd() {
        return getInt(FD_OFFSET);
    }

    public void fd(int value) {
        setInt(FD_OFFSET, value);
    }

    public int gsi() {
        return getInt(GSI_OFFSET);
    }

    public void gsi(int value) {
        setInt(GSI_OFFSET, value);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    /** Signalled when the guest ends a level-triggered interrupt; with {@link #RESAMPLE}. */
    public int resamplefd() {
        return getInt(RESAMPLEFD_OFFSET);
    }

    public void resamplefd(int value) {
        setInt(RESAMPLEFD_OFFSET, value);
    }
}

package jkvm.abi;

/**
 * {@code struct kvm_dirty_gfn}: an entry of a vCPU's dirty ring (KVM API 8.29). The kernel sets DIRTY, the reader RESET
 * once it has taken the entry, and the kernel clears both when KVM_RESET_DIRTY_RINGS gives the entry back.
 */
public final class KvmDirtyGfn {
    public static final long SIZE = 16;
    public static final long FLAGS_OFFSET = 0;
    public static final long SLOT_OFFSET = 4;
    /** The page's number within the slot. */
    public static final long OFFSET_OFFSET = 8;
    public static final int DIRTY = 1;
    public static final int RESET = 2;
    /** Page of a vCPU's shared memory at which its ring begins (KVM_DIRTY_LOG_PAGE_OFFSET). */
    public static final int RING_PAGE = 64;

    private KvmDirtyGfn() {
    }
}

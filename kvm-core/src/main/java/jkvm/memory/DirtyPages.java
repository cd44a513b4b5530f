package jkvm.memory;

/**
 * The pages of a guest's memory that changed since its user looked last: those that vCPUs wrote, as KVM tells, and
 * those that devices wrote through {@link GuestMemory}. A VM may have several users at a time; each sees all changes
 * since its own last look. {@code Vm.trackWrites} and {@code Machine.trackWrites} open it, with vCPUs and devices
 * standing; after that any thread may call.
 *
 * <p>A page whose write is under way is told at this look or at the next one. So who copies the memory of a running
 * guest takes the pages first, then copies them, and takes the last ones when the guest stands.
 *
 * {@snippet :
 * PageBitmap changed = new PageBitmap(memory);
 * try (DirtyPages dirty = vm.trackWrites(memory)) {
 *     memory.writeInt(0x5000, 1);                        // as a device does
 *     dirty.take(changed);
 *     assert changed.contains(5) && changed.count() == 1;
 * }
 * }
 */
public final class DirtyPages implements AutoCloseable {
    private final DirtyTracking tracking;
    private final PageBitmap pending;

    DirtyPages(DirtyTracking tracking, GuestMemory memory) {
        this.tracking = tracking;
        this.pending = new PageBitmap(memory);
    }

    /** The changes that this user has not looked at. Guarded by the tracking. */
    PageBitmap pending() {
        return pending;
    }

    /**
     * Adds to a set the pages that changed since the last call, or since this was opened.
     *
     * @throws IllegalStateException after {@link #close()}
     */
    public void take(PageBitmap into) {
        tracking.take(this, into);
    }

    /**
     * This user has written to pages besides {@link GuestMemory}'s methods: all other users see that as a change, and
     * this one does not.
     */
    public void wroteBack(PageBitmap pages) {
        tracking.wroteBack(this, pages);
    }

    /** Ends this user's tracking; with the last user's, writes cost what they cost before. Twice is fine. */
    @Override
    public void close() {
        tracking.close(this);
    }
}

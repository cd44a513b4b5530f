package jkvm.memory;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The pages of a guest's RAM that are still with the process which the guest has come from, while the guest runs here
 * already. {@link GuestMemory} asks it for each access of a device, and the KVM in Java for each translation that is
 * not in a TLB: the first that needs a page requests it and waits for it. The host's memory itself is whole: no thread
 * waits inside an access, where it would keep the JVM from collecting garbage.
 *
 * <p>Any thread may call. A page is removed after its bytes are there, so that who does not find it here sees them.
 */
public final class MissingPages {
    /** A page may come, or the wait be over for another reason, without a wake-up. */
    private static final long LOOK_NANOS = 1_000_000;

    private final GuestMemory memory;
    private final PageBitmap missing;
    private final PageBitmap requested;
    private final Requests requests;
    private final Set<Thread> waiters = ConcurrentHashMap.newKeySet();
    private volatile boolean isLost;

    /** Where pages come from. */
    @FunctionalInterface
    public interface Requests {
        /** A thread waits for the page at this address: returns at once. */
        void request(long gpa);
    }

    /** An accelerator that does not touch pages before they have come. */
    public interface Host {
        /**
         * Waits from now on for pages before guests use them; the guest does not run meanwhile.
         *
         * @param hostAddress of the guest's memory in this process, by which the guest is known
         * @param pages       null for none any more
         */
        void await(long hostAddress, MissingPages pages);
    }

    /** @param missing those pages of {@code memory}, which this object removes as they come */
    public MissingPages(GuestMemory memory, PageBitmap missing, Requests requests) {
        this.memory = memory;
        this.missing = missing;
        this.requests = requests;
        requested = new PageBitmap(memory);
    }

    /**
     * Devices and guest wait for these pages from now on, before either works.
     *
     * @param host the guest's accelerator
     */
    public void begin(Host host) {
        memory.await(this);
        host.await(memory.regions().getFirst().hostAddress(), this);
    }

    /** Nothing is missing any more. */
    public void end(Host host) {
        memory.await(null);
        host.await(memory.regions().getFirst().hostAddress(), null);
    }

    /** How many pages are missing. */
    public long count() {
        return missing.count();
    }

    /** True if the page of an address is missing; false where there is no RAM. */
    public boolean has(long gpa) {
        return memory.contains(gpa, 1) && missing.contains(missing.page(gpa));
    }

    /** True once {@link #lose()} was called. */
    public boolean isLost() {
        return isLost;
    }

    /**
     * Waits until all pages of a range of one region are there.
     *
     * @throws MissingPageException if they do not come any more
     */
    void require(long gpa, long length) {
        if (length > 0) {
            long end = missing.page(gpa + length - 1);
            for (long page = missing.next(missing.page(gpa)); page >= 0 && page <= end; page = missing.next(page)) {
                long address = missing.address(page);
                if (isLost) {
                    throw new MissingPageException(address);
                }
                await(address);
            }
        }
    }

    /** Requests a missing page and waits, for a short time at most. The caller looks whether it has come. */
    public void await(long gpa) {
        long page = missing.page(gpa);
        waiters.add(Thread.currentThread());
        try {
            if (missing.contains(page)) {
                if (!isLost && !requested.contains(page)) {
                    requested.add(gpa, 1);
                    requests.request(gpa & -PageBitmap.PAGE);
                }
                LockSupport.parkNanos(this, LOOK_NANOS);
            }
        } finally {
            waiters.remove(Thread.currentThread());
        }
    }

    /** Takes pages that have come. One that is not missing keeps its content. */
    public void take(long gpa, MemorySegment bytes) {
        for (long done = 0; done < bytes.byteSize(); done += PageBitmap.PAGE) {
            if (has(gpa + done)) {
                memory.place(gpa + done, bytes, done, PageBitmap.PAGE);
                remove(gpa + done);
            }
        }
    }

    /** Takes pages that are all zero. */
    public void takeZeroes(long gpa, long count) {
        for (long at = gpa; at < gpa + count * PageBitmap.PAGE; at += PageBitmap.PAGE) {
            if (has(at)) {
                memory.clear(at);
                remove(at);
            }
        }
    }

    private void remove(long gpa) {
        missing.remove(missing.page(gpa));
        wake();
    }

    private void wake() {
        if (!waiters.isEmpty()) {
            waiters.forEach(LockSupport::unpark);
        }
    }

    /** The pages that are missing do not come any more: nobody waits for them. */
    public void lose() {
        isLost = true;
        wake();
    }
}

package jkvm.vm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmClearDirtyLog;
import jkvm.abi.KvmDirtyGfn;
import jkvm.abi.KvmDirtyLog;
import jkvm.abi.KvmIoctl;
import jkvm.linux.Mapping;

/**
 * Logs the pages that the guest writes, in slots with the flag LOG_DIRTY_PAGES: in a bitmap for a slot, or in a ring
 * for each vCPU. A VM uses the one or the other. Pages are of 4 KiB. Any thread may call.
 */
public final class VmDirtyLog {
    private static final long PAGE = 4096;
    private static final long PAGES_PER_WORD = 64;

    private final KvmFd fd;
    private final Arena arena;
    private volatile long ringSize;

    VmDirtyLog(KvmFd fd, Arena arena) {
        this.fd = fd;
        this.arena = arena;
    }

    /**
     * The pages written since the last call, which starts a new interval unless {@link #enableManualClear()} was called
     * (KVM API 4.8).
     *
     * @param pages of the slot
     * @return a bit per page, from bit 0 of element 0 on
     */
    public long[] get(int slot, long pages) {
        MemorySegment bitmap = Arena.ofAuto().allocate(bitmapSize(pages), Long.BYTES);
        read(slot, bitmap);
        return bitmap.toArray(ValueLayout.JAVA_LONG);
    }

    /** As {@link #get}, into native memory of {@link #bitmapSize} bytes. */
    public void read(int slot, MemorySegment bitmap) {
        KvmDirtyLog log = new KvmDirtyLog();
        log.slot(slot);
        log.dirtyBitmap(bitmap.address());
        try {
            fd.ioctl(KvmIoctl.GET_DIRTY_LOG, log);
        } finally {
            Reference.reachabilityFence(bitmap);
        }
    }

    /** Reads the log of a slot again and again without an allocation. For one thread at a time. */
    public final class Reader {
        private final KvmDirtyLog log = new KvmDirtyLog();
        private final MemorySegment bitmap;

        private Reader(int slot, long pages) {
            bitmap = Arena.ofAuto().allocate(bitmapSize(pages), Long.BYTES);
            log.slot(slot);
            log.dirtyBitmap(bitmap.address());
        }

        /** The pages written since the last call, as {@link VmDirtyLog#get} gives them; changed by the next call. */
        public MemorySegment read() {
            fd.ioctl(KvmIoctl.GET_DIRTY_LOG, log);
            return bitmap;
        }
    }

    /** A reader of the log of a slot of so many pages. */
    public Reader reader(int slot, long pages) {
        return new Reader(slot, pages);
    }

    /** Bytes of a bitmap for {@code pages} pages. */
    public static long bitmapSize(long pages) {
        return Math.ceilDiv(pages, PAGES_PER_WORD) * Long.BYTES;
    }

    /** Makes {@link #get} leave the log as it is, and {@link #clear} start the new interval. */
    public void enableManualClear() {
        fd.enable(KvmCap.MANUAL_DIRTY_LOG_PROTECT2, 1);
    }

    /**
     * Starts a new interval for those pages that have a bit set in {@code bitmap} (KVM API 4.117).
     *
     * @param firstPage a multiple of 64
     * @param pages     a multiple of 64, or up to the end of the slot
     * @param bitmap    native memory; its first bit is {@code firstPage}
     */
    public void clear(int slot, long firstPage, int pages, MemorySegment bitmap) {
        KvmClearDirtyLog log = new KvmClearDirtyLog();
        log.slot(slot);
        log.firstPage(firstPage);
        log.numPages(pages);
        log.dirtyBitmap(bitmap.address());
        try {
            fd.ioctl(KvmIoctl.CLEAR_DIRTY_LOG, log);
        } finally {
            Reference.reachabilityFence(bitmap);
        }
    }

    /**
     * Logs into a ring for each vCPU (KVM API 8.29). Before the first vCPU.
     *
     * @param entries of a ring, a power of two; {@link #maxRingEntries()} at most, and not fewer than some 256
     */
    public void enableRings(int entries) {
        long size = entries * KvmDirtyGfn.SIZE;
        fd.enable(ringCapability(), size);
        ringSize = size;
    }

    /** The longest ring that this KVM can have; zero if it has no rings. */
    public int maxRingEntries() {
        return (int) (fd.checkExtension(ringCapability()) / KvmDirtyGfn.SIZE);
    }

    private KvmCap ringCapability() {
        return fd.checkExtension(KvmCap.DIRTY_LOG_RING_ACQ_REL) != 0 ? KvmCap.DIRTY_LOG_RING_ACQ_REL
                : KvmCap.DIRTY_LOG_RING;
    }

    /**
     * The ring of a vCPU; ask once for each.
     *
     * @throws IllegalStateException if rings are not enabled
     */
    public DirtyRing ring(Vcpu vcpu) {
        if (ringSize == 0) {
            throw new IllegalStateException("dirty rings are not enabled");
        }
        return new DirtyRing(Mapping.map(fd.fd().syscalls(), arena, ringSize, Mapping.MAP_SHARED,
                vcpu.descriptor().number(), KvmDirtyGfn.RING_PAGE * PAGE, "dirty ring"));
    }

    /**
     * Gives the collected entries of all rings back and starts logging their pages anew.
     *
     * @return how many
     */
    public int resetRings() {
        return (int) fd.ioctl(KvmIoctl.RESET_DIRTY_RINGS, 0);
    }
}

package jkvm.soft.mmu;

/**
 * The accesses that a processor makes for itself, to descriptor tables and task state segments: with supervisor
 * privilege, whatever the context. They throw what {@link Mmu}'s accesses throw.
 */
public final class SystemAccess {
    private final Mmu mmu;

    SystemAccess(Mmu mmu) {
        this.mmu = mmu;
    }

    /** Loads 1, 2, 4 or 8 bytes. */
    public long load(long address, int size) {
        int before = enterSupervisor();
        try {
            return mmu.load(address, size);
        } finally {
            mmu.context = before;
        }
    }

    /** Stores 1, 2, 4 or 8 bytes. */
    public void store(long address, int size, long value) {
        int before = enterSupervisor();
        try {
            mmu.store(address, size, value);
        } finally {
            mmu.context = before;
        }
    }

    /** As {@link Mmu#compareAndExchange}. */
    public long compareAndExchange(long address, int size, long expected, long value) {
        int before = enterSupervisor();
        try {
            return mmu.compareAndExchange(address, size, expected, value);
        } finally {
            mmu.context = before;
        }
    }

    /** {@link Mmu#probeWrite} or, if not {@code write}, {@link Mmu#probeRead}. */
    public void check(long address, int size, boolean write) {
        int before = enterSupervisor();
        try {
            if (write) {
                mmu.probeWrite(address, size);
            } else {
                mmu.probeRead(address, size);
            }
        } finally {
            mmu.context = before;
        }
    }

    private int enterSupervisor() {
        int before = mmu.context;
        mmu.context = Mmu.SUPERVISOR;
        return before;
    }
}

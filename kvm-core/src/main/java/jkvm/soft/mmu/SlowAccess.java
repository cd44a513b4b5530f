package jkvm.soft.mmu;

import java.lang.invoke.VarHandle;

/**
 * Accesses that the TLB does not answer: the page walk, MMIO and ROM, watched code, accesses across a page end,
 * alignment checks, locked accesses that the host cannot do at once. An access has one or two parts, one in each page.
 * All checks of both parts come before the first byte moves.
 */
final class SlowAccess {
    private final Mmu mmu;
    private final PhysicalBus bus;
    private final PageWalker walker;
    /** Of the part that was translated last: physical address, to be used where the host address is 0. */
    private long physical;
    /** Held for locked accesses that the host cannot do at once; one object for all vCPUs of a VM. */
    Object splitLock = new Object();

    SlowAccess(Mmu mmu) {
        this.mmu = mmu;
        this.bus = mmu.bus;
        this.walker = mmu.walker;
    }

    long load(long address, int size) {
        checkAlignment(address, size);
        tell(address, size, false);
        int first = firstPart(address, size);
        if (first != size) {
            checkCanonical(nextPage(address));
        }
        long host = translate(address, PageWalker.READ);
        if (first == size) {
            long value = loadPart(host, physical, size);
            VarHandle.acquireFence();
            return value;
        }
        long firstPhysical = physical;
        long secondHost = translate(nextPage(address), PageWalker.READ);
        long secondPhysical = physical;
        long value = loadPart(host, firstPhysical, first);
        return value | loadPart(secondHost, secondPhysical, size - first) << 8 * first;
    }

    private long loadPart(long host, long gpa, int size) {
        return host == 0 ? bus.read(gpa, size) : HostMemory.load(host, size);
    }

    void store(long address, int size, long value) {
        checkAlignment(address, size);
        tell(address, size, true);
        int first = firstPart(address, size);
        if (first != size) {
            checkCanonical(nextPage(address));
        }
        long host = translate(address, PageWalker.WRITE);
        VarHandle.releaseFence();
        if (first == size) {
            checkPart(host, physical, size, value);
            storePart(host, physical, size, value);
            return;
        }
        long firstPhysical = physical;
        long secondHost = translate(nextPage(address), PageWalker.WRITE);
        long secondPhysical = physical;
        long firstValue = value & (1L << 8 * first) - 1;
        long secondValue = value >>> 8 * first;
        if (size < 8) {
            secondValue &= (1L << 8 * (size - first)) - 1;
        }
        checkPart(host, firstPhysical, first, firstValue);
        checkPart(secondHost, secondPhysical, size - first, secondValue);
        storePart(host, firstPhysical, first, firstValue);
        storePart(secondHost, secondPhysical, size - first, secondValue);
    }

    /** A write that needs a look afterwards waits until its instruction is executed alone. */
    private void checkPart(long host, long gpa, int size, long value) {
        if (!mmu.single && (host == 0 ? bus.writeExits(gpa, size, value) : isCode(host, size))) {
            throw Interruption.ALONE;
        }
    }

    private void storePart(long host, long gpa, int size, long value) {
        if (host == 0) {
            bus.write(gpa, size, value);
            return;
        }
        HostMemory.store(host, size, value);
        tellOfCode(host, size);
    }

    private boolean isCode(long host, int size) {
        return mmu.watch.watches(host & Mmu.PAGE_MASK) && mmu.watch.isCode(host, size);
    }

    private void tellOfCode(long host, int size) {
        if (isCode(host, size)) {
            mmu.watch.codeWritten(host, size);
        }
    }

    private void tell(long address, int size, boolean write) {
        if (mmu.accesses != null) {
            mmu.accesses.accessed(address, size, write);
        }
    }

    long compareAndExchange(long address, int size, long expected, long value) {
        checkAlignment(address, size);
        tell(address, size, true);
        long host = translate(address, PageWalker.WRITE);
        if (firstPart(address, size) == size) {
            if (host == 0) {
                checkPart(0, physical, size, value);
                bus.write(physical, size, value);
                return expected;
            }
            if (HostMemory.isAtomic(host, size)) {
                checkPart(host, physical, size, value);
                long old = HostMemory.compareAndExchange(host, size, expected, value);
                tellOfCode(host, size);
                return old;
            }
        }
        synchronized (splitLock) {
            check(address, size, PageWalker.WRITE);
            long old = load(address, size);
            if (old == expected && value != expected) {
                store(address, size, value);
            }
            VarHandle.fullFence();
            return old;
        }
    }

    boolean compareAndSet128(long address, long expectedLow, long expectedHigh, long low, long high) {
        boolean isMemory = translate(address, PageWalker.WRITE) != 0;
        synchronized (splitLock) {
            boolean equal = mmu.load64(address) == expectedLow && mmu.load64(address + 8) == expectedHigh;
            // A half of RAM that stays the same is not stored: that would undo other vCPUs' plain stores.
            if (equal && (low != expectedLow || !isMemory)) {
                mmu.store64(address, low);
            }
            if (equal && (high != expectedHigh || !isMemory)) {
                mmu.store64(address + 8, high);
            }
            VarHandle.fullFence();
            return equal;
        }
    }

    void check(long address, int size, int access) {
        if (size <= 8 && Integer.bitCount(size) == 1) {
            checkAlignment(address, size);
        }
        boolean crosses = firstPart(address, size) != size;
        if (crosses) {
            checkCanonical(nextPage(address));
        }
        translate(address, access);
        if (crosses) {
            translate(nextPage(address), access);
        }
    }

    /**
     * Translates the address of one part.
     *
     * @return the host address of its first byte; 0 where there is no memory for such an access
     */
    private long translate(long linear, int access) {
        boolean write = access == PageWalker.WRITE;
        checkCanonical(linear);
        boolean overUser = mmu.context == Mmu.SUPERVISOR_OVER_USER;
        int result = walker.walk(linear, access, mmu.isUser(), overUser);
        if (result != PageWalker.OK) {
            throw mmu.fault.of(GuestException.PF, result, linear);
        }
        long offset = linear & ~Mmu.PAGE_MASK;
        physical = walker.page | offset;
        long hostPage = write ? bus.writablePage(walker.page) : bus.readablePage(walker.page);
        if (hostPage == 0) {
            return 0;
        }
        mmu.fill(linear, hostPage, write && !mmu.watch.watches(hostPage));
        return hostPage + offset;
    }

    boolean isCanonical(long linear) {
        int unused = walker.isFiveLevel() ? 7 : 16;
        return linear << unused >> unused == linear;
    }

    void checkCanonical(long linear) {
        if (walker.isLongMode() && !isCanonical(linear)) {
            mmu.fault.of(GuestException.GP, 0);
            mmu.fault.notCanonical = true;
            throw mmu.fault;
        }
    }

    private void checkAlignment(long address, int size) {
        if (mmu.context == Mmu.USER_ALIGNED && (address & size - 1) != 0) {
            checkCanonical(address);
            throw mmu.fault.of(GuestException.AC, 0);
        }
    }

    private static int firstPart(long address, int size) {
        return (int) Math.min(size, 0x1000 - (address & 0xFFF));
    }

    private long nextPage(long address) {
        long next = (address & Mmu.PAGE_MASK) + 0x1000;
        return mmu.wraps && next == 1L << 32 ? 0 : next;
    }
}

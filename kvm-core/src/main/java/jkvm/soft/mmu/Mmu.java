package jkvm.soft.mmu;

import static jkvm.soft.mmu.HostMemory.HOST;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import jkvm.soft.observe.SoftObserver;

/**
 * A vCPU's memory management unit: translates linear to host addresses by a software TLB ({@link Tlb}), and by the page
 * walk ({@link PageWalker}) after a miss. All accesses of guest code to memory come through here. Belongs to its vCPU's
 * thread.
 *
 * <p>For data the TLB is three arrays: the linear page that an entry may be read at, the one that it may be written at,
 * and the difference from linear to host address. A hit is one comparison, which an access across a page end fails by
 * itself. Each of the contexts (supervisor, user, supervisor that may touch user pages) has entries of its own, so that
 * a change of privilege costs nothing. An access that is not plain RAM (MMIO, ROM writes, pages that hold decoded code,
 * a page not yet marked dirty) has no tag and takes the slow path ({@link SlowAccess}).
 *
 * <p>Values are zero-extended longs, little-endian. Loads keep x86's order among themselves, stores too: the fences
 * bind the compiler, and cost the processor nothing.
 *
 * <p>Every access may throw the vCPU's {@link GuestException} (#PF; #GP for an address that is not canonical; #AC) or
 * an {@link Interruption}; then no byte is changed.
 */
public final class Mmu {
    /** Entries of one context: a power of two. With a quarter of them a Linux that boots walks ten times as often. */
    public static final int ENTRIES = 4096;
    /**
     * {@link #context}: index of the first entry of supervisor, user, and supervisor with access to user pages. The
     * last is user with alignment checks: it has no tags, so that each access takes the slow path, which checks.
     */
    public static final int SUPERVISOR = 0, USER = ENTRIES, SUPERVISOR_OVER_USER = 2 * ENTRIES,
            USER_ALIGNED = 3 * ENTRIES;
    public static final long PAGE_MASK = ~0xFFFL;

    private final Tlb tlb = new Tlb();
    final long[] readTag = tlb.readTag;
    final long[] writeTag = tlb.writeTag;
    final long[] addend = tlb.addend;

    final PhysicalBus bus;
    final GuestException fault;
    final PageWalker walker;
    /** Accesses that the processor makes for itself, not for an instruction's operand. */
    public final SystemAccess system = new SystemAccess(this);
    private final SlowAccess slow;
    private final BulkAccess bulk;
    CodeWatch watch = CodeWatch.NONE;
    /** Null but while data breakpoints are armed; then the TLB stays empty. */
    AccessWatch accesses;
    /** Index of the first entry of the context in force; see the constants. */
    public int context = SUPERVISOR;
    /** True while one instruction is executed alone and may do what needs a look afterwards. */
    public boolean single;
    /** Linear addresses end at 4 GiB and begin again: all but 64-bit code. */
    public boolean wraps = true;
    /** Counts the changes of translations: a remembered translation is valid while the count is the same. */
    public int translations;

    /** @param fault the vCPU's exception object, thrown for page faults and addresses that are not canonical */
    public Mmu(PhysicalBus bus, GuestException fault) {
        this.bus = bus;
        this.fault = fault;
        walker = new PageWalker(bus);
        slow = new SlowAccess(this);
        bulk = new BulkAccess(this);
        configure(0, 0, 0, 0);
    }

    /** Shares the lock of accesses that the host cannot do atomically with the VM's other vCPUs. */
    public void shareSplitLock(Object lock) {
        slow.splitLock = lock;
    }

    /** Sets the watch that is told of writes to code; without one, pages are not watched. */
    public void watchCode(CodeWatch watch) {
        this.watch = watch;
    }

    /** The TLB's array of pages that may be read, for compiled code; as long as the MMU lives. */
    public long[] readTags() {
        return readTag;
    }

    /** The TLB's array of pages that may be written. */
    public long[] writeTags() {
        return writeTag;
    }

    /** The TLB's array of differences from linear to host addresses. */
    public long[] addends() {
        return addend;
    }

    /**
     * Sends all accesses on the slow path and tells of them, for data breakpoints; null for none.
     */
    public void watchAccesses(AccessWatch watch) {
        if (accesses != watch) {
            accesses = watch;
            flushAll();
        }
    }

    /** Width of physical addresses, 32 to 52: bits of page-table entries from there on are reserved. 40 at first. */
    public void physicalBits(int bits) {
        walker.physicalBits(bits);
    }

    /** Tells an observer of walks and of changes of the TLB; null for none. */
    public void observe(SoftObserver observer) {
        walker.observer = observer;
    }

    /** Takes over the control registers that paging depends on, whatever changed, and forgets all translations. */
    public void configure(long cr0, long cr3, long cr4, long efer) {
        walker.configure(cr0, cr3, cr4, efer);
        flushAll();
    }

    /** Loads CR3: forgets the translations of pages that are not global. */
    public void changeRoot(long cr3) {
        walker.changeRoot(cr3);
        flushNonGlobal();
    }

    /**
     * Reads the four pointer entries of PAE paging at {@code cr3}, for control registers that are about to be loaded.
     *
     * @return false if a reserved bit is set: #GP for the load
     */
    public boolean loadPdptes(long cr3) {
        return walker.loadPdptes(cr3);
    }

    /** PAE's pointer entry in force. */
    public long pdpte(int i) {
        return walker.pdpte(i);
    }

    /** Sets PAE's pointer entry, when a saved state is loaded. */
    public void pdpte(int i, long value) {
        walker.pdpte(i, value);
    }

    /** Forgets all translations. */
    public void flushAll() {
        tlb.flushAll();
        flushed();
    }

    private void flushed() {
        walker.flushTables();
        translations++;
        if (walker.observer != null) {
            walker.observer.tlbFlushed();
        }
    }

    /** Forgets the translations of pages that are not global. */
    public void flushNonGlobal() {
        tlb.flushNonGlobal();
        flushed();
    }

    /** Forgets the translation of the page at {@code linear} (INVLPG), of a large page as a whole. */
    public void invalidatePage(long linear) {
        if (tlb.flushPage(linear)) {
            walker.flushTables();
            translations++;
        } else {
            flushAll();
        }
    }

    /** Makes writes to this host page, whose code is decoded, ask the {@link CodeWatch}. */
    public void protectCode(long hostPage) {
        tlb.protect(hostPage);
    }

    /** Enters the page that the walker has just found into the TLB. */
    void fill(long linear, long hostPage, boolean write) {
        if (context != USER_ALIGNED && accesses == null) {
            tlb.fill(linear, context, hostPage, write, walker);
            tellOfFill(linear, write ? PageWalker.WRITE : PageWalker.READ);
        }
    }

    private void tellOfFill(long linear, int access) {
        if (walker.observer != null) {
            walker.observer.tlbFilled(linear, PageWalker.kind(access), walker.page);
        }
    }

    /**
     * The host address of the page that instructions at {@code linear} are fetched from, whose permission to execute is
     * checked.
     *
     * @throws GuestException for a page fault, or an address that is not canonical
     * @throws Interruption   {@link Interruption#FETCH} where there is no memory
     */
    public long executablePage(long linear) {
        boolean user = isUser();
        long known = tlb.fetchPage(linear, user);
        if (known != 0) {
            return known;
        }
        slow.checkCanonical(linear);
        int result = walker.walk(linear, PageWalker.FETCH, user, false);
        if (result != PageWalker.OK) {
            throw fault.of(GuestException.PF, result, linear);
        }
        long host = bus.readablePage(walker.page);
        if (host == 0) {
            throw Interruption.FETCH;
        }
        tlb.fillFetch(linear, user, host, walker);
        tellOfFill(linear, PageWalker.FETCH);
        return host;
    }

    boolean isUser() {
        return (context & USER) != 0;
    }

    int index(long address) {
        return (int) (address >>> 12) & ENTRIES - 1 | context;
    }

    public long load8(long address) {
        int i = (int) (address >>> 12) & ENTRIES - 1 | context;
        if (readTag[i] == (address & PAGE_MASK)) {
            byte value = HOST.get(ValueLayout.JAVA_BYTE, address + addend[i]);
            VarHandle.acquireFence();
            return value & 0xFF;
        }
        return slow.load(address, 1);
    }

    public long load16(long address) {
        int i = (int) (address >>> 12) & ENTRIES - 1 | context;
        if (readTag[i] == (address + 1 & PAGE_MASK)) {
            short value = HOST.get(ValueLayout.JAVA_SHORT_UNALIGNED, address + addend[i]);
            VarHandle.acquireFence();
            return value & 0xFFFF;
        }
        return slow.load(address, 2);
    }

    public long load32(long address) {
        int i = (int) (address >>> 12) & ENTRIES - 1 | context;
        if (readTag[i] == (address + 3 & PAGE_MASK)) {
            int value = HOST.get(ValueLayout.JAVA_INT_UNALIGNED, address + addend[i]);
            VarHandle.acquireFence();
            return value & 0xFFFFFFFFL;
        }
        return slow.load(address, 4);
    }

    public long load64(long address) {
        int i = (int) (address >>> 12) & ENTRIES - 1 | context;
        if (readTag[i] == (address + 7 & PAGE_MASK)) {
            long value = HOST.get(ValueLayout.JAVA_LONG_UNALIGNED, address + addend[i]);
            VarHandle.acquireFence();
            return value;
        }
        return slow.load(address, 8);
    }

    /** Loads 1, 2, 4 or 8 bytes. */
    public long load(long address, int size) {
        return switch (size) {
            case 1 -> load8(address);
            case 2 -> load16(address);
            case 4 -> load32(address);
            default -> load64(address);
        };
    }

    public void store8(long address, long value) {
        int i = (int) (address >>> 12) & ENTRIES - 1 | context;
        if (writeTag[i] == (address & PAGE_MASK)) {
            VarHandle.releaseFence();
            HOST.set(ValueLayout.JAVA_BYTE, address + addend[i], (byte) value);
        } else {
            slow.store(address, 1, value);
        }
    }

    public void store16(long address, long value) {
        int i = (int) (address >>> 12) & ENTRIES - 1 | context;
        if (writeTag[i] == (address + 1 & PAGE_MASK)) {
            VarHandle.releaseFence();
            HOST.set(ValueLayout.JAVA_SHORT_UNALIGNED, address + addend[i], (short) value);
        } else {
            slow.store(address, 2, value);
        }
    }

    public void store32(long address, long value) {
        int i = (int) (address >>> 12) & ENTRIES - 1 | context;
        if (writeTag[i] == (address + 3 & PAGE_MASK)) {
            VarHandle.releaseFence();
            HOST.set(ValueLayout.JAVA_INT_UNALIGNED, address + addend[i], (int) value);
        } else {
            slow.store(address, 4, value);
        }
    }

    public void store64(long address, long value) {
        int i = (int) (address >>> 12) & ENTRIES - 1 | context;
        if (writeTag[i] == (address + 7 & PAGE_MASK)) {
            VarHandle.releaseFence();
            HOST.set(ValueLayout.JAVA_LONG_UNALIGNED, address + addend[i], value);
        } else {
            slow.store(address, 8, value);
        }
    }

    /** Stores 1, 2, 4 or 8 bytes. */
    public void store(long address, int size, long value) {
        switch (size) {
            case 1 -> store8(address, value);
            case 2 -> store16(address, value);
            case 4 -> store32(address, value);
            default -> store64(address, value);
        }
    }

    /**
     * A locked access: compares and exchanges 1, 2, 4 or 8 bytes atomically, with a full fence. Faults as a write, even
     * if the operand differs. An operand that crosses the end of an aligned word of 8 bytes is locked against other
     * such operands of the VM's vCPUs only. On MMIO it is a write.
     *
     * @param expected zero-extended
     * @return what was there, zero-extended: {@code expected} if {@code value} is there now
     */
    public long compareAndExchange(long address, int size, long expected, long value) {
        int i = (int) (address >>> 12) & ENTRIES - 1 | context;
        long host = address + addend[i];
        if (writeTag[i] == (address + size - 1 & PAGE_MASK) && HostMemory.isAtomic(host, size)) {
            return HostMemory.compareAndExchange(host, size, expected, value);
        }
        return slow.compareAndExchange(address, size, expected, value);
    }

    /**
     * A locked access to 16 bytes (CMPXCHG16B; the caller has checked the alignment). Atomic among the VM's vCPUs'
     * accesses of this kind.
     */
    public boolean compareAndSet128(long address, long expectedLow, long expectedHigh, long low, long high) {
        return slow.compareAndSet128(address, expectedLow, expectedHigh, low, high);
    }

    /**
     * Copies upwards, as repeated moves of {@code size} bytes do, as much as is plain RAM in the TLB inside one page
     * each and not overlapped by what the copy itself writes.
     *
     * @return the bytes copied, a multiple of {@code size}; 0 if that is none
     */
    public int copyPlain(long destination, long source, int size, int bytes) {
        return bulk.copy(destination, source, size, bytes);
    }

    /** Stores {@code value}, of {@code size} bytes, again and again upwards, as {@link #copyPlain} does. */
    public int fillPlain(long destination, int size, long value, int bytes) {
        return bulk.fill(destination, size, value, bytes);
    }

    /** Throws the exception that a write of {@code size} bytes, at most 4096, would throw; writes nothing. */
    public void probeWrite(long address, int size) {
        if (writeTag[index(address)] != (address + size - 1 & PAGE_MASK)) {
            slow.check(address, size, PageWalker.WRITE);
        }
    }

    /** Throws the exception that a read of {@code size} bytes, at most 4096, would throw. */
    public void probeRead(long address, int size) {
        if (readTag[index(address)] != (address + size - 1 & PAGE_MASK)) {
            slow.check(address, size, PageWalker.READ);
        }
    }

    /**
     * The physical address of {@code linear} for a supervisor's read, or -1. Sets accessed bits in the tables, as
     * KVM_TRANSLATE does; never throws.
     */
    public long translate(long linear) {
        try {
            if (walker.isLongMode() && !slow.isCanonical(linear)) {
                return -1;
            }
            int result = walker.walk(linear, PageWalker.READ, false, true);
            return result == PageWalker.OK ? walker.page | linear & ~PAGE_MASK : -1;
        } catch (Interruption e) {
            return -1;
        }
    }
}

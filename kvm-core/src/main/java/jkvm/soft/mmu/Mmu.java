package jkvm.soft.mmu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * A vCPU's memory management unit: linear to host addresses through a software TLB, with the page walk behind it. All
 * accesses of guest code to memory come through here. Belongs to its vCPU's thread.
 *
 * <p>The TLB is three arrays: the linear page that an entry may be read at, the one that it may be written at, and the
 * difference from linear to host address. A hit is one comparison, which an access across a page end fails by itself.
 * Each of the three contexts (supervisor, user, supervisor that may touch user pages) has entries of its own, so that a
 * change of privilege costs nothing. What is no plain access to RAM (MMIO, ROM writes, pages that hold decoded code, a
 * page not yet marked dirty) has no tag and takes the slow path.
 *
 * <p>Values are zero-extended longs, little-endian. Loads keep x86's order among themselves, stores too: the fences
 * bind the compiler, and cost the processor nothing.
 */
@SuppressWarnings("restricted")
public final class Mmu {
    /** Entries of one context: a power of two. */
    public static final int ENTRIES = 1024;
    /** {@link #context}: index of the first entry of supervisor, user, and supervisor with access to user pages. */
    public static final int SUPERVISOR = 0, USER = ENTRIES, SUPERVISOR_OVER_USER = 2 * ENTRIES;
    public static final long PAGE_MASK = ~0xFFFL;
    private static final long NO_TAG = 1;
    /** All of the process's memory: host addresses are checked before they enter the TLB. */
    private static final MemorySegment HOST = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    final long[] readTag = new long[3 * ENTRIES];
    final long[] writeTag = new long[3 * ENTRIES];
    final long[] addend = new long[3 * ENTRIES];
    final PhysicalBus bus;
    final GuestException fault;
    /** Index of the first entry of the context in force; see the constants. */
    public int context = SUPERVISOR;
    /** True while one instruction is executed alone and may do what needs a look afterwards. */
    public boolean single;

    /** @param fault the vCPU's exception object, thrown for page faults and addresses that are not canonical */
    public Mmu(PhysicalBus bus, GuestException fault) {
        this.bus = bus;
        this.fault = fault;
        flushAll();
    }

    /** Forgets all translations. */
    public void flushAll() {
        Arrays.fill(readTag, NO_TAG);
        Arrays.fill(writeTag, NO_TAG);
    }

    public long load8(long address) {
        int i = (int) (address >>> 12) & ENTRIES - 1 | context;
        if (readTag[i] == (address & PAGE_MASK)) {
            byte value = HOST.get(ValueLayout.JAVA_BYTE, address + addend[i]);
            VarHandle.acquireFence();
            return value & 0xFF;
        }
        return slowLoad(address, 1);
    }

    public long load64(long address) {
        int i = (int) (address >>> 12) & ENTRIES - 1 | context;
        if (readTag[i] == (address + 7 & PAGE_MASK)) {
            long value = HOST.get(ValueLayout.JAVA_LONG_UNALIGNED, address + addend[i]);
            VarHandle.acquireFence();
            return value;
        }
        return slowLoad(address, 8);
    }

    private long slowLoad(long address, int size) {
        throw new UnsupportedOperationException();
    }
}

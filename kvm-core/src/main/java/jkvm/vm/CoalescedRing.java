package jkvm.vm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import jkvm.abi.KvmCoalescedMmioRing;

/** The ring in which KVM collects writes to coalesced zones (KVM API 4.116). One reader at a time. */
public final class CoalescedRing {
    /** Takes the collected writes, oldest first. */
    @FunctionalInterface
    public interface Reader {
        /**
         * The guest wrote to a coalesced zone.
         *
         * @param port   a port write instead of a memory write
         * @param length 1, 2, 4 or 8
         */
        void write(boolean port, long address, int length, long value);
    }

    private static final long PAGE = 4096;
    private static final VarHandle INDEX = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment ring;

    /** @param page of the vCPU's shared memory that the ring is */
    CoalescedRing(MemorySegment shared, int page) {
        this(shared.asSlice(page * PAGE, PAGE));
    }

    CoalescedRing(MemorySegment ring) {
        this.ring = ring;
    }

    /**
     * Hands over what is in the ring, at most one lap, and makes room for more.
     *
     * @return how many writes there were
     */
    public int drain(Reader reader) {
        int first = ring.get(ValueLayout.JAVA_INT, KvmCoalescedMmioRing.FIRST_OFFSET);
        int count = 0;
        while (count < KvmCoalescedMmioRing.CAPACITY
                && first != (int) INDEX.getAcquire(ring, KvmCoalescedMmioRing.LAST_OFFSET)) {
            long entry = KvmCoalescedMmioRing.ENTRIES_OFFSET + first * KvmCoalescedMmioRing.ENTRY_SIZE;
            long address = ring.get(ValueLayout.JAVA_LONG, entry + KvmCoalescedMmioRing.ENTRY_PHYS_ADDR_OFFSET);
            int length = ring.get(ValueLayout.JAVA_INT, entry + KvmCoalescedMmioRing.ENTRY_LEN_OFFSET);
            boolean port = ring.get(ValueLayout.JAVA_INT, entry + KvmCoalescedMmioRing.ENTRY_PIO_OFFSET) != 0;
            long data = ring.get(ValueLayout.JAVA_LONG, entry + KvmCoalescedMmioRing.ENTRY_DATA_OFFSET);
            first = (first + 1) % KvmCoalescedMmioRing.CAPACITY;
            INDEX.setRelease(ring, KvmCoalescedMmioRing.FIRST_OFFSET, first);
            reader.write(port, address, length, length >= Long.BYTES ? data : data & (1L << 8 * length) - 1);
            count++;
        }
        return count;
    }
}

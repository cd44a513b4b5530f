package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import jkvm.abi.KvmCoalescedMmioRing;
import jkvm.abi.KvmDirtyGfn;
import org.junit.jupiter.api.Test;

class RingTest {
    private final MemorySegment page = Arena.ofAuto().allocate(4096, 4096);
    private final CoalescedRing coalesced = new CoalescedRing(page);
    private final MemorySegment gfns = Arena.ofAuto().allocate(4 * KvmDirtyGfn.SIZE, 8);
    private final DirtyRing dirty = new DirtyRing(gfns);
    private int last;

    /** Adds a coalesced write to the ring, as the kernel does. */
    private void write(long address, int length, long value) {
        long entry = KvmCoalescedMmioRing.ENTRIES_OFFSET + last * KvmCoalescedMmioRing.ENTRY_SIZE;
        page.set(ValueLayout.JAVA_LONG, entry + KvmCoalescedMmioRing.ENTRY_PHYS_ADDR_OFFSET, address);
        page.set(ValueLayout.JAVA_INT, entry + KvmCoalescedMmioRing.ENTRY_LEN_OFFSET, length);
        page.set(ValueLayout.JAVA_LONG, entry + KvmCoalescedMmioRing.ENTRY_DATA_OFFSET, value);
        last = (last + 1) % KvmCoalescedMmioRing.CAPACITY;
        page.set(ValueLayout.JAVA_INT, KvmCoalescedMmioRing.LAST_OFFSET, last);
    }

    @Test
    void shouldHandOverCoalescedWritesInOrderAndPastTheEndOfTheRing() {
        List<Long> values = new ArrayList<>();
        for (int i = 0; i < 3 * KvmCoalescedMmioRing.CAPACITY; i++) {
            write(0x1000, 8, i);
            if (i % 100 == 99) {
                coalesced.drain((port, address, length, value) -> values.add(value));
            }
        }
        coalesced.drain((port, address, length, value) -> values.add(value));

        assertEquals(IntStream.range(0, 510).mapToObj(i -> (long) i).toList(), values);
    }

    @Test
    void shouldMaskTheBytesThatTheGuestDidNotWrite() {
        List<Long> values = new ArrayList<>();
        write(0x1000, 1, -1);
        write(0x1000, 4, -1);
        write(0x1000, 8, -1);

        coalesced.drain((port, address, length, value) -> values.add(value));

        assertEquals(List.of(0xffL, 0xffff_ffffL, -1L), values);
    }

    @Test
    void shouldEndAfterOneLapWhateverTheRingSays() {
        page.set(ValueLayout.JAVA_INT, KvmCoalescedMmioRing.LAST_OFFSET, 0x7fff_ffff);

        assertEquals(KvmCoalescedMmioRing.CAPACITY, coalesced.drain((port, address, length, value) -> { }));
    }

    /** Adds a dirty page to the ring, as the kernel does. */
    private void dirty(int entry, long pageNumber) {
        gfns.set(ValueLayout.JAVA_LONG, entry * KvmDirtyGfn.SIZE + KvmDirtyGfn.OFFSET_OFFSET, pageNumber);
        gfns.set(ValueLayout.JAVA_INT, entry * KvmDirtyGfn.SIZE, KvmDirtyGfn.DIRTY);
    }

    @Test
    void shouldCollectDirtyPagesOnceAndWaitForTheReset() {
        List<Long> pages = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            dirty(i, 10 + i);
        }

        assertEquals(4, dirty.collect((slot, number) -> pages.add(number)));
        assertEquals(0, dirty.collect((slot, number) -> pages.add(number)), "taken, not reset");
        assertEquals(KvmDirtyGfn.DIRTY | KvmDirtyGfn.RESET, gfns.get(ValueLayout.JAVA_INT, 0));
        gfns.fill((byte) 0);
        dirty(0, 20);
        assertEquals(1, dirty.collect((slot, number) -> pages.add(number)));

        assertEquals(List.of(10L, 11L, 12L, 13L, 20L), pages);
    }
}

package jkvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageBitmapTest {
    private static final long HIGH = 0x1_0000_0000L;
    private static final long PAGE = PageBitmap.PAGE;

    private final GuestMemory memory = new GuestMemory(List.of(region(0, 3), region(HIGH, 200)));
    private final PageBitmap pages = new PageBitmap(memory);

    private static MemoryRegion region(long start, long pages) {
        return new MemoryRegion(start, Arena.ofAuto().allocate(pages * PAGE, PAGE));
    }

    private List<Long> all() {
        List<Long> all = new ArrayList<>();
        for (long page = pages.next(0); page >= 0; page = pages.next(page + 1)) {
            all.add(page);
        }
        return all;
    }

    @Test
    void shouldNumberPagesThroughAllRegions() {
        assertEquals(203, pages.pages());
        for (long page = 0; page < 203; page++) {
            long address = page < 3 ? page * PAGE : HIGH + (page - 3) * PAGE;
            assertEquals(address, pages.address(page));
            assertEquals(page, pages.page(address + PAGE - 1));
        }
        assertThrows(GuestAddressException.class, () -> pages.page(3 * PAGE));
    }

    @Test
    void shouldAddEachPageThatARangeTouches() {
        pages.add(PAGE - 1, 2);
        pages.add(HIGH + 60 * PAGE, 70 * PAGE);
        pages.add(2 * PAGE, 0);

        List<Long> expected = new ArrayList<>(List.of(0L, 1L));
        for (long page = 63; page < 133; page++) {
            expected.add(page);
        }
        assertEquals(expected, all());
        assertEquals(72, pages.count());
        assertFalse(pages.contains(2));
    }

    @Test
    void shouldTakeABitmapThatBeginsAtAnyPage() {
        MemorySegment bitmap = MemorySegment.ofArray(new long[] {0x8000_0000_0000_0001L, 1});

        pages.addBits(5, bitmap);

        assertEquals(List.of(5L, 68L, 69L), all());
    }

    @Test
    void shouldHaveEachPageInOneSetAfterAMove() {
        PageBitmap target = new PageBitmap(memory);
        target.add(PAGE, 1);
        pages.add(0, 1);
        pages.add(HIGH + 199 * PAGE, 1);

        pages.moveTo(target);

        assertEquals(-1, pages.next(0));
        assertEquals(3, target.count());
        assertTrue(target.contains(202));
    }

    @Test
    void shouldAddAndRemoveAllPages() {
        pages.addAll();
        assertEquals(203, pages.count());

        pages.remove(64);
        assertEquals(65, pages.next(64));

        pages.clear();
        assertEquals(0, pages.count());
    }
}

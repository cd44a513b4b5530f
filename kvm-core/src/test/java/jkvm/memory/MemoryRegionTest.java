package jkvm.memory;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class MemoryRegionTest {
    private final MemoryRegion region = new MemoryRegion(0x1000, MemorySegment.ofArray(new byte[0x1000]));

    @Test
    void shouldContainOnlyWhatLiesWhollyInside() {
        assertTrue(region.contains(0x1000, 0x1000));
        assertTrue(region.contains(0x1ff8, 8));
        assertFalse(region.contains(0x1ff9, 8));
        assertFalse(region.contains(0xfff, 2));
    }

    @Test
    void shouldNotContainLengthsThatWrap() {
        assertFalse(region.contains(0x1001, Long.MAX_VALUE));
        assertFalse(region.contains(0x1001, -1));
        assertFalse(region.contains(-1, 2));
    }
}

package jkvm.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AddressSpaceTest {
    private final AddressSpace space = new AddressSpace("port");

    /** Reads as its own number plus the offset, and remembers what was written. */
    private static final class Probe implements IoHandler {
        private final int base;
        private final List<String> writes = new ArrayList<>();

        Probe(int base) {
            this.base = base;
        }

        @Override
        public long read(long offset, int size) {
            return base + offset;
        }

        @Override
        public void write(long offset, int size, long value) {
            writes.add(offset + "/" + size + "=" + Long.toHexString(value));
        }
    }

    @Test
    void shouldHandOffsetsFromTheStartOfTheRange() {
        space.add(new AddressRange(0x3f8, 8), new Probe(0x10));
        assertEquals(0x10, space.dispatchRead(0x3f8, 1));
        assertEquals(0x17, space.dispatchRead(0x3ff, 1));
    }

    @Test
    @DisplayName("an unknown port reads as all ones, drops writes, and is counted")
    void shouldReadAllOnesWhereThereIsNoDevice() {
        space.add(new AddressRange(0x3f8, 8), new Probe(0x10));
        assertEquals(-1, space.dispatchRead(0x3f7, 1));
        assertEquals(-1, space.dispatchRead(0x400, 4));
        space.dispatchWrite(0x80, 1, 7);
        assertEquals(3, space.unassignedAccesses());
    }

    @Test
    @DisplayName("an access that straddles a device's end reads as all ones, drops writes, and is counted")
    void shouldRefuseAccessesThatStraddleTheEndOfARange() {
        Probe probe = new Probe(0);
        space.add(new AddressRange(0x3f8, 8), probe);
        assertEquals(-1, space.dispatchRead(0x3ff, 2));
        space.dispatchWrite(0x3fd, 4, 0x1234);
        assertEquals(List.of(), probe.writes);
        assertEquals(2, space.straddlingAccesses());
    }

    @Test
    void shouldCutAccessesOfOddSizesIntoBytes() {
        Probe probe = new Probe(0x40);
        space.add(new AddressRange(0x100, 4), probe);
        assertEquals(0x424140L, space.dispatchRead(0x100, 3));
        space.dispatchWrite(0x101, 3, 0xabcdef);
        assertEquals(List.of("1/1=ef", "2/1=cd", "3/1=ab"), probe.writes);
    }

    @Test
    void shouldShowTheRangeOfHigherPriorityAndBothSidesOfTheOther() {
        space.add(new AddressRange(0, 0x100), new Probe(0), 0);
        space.add(new AddressRange(0x40, 0x10), new Probe(0x1000), 1);
        assertEquals(0x3f, space.dispatchRead(0x3f, 1));
        assertEquals(0x1000, space.dispatchRead(0x40, 1));
        assertEquals(0x50, space.dispatchRead(0x50, 1));
    }

    @Test
    void shouldFollowMovesAndRemovals() {
        AddressSpace.Region region = space.add(new AddressRange(0x100, 0x10), new Probe(0x20));
        region.move(new AddressRange(0x200, 0x10));
        assertEquals(-1, space.dispatchRead(0x100, 1));
        assertEquals(0x21, space.dispatchRead(0x201, 1));
        region.remove();
        region.remove();
        assertEquals(-1, space.dispatchRead(0x201, 1));
    }

    @Test
    void shouldFindEachOfManyRanges() {
        for (int i = 0; i < 100; i++) {
            space.add(new AddressRange(i * 32L, 16), new Probe(i * 1000));
        }
        for (int i = 0; i < 100; i++) {
            assertEquals(i * 1000 + 15, space.dispatchRead(i * 32L + 15, 1));
            assertEquals(-1, space.dispatchRead(i * 32L + 16, 1));
        }
    }
}

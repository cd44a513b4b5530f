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
    void shouldPutAWatchBeforeDevicesThatAreThereAndThatComeAndTakeItAway() {
        Probe probe = new Probe(0x10);
        space.add(new AddressRange(0x3f8, 8), probe).ownedBy("serial0");
        List<String> seen = new ArrayList<>();
        AccessWatch watch = (handler, owner, start) -> {
            seen.add(owner + "@" + Long.toHexString(start));
            return new Probe(0x50);
        };

        space.watch(watch);
        AddressSpace.Region second = space.add(new AddressRange(0x2f8, 8), probe);

        assertEquals(0x51, space.dispatchRead(0x3f9, 1));
        assertEquals(0x51, space.dispatchRead(0x2f9, 1));
        second.move(new AddressRange(0x2e8, 8));
        assertEquals(List.of("serial0@3f8", "@2f8", "@2e8"), seen);
        space.watch(AccessWatch.NONE);
        assertEquals(0x11, space.dispatchRead(0x3f9, 1));
    }

    @Test
    void shouldTellWhoseAnAddressIs() {
        space.add(new AddressRange(0x3f8, 8), new Probe(0)).ownedBy("serial0");

        assertEquals("serial0", space.ownerOf(0x3ff));
        assertEquals("", space.ownerOf(0x400));
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
    @DisplayName("an access that crosses the end of a device's range reaches it with the bytes that lie there")
    void shouldSplitAccessesThatCrossTheEndOfARange() {
        Probe probe = new Probe(0x10);
        space.add(new AddressRange(0x3f8, 8), probe);
        assertEquals(0xff17, space.dispatchRead(0x3ff, 2));
        space.dispatchWrite(0x3fd, 4, 0x12345678);
        space.dispatchWrite(0x3ff, 2, 0xabcd);
        assertEquals(List.of("5/1=78", "6/2=3456", "7/1=cd"), probe.writes);
        assertEquals(3, space.unassignedAccesses());
    }

    @Test
    @DisplayName("an access that begins before a device's range reaches it with the bytes that lie there")
    void shouldSplitAccessesThatCrossTheStartOfARange() {
        Probe probe = new Probe(0x10);
        space.add(new AddressRange(0x3f9, 1), probe);
        assertEquals(0xffff10ffL, space.dispatchRead(0x3f8, 4));
        space.dispatchWrite(0x3f7, 4, 0x12345678);
        assertEquals(List.of("0/1=34"), probe.writes);
    }

    @Test
    @DisplayName("every width across every edge of neighbours reads what single bytes read")
    void shouldReadTheSameInOneAccessAsInBytes() {
        // given
        space.add(new AddressRange(0x100, 3), new Bytes(0x10));
        space.add(new AddressRange(0x103, 5), new Bytes(0x20));
        space.add(new AddressRange(0x10a, 8), new Bytes(0x30));
        space.add(new AddressRange(0x10c, 1), new Bytes(0x40), 1);

        for (int address = 0xf8; address < 0x118; address++) {
            for (int size = 1; size <= 8; size++) {
                long want = 0;
                for (int i = 0; i < size; i++) {
                    want |= (space.dispatchRead(address + i, 1) & 0xff) << 8 * i;
                }

                // when
                long value = space.dispatchRead(address, size);

                // then
                assertEquals(want, value & -1L >>> 64 - 8 * size, address + "/" + size);
            }
        }
    }

    /** Eight bits wide: each port reads as a number of its own. */
    private record Bytes(int base) implements ByteIoHandler {
        @Override
        public int readByte(int offset) {
            return base + offset;
        }

        @Override
        public void writeByte(int offset, int value) {
        }
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
